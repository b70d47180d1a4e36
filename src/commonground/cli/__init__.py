"""The command line: files in, files out for the engines, and the operator's commands for the site."""

import click

from commonground.cli.lazy import LazyGroup

# Each command lives in a module of its own and is imported only when called: `commonground --help` must not load a solver.
COMMANDS: dict[str, tuple[str, str]] = {
    "directory": ("commonground.cli.directory", "directory"),
    "backup": ("commonground.cli.backup", "backup"),
    "demo": ("commonground.cli.demo", "demo"),
    "health": ("commonground.cli.site", "health"),
    "equity": ("commonground.cli.equity", "equity"),
    "form": ("commonground.cli.form", "form"),
    "lottery": ("commonground.cli.lottery", "lottery"),
    "manage": ("commonground.cli.site", "manage"),
    "migrate": ("commonground.cli.site", "migrate"),
    "operator": ("commonground.cli.site", "operator"),
    "restore": ("commonground.cli.backup", "restore"),
    "serve": ("commonground.cli.site", "serve"),
    "worker": ("commonground.cli.site", "worker"),
}


@click.command(cls=LazyGroup, lazily=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="commonground")
def main() -> None:
    """Common Ground: software for school districts and charter schools that work together."""
