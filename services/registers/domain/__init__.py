"""The rules of registers: which marks are accepted, who is on a roll, when a school is open, who may be the same parent."""
