"""Other systems that are asked: `penalties` and `registers` for what a letter prints, GOV.UK Notify to print and post it."""
