"""What can be done with registers: one function each, which loads, decides, stores and says."""
