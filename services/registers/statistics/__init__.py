"""Attendance figures of a school or an authority."""
