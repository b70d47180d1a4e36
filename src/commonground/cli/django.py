"""Sets the site up for a command that needs it: settings, and a database that answers.

    @click.command("import")
    @needs_site
    def import_(...) -> None:
        from commonground.site.directory import actions  # models can be imported only now

The database is the operator's when DATABASE_URL names one. Otherwise it is this checkout's private one, which is started, and
stopped again by the last command that used it.
"""

import functools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import ParamSpec, TypeVar

import click

P = ParamSpec("P")
R = TypeVar("R")
SETTINGS = "commonground.site.config.settings"


@contextmanager
def database() -> Iterator[None]:
    """A database that answers, for as long as the block runs."""
    if find_spec("django") is None:
        raise click.ClickException('This command needs the site. Install it with: pip install "commonground[site]"')
    if os.environ.get("DATABASE_URL"):
        yield
        return
    from commonground.site.config import postgres

    os.environ.setdefault("COMMONGROUND_HTTPS", "0")
    try:
        with postgres.server().in_use():
            yield
    except postgres.PostgresError as problem:
        raise click.ClickException(str(problem)) from problem


@contextmanager
def site() -> Iterator[None]:
    """Django, ready: inside the block, models can be imported and used."""
    with database():
        import django

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
        from django.core.exceptions import ImproperlyConfigured

        try:
            django.setup()
        except ImproperlyConfigured as problem:
            raise click.ClickException(str(problem)) from problem
        yield


def needs_site(command: Callable[P, R]) -> Callable[P, R]:
    """Run the command's body inside `site()`. Goes below `@click.command` and the options."""

    @functools.wraps(command)
    def run(*arguments: P.args, **options: P.kwargs) -> R:
        with site():
            return command(*arguments, **options)

    return run
