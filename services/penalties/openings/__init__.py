"""Cases that a person opens by hand."""
