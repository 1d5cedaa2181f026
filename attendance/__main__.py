"""`python -m attendance` is the `attendance` command."""

from attendance.command_line import main

main()
