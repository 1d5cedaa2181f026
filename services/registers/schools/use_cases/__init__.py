"""What can be done: one function each, which loads, decides, stores and publishes."""
