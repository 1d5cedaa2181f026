"""Stand-ins for the providers of payments and letters, with their wire formats, for the embedded default and for demonstrations."""
