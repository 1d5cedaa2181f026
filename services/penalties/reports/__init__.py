"""What a school and its authority see over many cases: those that nobody has decided on, and how fairly and soon a school decides."""
