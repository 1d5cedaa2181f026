"""The fast path: a register of which every mark is valid and new, checked in memory and stored with others."""
