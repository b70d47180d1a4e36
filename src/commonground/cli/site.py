"""The operator's commands for the site: its processes, its database, and Django's own commands."""

import os
import subprocess
import sys
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

import click

from commonground.cli.django import SETTINGS, database, needs_site, require_site, site

# The first search after an installation would compile its loops while somebody watches it.
GET_READY = "import os; os.nice(15); from commonground.engines.formation import make_ready; make_ready()"


@click.command()
@needs_site
def migrate() -> None:
    """Bring the database to the form that this version needs. Safe to repeat; run it before `serve` and `worker`."""
    from django.core.management import call_command

    call_command("migrate", interactive=False)


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Run one of Django's own commands: `commonground manage check --deploy`."""
    with database():
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
        from django.core.management import execute_from_command_line

        execute_from_command_line(["commonground manage", *arguments])


@click.command()
@click.option("--jobs", default=4, show_default=True, help="How many jobs to run at the same time.")
@needs_site
def worker(jobs: int) -> None:
    """Run background jobs (solving, imports, mail) until told to stop with Ctrl-C or SIGTERM.

    Several at a time, so that a search of many minutes, which runs in a process of its own, holds up no reminder.
    """
    from django.core.management import call_command

    from commonground.site.config import children

    ready = children.start([sys.executable, "-c", GET_READY], stdout=subprocess.DEVNULL)
    try:
        call_command("procrastinate", "worker", concurrency=jobs)
    finally:
        children.end(ready)


@click.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="The address to listen on.")
@click.option("--workers", default=2, show_default=True, help="How many processes answer requests.")
@click.option("--threads", default=4, show_default=True, help="How many requests each of them answers at a time.")
def serve(bind: str, workers: int, threads: int) -> None:
    """Answer web requests with gunicorn, behind a proxy that adds TLS."""
    with site():
        from gunicorn.app.wsgiapp import WSGIApplication

        amounts = ["--workers", str(workers), "--threads", str(threads)]
        sys.argv = ["gunicorn", "--bind", bind, *amounts, "--no-control-socket", "commonground.site.config.wsgi"]
        WSGIApplication("%(prog)s [OPTIONS] [APP_MODULE]", prog="commonground serve").run()


@click.command()
@click.argument("email")
@click.option("--name", prompt="Your name", help="The name of the person.")
@click.option(
    "--agency", prompt="Name of the agency that hosts this site", help="An agency that is there, or a new one."
)
@needs_site
def operator(email: str, name: str, agency: str) -> None:
    """Let EMAIL sign in as platform operator and as staff of the host agency: the first account of a new site."""
    from commonground.cli.first_operator import appoint_operator

    click.echo(appoint_operator(email, name, agency))


@click.command()
@click.option("--at", default="127.0.0.1:8000", show_default=True, help="Where `serve` listens.")
def health(at: str) -> None:
    """Ask a site on this machine whether it works; fails if it does not answer or has lost its database."""
    require_site()
    from commonground.site.config.settings import SITE_URL

    asked = HTTPConnection(at, timeout=10)
    try:
        asked.request("GET", "/health/", headers={"Host": urlsplit(SITE_URL).netloc})
        answer = asked.getresponse()
        said = answer.read().decode(errors="replace")
    except (OSError, HTTPException) as problem:
        raise click.ClickException(f"The site at {at} does not answer: {problem}") from problem
    if answer.status != HTTPStatus.OK:
        raise click.ClickException(f"The site at {at} answers {answer.status}: {said[:300]}")
    click.echo(said)
