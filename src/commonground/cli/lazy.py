"""A group of commands that imports one only when it is asked for."""

import importlib
from collections.abc import Mapping
from typing import Any

import click


class LazyGroup(click.Group):
    """Knows its commands as name to (module, attribute), so that ``--help`` loads no solver."""

    def __init__(self, *args: Any, lazily: Mapping[str, tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self._lazily = lazily

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self._lazily)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._lazily:
            return None
        module, attribute = self._lazily[cmd_name]
        command: Any = getattr(importlib.import_module(module), attribute)
        return command if isinstance(command, click.Command) else None
