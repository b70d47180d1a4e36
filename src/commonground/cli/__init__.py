"""The command line: files in, files out for the engines, and the operator's commands for the site."""

import importlib
from typing import Any

import click

# Each command lives in a module of its own and is imported only when called: `commonground --help` must not load a solver.
COMMANDS: dict[str, tuple[str, str]] = {
    "directory": ("commonground.cli.directory", "directory"),
    "backup": ("commonground.cli.backup", "backup"),
    "demo": ("commonground.cli.demo", "demo"),
    "health": ("commonground.cli.site", "health"),
    "form": ("commonground.cli.form", "form"),
    "lottery": ("commonground.cli.lottery", "lottery"),
    "manage": ("commonground.cli.site", "manage"),
    "migrate": ("commonground.cli.site", "migrate"),
    "operator": ("commonground.cli.site", "operator"),
    "restore": ("commonground.cli.backup", "restore"),
    "serve": ("commonground.cli.site", "serve"),
    "worker": ("commonground.cli.site", "worker"),
}


class LazyGroup(click.Group):
    """A group that knows its commands' names and imports one only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name]
        command: Any = getattr(importlib.import_module(module), attribute)
        return command if isinstance(command, click.Command) else None


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="commonground")
def main() -> None:
    """Common Ground: software for school districts and charter schools that work together."""
