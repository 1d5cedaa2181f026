"""A family: whose parents a child has, whose children they are, and what happened to each on the same days."""
