"""The operator's commands for the site: its processes, its database, and Django's own commands."""

import os
import sys

import click

from commonground.cli.django import SETTINGS, database, needs_site, site


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
@click.option("--jobs", default=1, show_default=True, help="How many jobs to run at the same time.")
@needs_site
def worker(jobs: int) -> None:
    """Run background jobs (solving, imports, mail) until told to stop with Ctrl-C or SIGTERM."""
    from django.core.management import call_command

    call_command("procrastinate", "worker", concurrency=jobs)


@click.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="The address to listen on.")
@click.option("--workers", default=2, show_default=True, help="How many processes answer requests.")
def serve(bind: str, workers: int) -> None:
    """Answer web requests with gunicorn, behind a proxy that adds TLS."""
    with site():
        from gunicorn.app.wsgiapp import WSGIApplication

        sys.argv = ["gunicorn", "--bind", bind, "--workers", str(workers), "commonground.site.config.wsgi"]
        WSGIApplication("%(prog)s [OPTIONS] [APP_MODULE]", prog="commonground serve").run()
