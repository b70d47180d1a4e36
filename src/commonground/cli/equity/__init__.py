"""`commonground equity`: from the LEAs' files to a published report that no one can pick apart."""

import click

from commonground.cli.lazy import LazyGroup

COMMANDS: dict[str, tuple[str, str]] = {
    "compare-rules": ("commonground.cli.equity.compare", "compare_command"),
    "audit": ("commonground.cli.equity.audit", "audit_command"),
    "check": ("commonground.cli.equity.check", "check_command"),
    "convert": ("commonground.cli.equity.convert", "convert_command"),
    "report": ("commonground.cli.equity.report", "report_command"),
    "example": ("commonground.cli.equity.example", "example_command"),
}


@click.command(cls=LazyGroup, lazily=COMMANDS)
def equity() -> None:
    """The same figures for every school, by student group, published without exposing any child."""
