"""What the authority's rules recommend about one parent, and the dated policy behind it: advice to the named officer, who decides."""
