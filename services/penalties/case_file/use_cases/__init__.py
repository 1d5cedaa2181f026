"""One module for each thing that is done with a case, whoever does it."""
