"""What the demo fills an empty database with, and who can sign in there."""

import os
from collections.abc import Iterator
from importlib.util import find_spec

import click

QUESTION = "The database that DATABASE_URL names holds organizations already. Add the invented sample region to them?"


def fill(yes: bool) -> None:
    """Add the sample region to an empty database; ask before touching one that holds something else."""
    from commonground.site.directory.models import Organization

    if find_spec("commonground.site.sample") is None or any(True for _line in sign_in_lines()):
        return
    if Organization.objects.exists() and os.environ.get("DATABASE_URL"):
        click.confirm(QUESTION, abort=True) if not yes else None


def sign_in_lines() -> Iterator[str]:
    yield from ()
