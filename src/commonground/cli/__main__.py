"""`python -m commonground.cli`, for where the command itself is not on the path."""

from commonground.cli import main

main(prog_name="commonground")
