"""Jobs of the directory: reading and applying imports. Each can run again after its worker was killed."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from procrastinate.contrib.django import app

from commonground.site.directory.actions import imports
from commonground.site.directory.models import Import, Person
from commonground.site.ui import jobs


@contextmanager
def ends_even_if_it_breaks(upload: Import) -> Iterator[None]:
    """A mistake of ours fails the job, for the operator to see, and lets go of the import, which would otherwise wait for ever."""
    try:
        yield
    except Exception:
        imports.give_up(upload)
        raise


@app.task(name="directory.read_import", queue="imports")
def read_import(upload: int) -> None:
    waiting = Import.objects.get(pk=upload)
    with ends_even_if_it_breaks(waiting):
        imports.read(waiting)


@app.task(name="directory.apply_import", queue="imports")
def apply_import(upload: int, by: int | None) -> None:
    """Apply, or read once more where the directory has moved since the preview: then somebody looks again."""
    waiting = Import.objects.get(pk=upload)
    applicant = Person.objects.filter(pk=by).first() if by is not None else None
    with ends_even_if_it_breaks(waiting):
        if not imports.apply(waiting, by=applicant):
            imports.read(waiting)


@app.periodic(cron="27 3 * * *")
@app.task(name="directory.forget_sessions", queueing_lock="directory.forget_sessions")
def forget_sessions(timestamp: int) -> None:
    """Delete sessions that have ended: one can hold what somebody typed before signing in, or a file that nobody confirmed."""
    call_command("clearsessions")


def killed(upload: int, **_arguments: object) -> None:
    """The files killed the worker that read or applied them, several times: the sender hears of it."""
    found = Import.objects.filter(pk=upload).first()
    if found:
        imports.give_up(found, why=imports.KILLED)


for task in (read_import, apply_import):
    jobs.when_given_up(task.name, killed)
