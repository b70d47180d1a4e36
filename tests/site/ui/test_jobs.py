"""A job that kills its worker again and again ends, and whoever waits for it hears why."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection, connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from commonground.site.directory import tasks as directory_tasks
from commonground.site.directory.actions import imports
from commonground.site.directory.models import Person
from commonground.site.directory.roles import Role
from commonground.site.formation.actions import searches
from commonground.site.formation.models.choices import RoundState
from commonground.site.ui import jobs, mail
from commonground.site.ui.models import Letter
from tests.site.conftest import Tenant
from tests.site.formation.factories import make_round

pytestmark = pytest.mark.django_db(transaction=True)


def worker_takes_and_dies() -> None:
    """Every job is taken by a worker whose last sign of life was minutes ago."""
    with connection.cursor() as cursor:
        seen = timezone.now() - timedelta(minutes=5)
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s) RETURNING id", [seen])
        (worker,) = cursor.fetchone()
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE status = 'todo'", [worker])


def revive() -> int:
    """In a thread of its own: a browser test before this one leaves an event loop in ours."""

    def act() -> Any:
        try:
            return async_to_sync(jobs.revive)(app.job_manager)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return int(pool.submit(act).result())


def die_three_times() -> None:
    for again in (1, 1, 0):
        worker_takes_and_dies()
        assert revive() == again
    assert set(ProcrastinateJob.objects.values_list("status", flat=True)) == {"failed"}
    worker_takes_and_dies()
    assert revive() == 0


def test_a_file_that_kills_its_reader_is_given_up_and_its_sender_is_told(
    home: Tenant, signed_in: Callable[[Person | None], Client]
) -> None:
    staff = home.people[Role.AGENCY_STAFF]
    upload = imports.start(by=staff, files=[("poison.csv", b"School\n")], day=None, agency=home.agency)
    directory_tasks.read_import.defer(upload=upload.pk)
    die_three_times()
    upload.refresh_from_db()
    assert (upload.stage, upload.files.get().content) == ("faulty", None)
    page = signed_in(staff).get(reverse("directory:import", args=[upload.pk])).text
    assert "three times in a row" in page


def test_a_search_that_kills_its_worker_frees_the_round(home: Tenant) -> None:
    round = make_round(home.agency, state=RoundState.CLOSED)
    search = searches.start(round, by=home.people[Role.AGENCY_STAFF], seconds=5)
    die_three_times()
    search.refresh_from_db()
    assert (search.state, search.refusal["code"]) == ("refused", "search_broke")
    assert searches.start(round, by=home.people[Role.AGENCY_STAFF], seconds=5) != search


def test_a_mail_that_kills_its_worker_is_shown_to_staff(home: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "order", lambda letter: app.configure_task(mail.TASK).defer(letter=letter.pk))
    mail.send(to=home.people[Role.LEA_LEADER], template="directory/mail/ended.txt")
    die_three_times()
    assert Letter.objects.get().state == "refused"


def test_every_task_that_somebody_waits_for_says_how_it_ends() -> None:
    app.perform_import_paths()
    ours = {name for name, task in app.tasks.items() if name.split(".")[0] in {"ui", "directory", "formation"}}
    periodic = {job.task.name for job in app.periodic_registry.periodic_tasks.values()}
    assert ours - periodic == set(jobs._ends)
