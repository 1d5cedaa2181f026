"""Files of marks from other systems, read as entries; nothing here knows a database."""
