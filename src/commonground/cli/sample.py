"""What the demo fills its database with, and who can sign in there."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import click

QUESTION = "The database that DATABASE_URL names holds organizations already. Add the invented county to them?"


def fill(yes: bool, step: Callable[[str], AbstractContextManager[None]]) -> None:
    """Add the invented county, once; ask before it joins what an operator has."""
    from django.utils import timezone

    from commonground.site.directory.models import Organization
    from commonground.site.sample import region

    if region.exists():
        return
    if os.environ.get("DATABASE_URL") and Organization.objects.exists() and not yes:
        click.confirm(QUESTION, abort=True)
    with step("Inventing a county"):
        region.make(today=timezone.localdate())


def sign_in_lines() -> Iterator[str]:
    """One line for each ready-made sign-in; none where the county was thrown out by hand."""
    from commonground.site.sample import region

    people = list(region.sign_ins())
    if not people:
        return
    yield f"Sign in with one of these addresses; the password is {click.style(people[0].password, bold=True)}"
    widths = [max(len(getattr(one, part)) for one in people) for part in ("role", "email")]
    for one in people:
        yield f"  {one.role:{widths[0]}}  {one.email:{widths[1]}}  {one.name}"
