"""Leave of absence: asked for, decided, withdrawn."""
