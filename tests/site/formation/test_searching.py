"""Searches: one at a time, the whole result or nothing, and a worker that dies leaves the round as it was."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection, connections
from django.test import Client
from django.urls import reverse
from django.utils import translation
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from commonground.engines.formation import Progress, RuleError, check
from commonground.engines.formation.reasons import because, reason
from commonground.formats.formed import read, unpack
from commonground.site.audit.models import Entry
from commonground.site.directory.models import Organization, Person
from commonground.site.directory.models.organization import Kind, Sector
from commonground.site.directory.roles import Role
from commonground.site.formation import solver
from commonground.site.formation.actions import searches
from commonground.site.formation.actions.topics import ensure_standard
from commonground.site.formation.models import Round, Search, Topic, TopicChoice
from commonground.site.formation.models.choices import RoundState, Side
from commonground.site.formation.models.stages import RefusedError
from commonground.site.formation.queries.drafts import Table
from commonground.site.formation.queries.wording import Wording
from commonground.site.ui import jobs
from tests.site.conftest import Tenant
from tests.site.formation.factories import make_round, make_submitted

Browser = Callable[[Person | None], Client]


def county(tenant: Tenant, size: int = 6, **changes: Any) -> Round:
    """A closed round in which `size` schools, half of them charters, signed up within a few kilometers."""
    ensure_standard(tenant.agency)
    fields = {"state": RoundState.CLOSED, "share_area": False, "size_target": 2, "size_max": 3} | changes
    round = make_round(tenant.agency, **fields)
    topics = list(Topic.objects.filter(agency=tenant.agency)[:5])
    for k in range(size):
        charter = k % 2 == 1
        school = Organization.objects.create(
            kind=Kind.SCHOOL,
            name=f"School {k + 1}",
            sector=Sector.CHARTER if charter else Sector.DISTRICT,
            parent=tenant.charter if charter else tenant.district,
            latitude=37.0 + k / 100,
            longitude=-120.0,
        )
        signup = make_submitted(round, school)
        TopicChoice.objects.create(signup=signup, side=Side.NEED, topic=topics[k % 3])
        TopicChoice.objects.create(signup=signup, side=Side.STRENGTH, topic=topics[(k + 1) % 5])
    return round


def run(search: Search, watch: Callable[[Progress | None], bool] = lambda progress: True) -> Search:
    """Do what the job does, here and now."""
    order = searches.begin(search.pk)
    assert order is not None
    table = Table(order.round)
    searches.save(order, solver.search(searches.order_of(order, table), watch), table)
    search.refresh_from_db()
    return search


def test_staff_start_a_search_and_find_its_groups_as_a_proposal(home: Tenant, signed_in: Browser) -> None:
    round = county(home)
    browser = signed_in(home.people[Role.AGENCY_STAFF])
    page = browser.post(
        reverse("formation:start_search", args=[round.pk]), {"seconds": "10", "wanted": "1"}, follow=True
    )
    assert "The search starts as soon as a worker is free." in page.content.decode()
    search = run(round.searches.get())
    round.refresh_from_db()
    assert (search.state, round.state) == ("done", "proposals")
    assert search.result and search.result.current
    version = search.result.current
    assert sorted(member for row in version.groups for member in row["members"]) == sorted(Table(round).ids)
    assert version.bound is not None and version.bound >= version.score
    assert version.is_proven
    assert Entry.objects.filter(verb="groups formed").count() == 1
    assert "The groups are formed" in browser.get(search.get_absolute_url()).content.decode()
    page = browser.get(search.result.get_absolute_url())
    assert "a separate program checked the proof" in page.content.decode().lower()
    download = browser.get(reverse("formation:certificate", args=[search.result.pk])).content
    formed, table = read(unpack(download)), Table(round)
    assert (formed.market, formed.rules) == (table.market, table.rules)
    assert check(formed.market, formed.rules, formed.solution).ok
    assert not check(formed.market, formed.rules, replace(formed.solution, bound=formed.solution.score - 1)).ok


def test_a_double_click_starts_one_search(home: Tenant, signed_in: Browser) -> None:
    round = county(home)
    browser = signed_in(home.people[Role.AGENCY_STAFF])
    for _click in range(2):
        browser.post(reverse("formation:start_search", args=[round.pk]), {"seconds": "10", "wanted": "1"})
    assert round.searches.count() == 1
    assert ProcrastinateJob.objects.filter(task_name=searches.TASK).count() == 1


def test_an_open_round_is_not_searched(home: Tenant, signed_in: Browser) -> None:
    round = county(home, state=RoundState.OPEN)
    with pytest.raises(RefusedError, match="Close the sign-up first"):
        searches.start(round, by=home.people[Role.AGENCY_STAFF], seconds=10)
    page = signed_in(home.people[Role.AGENCY_STAFF]).get(reverse("formation:proposals", args=[round.pk]))
    assert "Close the sign-up on the page of the round first" in page.content.decode()


def test_the_page_shows_the_best_so_far_and_stops_asking_when_it_is_over(home: Tenant, signed_in: Browser) -> None:
    round = county(home)
    browser = signed_in(home.people[Role.AGENCY_STAFF])
    search = searches.start(round, by=home.people[Role.AGENCY_STAFF], seconds=10)
    order = searches.begin(search.pk)
    assert order is not None
    members = sorted(Table(round).ids)
    groups = tuple(searches.plans.Planned(1, tuple(members[:2]), None).group for _ in range(1))
    assert searches.report(order, Progress(3.2, 41.5, 60.0, groups))
    url = reverse("formation:search_progress", args=[search.pk])
    shown = browser.get(url)
    assert shown.status_code == 200
    assert "41.5" in shown.content.decode() and "3 of at most 10 seconds" in shown.content.decode()
    browser.post(reverse("formation:stop_search", args=[search.pk]))
    assert not searches.report(order, None)
    searches.refuse(order, None)
    over = browser.get(url)
    assert (over.status_code, over["HX-Refresh"]) == (286, "true")
    assert "Nothing was changed" in over.content.decode()


def test_several_proposals_differ_and_stand_side_by_side(home: Tenant, signed_in: Browser) -> None:
    round = county(home)
    run(searches.start(round, by=home.people[Role.AGENCY_STAFF], seconds=10, wanted=2))
    first, second = round.drafts.order_by("number")
    assert first.current and second.current
    assert first.current.groups != second.current.groups
    page = signed_in(home.people[Role.AGENCY_STAFF]).get(reverse("formation:compare", args=[round.pk]))
    assert "Only members whose partners differ" in page.content.decode()


def test_around_what_is_kept_the_rest_is_formed_again(home: Tenant, signed_in: Browser) -> None:
    round = county(home)
    staff = home.people[Role.AGENCY_STAFF]
    draft = run(searches.start(round, by=staff, seconds=10)).result
    assert draft and draft.current
    first = draft.current.groups[0]
    browser = signed_in(staff)
    browser.post(reverse("formation:change_draft", args=[draft.pk]), {"act": "keep", "group": first["id"], "seen": "1"})
    browser.post(reverse("formation:again", args=[draft.pk]))
    run(round.searches.first())
    draft.refresh_from_db()
    assert draft.current.how == "around"
    assert draft.current.is_proven
    assert sorted(first["members"]) in [sorted(row["members"]) for row in draft.current.groups]
    assert round.drafts.count() == 1


def test_stopping_keeps_the_best_so_far(home: Tenant) -> None:
    round = county(home, size=8)
    search = searches.start(round, by=home.people[Role.AGENCY_STAFF], seconds=60)
    done = run(search, watch=lambda progress: progress is None)
    assert done.state == "done"
    assert done.result and done.result.current and done.result.current.groups


def test_a_search_that_still_waits_is_taken_back(home: Tenant) -> None:
    round = county(home)
    search = searches.start(round, by=home.people[Role.AGENCY_STAFF], seconds=10)
    searches.stop(search, by=home.people[Role.AGENCY_STAFF])
    assert searches.begin(search.pk) is None
    search.refresh_from_db()
    assert search.refusal == {"code": "taken_back", "data": {}}


def test_rules_that_cannot_be_met_are_said_and_change_nothing(home: Tenant, signed_in: Browser) -> None:
    round = county(home)
    search = searches.start(round, by=home.people[Role.AGENCY_STAFF], seconds=10)
    order = searches.begin(search.pk)
    assert order is not None
    searches.refuse(order, RuleError("too_few_members", members=6, groups=4, low=2))
    round.refresh_from_db()
    assert round.state == "closed"
    page = signed_in(home.people[Role.AGENCY_STAFF]).get(search.get_absolute_url()).content.decode()
    assert "6 members cannot fill 4 groups" in page


def test_a_reason_behind_a_refusal_is_said_in_the_readers_language(home: Tenant) -> None:
    wording = Wording(county(home))
    school = {"member": str(home.school.pk), "name": home.school.name}
    refusal = RuleError("no_feasible_groups", **because(reason("nobody_ranked", **school)))
    told = json.loads(json.dumps({"code": refusal.code, "data": dict(refusal.data)}))
    with translation.override("es"):
        said = wording.say(told)
    assert "Ningún otro miembro eligió" in said and "No other member" not in said


def test_what_the_checker_finds_is_said_in_the_readers_language_and_with_names(home: Tenant) -> None:
    wording = Wording(county(home), {str(home.school.pk): home.school})
    with translation.override("es"):
        said = wording.say(reason("check_pin", members=f"{home.school.pk}, 999"))
    assert home.school.name in said and "deben quedar juntos" in said


def test_what_the_child_refuses_is_told_to_whoever_asked(home: Tenant) -> None:
    table = Table(county(home))
    impossible = replace(table.rules, unplaced_penalty=None, size_min=4, size_target=4, size_max=4)
    with pytest.raises(RuleError) as refusal:
        solver.search(solver.Order(table.market, impossible, 10), lambda progress: True)
    assert refusal.value.code == "sizes_do_not_add_up"


def test_a_child_that_dies_is_told_apart_from_an_answer(home: Tenant) -> None:
    table = Table(county(home))
    order = replace(solver.Order(table.market, table.rules, 30), wanted=1)

    def kill_it(progress: Progress | None) -> bool:
        import multiprocessing

        for child in multiprocessing.active_children():
            os.kill(child.pid or 0, signal.SIGKILL)
        return True

    with pytest.raises(solver.SearchBrokeError):
        solver.search(replace(order, seconds=30), kill_it)


def test_a_search_without_a_job_does_not_block_its_round_for_ever(home: Tenant) -> None:
    round = county(home)
    search = searches.start(round, by=home.people[Role.AGENCY_STAFF], seconds=10)
    assert searches.end_orphans() == 0
    ProcrastinateJob.objects.all().update(queueing_lock=None)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE args->>'search_id' = %s", [str(search.pk)])
    assert searches.end_orphans() == 1
    search.refresh_from_db()
    assert search.state == "refused"


def test_a_search_that_keeps_dying_is_given_up(home: Tenant) -> None:
    search = searches.start(county(home), by=home.people[Role.AGENCY_STAFF], seconds=10)
    for _attempt in range(searches.MOST_ATTEMPTS):
        assert searches.begin(search.pk)
    assert searches.begin(search.pk) is None
    search.refresh_from_db()
    assert search.state == "refused"


WORKER = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from commonground.site.formation import tasks
if len(sys.argv) > 2:  # a search that never ends, to be killed in the middle
    tasks.solver.search = lambda order, watch: [watch(None) for _ in iter(int, 1)]
from django.core.management import call_command
call_command("procrastinate", "worker", wait=len(sys.argv) > 2, delete_jobs="never")
"""


