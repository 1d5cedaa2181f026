"""Court files, as far as cases and notices follow them."""
