"""What every service knows of attendance: codes, identifiers, working days, and the numbers of the law that several print or reckon with."""
