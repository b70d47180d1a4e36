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
OLDEST_POSTGRESQL = 16
SETTINGS = "commonground.site.config.settings"


@contextmanager
def database(*, own_child: bool = False, fresh: bool = False) -> Iterator[None]:
    """A database that answers, for as long as the block runs.

    `own_child` ties a private one to this process; `fresh` throws its data away first, and is refused for the operator's.
    """
    require_site()
    if os.environ.get("DATABASE_URL"):
        if fresh:
            raise click.ClickException("DATABASE_URL names a database; empty it yourself, or unset DATABASE_URL.")
        require_answer(os.environ["DATABASE_URL"])
        yield
        return
    from commonground.site.config import postgres

    os.environ.setdefault("COMMONGROUND_HTTPS", "0")
    private = postgres.server()
    try:
        if fresh:
            private.forget()
        with private.as_own_child() if own_child else private.in_use():
            yield
    except postgres.PostgresError as problem:
        raise click.ClickException(str(problem)) from problem


def require_answer(url: str) -> None:
    """One sentence for a server that is away, a wrong password or an old version, before anything is begun."""
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            version = connection.info.server_version
    except psycopg.Error as problem:
        raise click.ClickException(f"The database that DATABASE_URL names does not answer: {problem}") from None
    if version < OLDEST_POSTGRESQL * 10_000:
        raise click.ClickException(
            f"PostgreSQL {version // 10_000} is too old; Common Ground needs {OLDEST_POSTGRESQL} or newer."
        )


def require_site() -> None:
    if find_spec("django") is None:
        raise click.ClickException(
            "This command needs the site. Install it in Common Ground's folder with: pip install '.[site]'"
        )


def configured() -> None:
    """Django with the site's settings; a wrong one is said in a sentence."""
    import django
    from django.core.exceptions import ImproperlyConfigured

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    try:
        django.setup()
    except ImproperlyConfigured as problem:
        raise click.ClickException(str(problem)) from problem


@contextmanager
def site() -> Iterator[None]:
    """Django, ready: inside the block, models can be imported and used."""
    with database():
        configured()
        yield


def needs_site(command: Callable[P, R]) -> Callable[P, R]:
    """Run the command's body inside `site()`. Goes below `@click.command` and the options."""

    @functools.wraps(command)
    def run(*arguments: P.args, **options: P.kwargs) -> R:
        with site():
            return command(*arguments, **options)

    return run
