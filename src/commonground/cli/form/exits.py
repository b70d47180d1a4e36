"""The exit codes of `form`, and the way out of a run that cannot go on."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:  # the command imports this module for its help, which must stay quick
    from commonground.tables import Problem

# 0 is done; click itself ends with 2 for wrong options.
CHECK_FAILED, INPUT_REFUSED, NOT_SOLVED, NOT_WRITTEN = 1, 3, 4, 5
_MOST_SHOWN = 60


def stop_for(problems: "Sequence[Problem]") -> NoReturn:
    for problem in problems[:_MOST_SHOWN]:
        click.echo(str(problem), err=True)
    if len(problems) > _MOST_SHOWN:
        click.echo(f"... and {len(problems) - _MOST_SHOWN} more.", err=True)
    mistakes = "1 mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
    stop(INPUT_REFUSED, f"{mistakes} in the input. Nothing was solved and nothing was written.")


def stop(code: int, said: str) -> NoReturn:
    click.echo(said, err=True)
    sys.exit(code)
