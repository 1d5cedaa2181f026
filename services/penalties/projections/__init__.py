"""What other services publish of pupils, their rolls and parents, calendars and amended marks, as it now stands."""
