"""What the demo fills an empty database with, and who can sign in there."""

import os
from collections.abc import Iterator

import click

QUESTION = "The database that DATABASE_URL names holds organizations already. Add the invented sample region to them?"


def fill(yes: bool) -> None:
    """Add the sample region to an empty database; ask before touching one that holds something else."""
    from django.utils import timezone

    from commonground.cli.demo import step
    from commonground.site.directory.models import Organization
    from commonground.site.sample import region

    if region.exists():
        return
    if Organization.objects.exists() and os.environ.get("DATABASE_URL") and not yes:
        click.confirm(QUESTION, abort=True)
    with step("Inventing a county"):
        region.make(today=timezone.localdate())


def sign_in_lines() -> Iterator[str]:
    """Who can sign in, one line each."""
    from commonground.site.sample import region

    people = list(region.sign_ins())
    if people:
        yield f"Sign in with the password {click.style(region.PASSWORD, bold=True)} as"
    for one in people:
        yield f"  {one.role:<30}{one.name:<24}{one.email}"
