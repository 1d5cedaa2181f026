"""What a school can certify about a pupil's attendance (Education Act 1996 s.566)."""
