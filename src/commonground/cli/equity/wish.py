"""What the user of `equity report` asked for, and how its steps tell of themselves."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from commonground.i18n import Say


class ReportError(Exception):
    """The report cannot be made as asked: what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for. ``rules`` is None for the rules that come with Common Ground; ``say`` translates."""

    out: Path
    title: str
    title_es: str
    made: str
    rules: Path | None
    earlier: tuple[Path, ...]
    as_before: tuple[str, ...]
    pdf: tuple[str, ...]
    workers: int
    decisions: Path | None
    say: Say


@contextmanager
def bar(label: str, length: int = 1000) -> Iterator["click._termui_impl.ProgressBar[int]"]:
    with click.progressbar(length=length, label=f"{label:<12}", file=sys.stderr) as shown:
        yield shown
        shown.update(length - shown.pos)
