"""How far a pupil takes part: attendance, engagement, persistent and severe absence."""
