"""Schools with their calendars and attendance policies, and which school continues which."""