@pytest.fixture
def a_worker(transactional_db: None) -> Iterator[Callable[..., "subprocess.Popen[bytes]"]]:
    """A real worker process on the test's database."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str) -> "subprocess.Popen[bytes]":
        name = str(connection.settings_dict["NAME"])
        command = [sys.executable, "-c", WORKER, name, *arguments]
        started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def wait_for(what: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it never came about"
        time.sleep(0.2)


def revived_elsewhere() -> int:
    """What the periodic task does, in a thread of its own: a browser test before this one leaves an event loop in ours."""

    def revive() -> int:
        try:
            return async_to_sync(jobs.revive)(app.job_manager, seconds=1)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(revive).result()


def test_a_killed_worker_leaves_the_round_as_it_was_and_the_job_runs_again(
    transactional_db: None, home: Tenant, a_worker: Callable[..., "subprocess.Popen[bytes]"]
) -> None:
    round = county(home)
    search = searches.start(round, by=home.people[Role.AGENCY_STAFF], seconds=5)

    def state() -> str:
        search.refresh_from_db()
        return search.state

    worker = a_worker("endless")
    wait_for(lambda: state() == "running")
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    round.refresh_from_db()
    assert (round.state, round.drafts.count(), state()) == ("closed", 0, "running")

    time.sleep(1.5)  # the dead worker's last sign of life has to be old enough
    assert revived_elsewhere() == 1
    a_worker().wait(timeout=120)
    assert state() == "done"
    round.refresh_from_db()
    assert (round.state, round.drafts.count(), search.attempts) == ("proposals", 1, 2)
