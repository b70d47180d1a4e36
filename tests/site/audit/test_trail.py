"""The audit trail: complete, unchangeable, readable by those whose organizations it is about."""

import ast
import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import commonground.site
from commonground.site.audit.actions import UnknownVerbError, record
from commonground.site.audit.models import Entry
from commonground.site.audit.verbs import VERBS, shown
from commonground.site.directory.models import Person
from commonground.site.directory.models.requests import RequestState
from commonground.site.directory.roles import Role
from commonground.site.formation.models.choices import RoundState
from commonground.site.formation.models.offers import Answer
from tests.site.conftest import Tenant
from tests.site.formation.factories import make_round, make_signup

Browser = Callable[[Person | None], Client]


def recorded_verbs() -> Iterator[str]:
    """What the sources record, as patterns: the first argument of `record`, `_record` and `invite`, or one called `verb`.

    Of a choice between two both count; what an f-string fills in may be anything.
    """
    for path in Path(commonground.site.__file__).parents[1].rglob("*.py"):
        for call in (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)):
            first = call.args[:1] if getattr(call.func, "id", "").endswith("record") else []
            for said in (*first, *(keyword.value for keyword in call.keywords if keyword.arg == "verb")):
                yield from patterns(said)


def patterns(said: ast.expr) -> Iterator[str]:
    if isinstance(said, ast.Constant) and isinstance(said.value, str):
        yield re.escape(said.value)
    elif isinstance(said, ast.IfExp):
        yield from (*patterns(said.body), *patterns(said.orelse))
    elif isinstance(said, ast.JoinedStr):
        parts = (re.escape(str(part.value)) if isinstance(part, ast.Constant) else "(.+)" for part in said.values)
        yield "".join(parts)


def test_everything_that_the_sources_record_has_a_name_that_can_be_translated() -> None:
    recorded = set(recorded_verbs())
    assert {"member\\ moved", "question\\ asked", "place\\ (.+)"} <= recorded
    missing = {said for said in recorded if not any(re.fullmatch(said, verb) for verb in VERBS)}
    assert not missing


def test_every_answer_and_stage_that_fills_a_name_is_listed() -> None:
    filled = [f"place {answer}" for answer in Answer] + [f"round: {state}" for state in RoundState if state != "draft"]
    filled += [f"request {state}" for state in RequestState if state != RequestState.OPEN]
    assert set(filled) <= VERBS


def test_nothing_is_listed_that_nobody_records() -> None:
    recorded = set(recorded_verbs())
    assert not {verb for verb in VERBS if not any(re.fullmatch(said, verb) for said in recorded)}


def test_what_is_not_listed_cannot_be_recorded(home: Tenant) -> None:
    with pytest.raises(UnknownVerbError, match=r"audit/verbs\.py"):
        record("something done", by=None, on=home.school)
    assert not Entry.objects.exists()


def test_a_code_is_shown_in_words() -> None:
    assert shown("directory.import_sent") == "directory: import sent"


def test_an_entry_can_be_neither_changed_nor_removed(home: Tenant) -> None:
    entry = record("round created", by=home.people[Role.AGENCY_STAFF], on=home.school, tenant=home.agency)
    for act in (Entry.objects.filter(pk=entry.pk).delete, lambda: Entry.objects.update(verb="nothing")):
        with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic():
            act()


def test_an_entry_keeps_the_authority_of_the_moment_and_outlives_the_person(home: Tenant) -> None:
    staff = home.people[Role.AGENCY_STAFF]
    entry = record("round created", by=staff, on=home.school, tenant=home.agency)
    staff.delete()
    entry.refresh_from_db()
    assert entry.actor_name == "Alder agency_staff"
    assert entry.authority == "Agency staff, Alder Office of Education"


def test_staff_read_what_happened_at_their_agency_and_in_its_area(
    home: Tenant, elsewhere: Tenant, signed_in: Browser
) -> None:
    staff = home.people[Role.AGENCY_STAFF]
    for tenant in (home, elsewhere):
        record("round created", by=staff, on=tenant.agency, tenant=tenant.agency)
        record("person appointed", by=staff, on=tenant.school, tenant=tenant.school)
    page = signed_in(staff).get(reverse("directory:trail")).text
    assert "Alder Office of Education" in page
    assert "Alder Elementary" in page
    assert "Birch" not in page


def test_what_an_lea_does_in_rounds_is_not_its_agencys_to_read(home: Tenant, signed_in: Browser) -> None:
    signup = make_signup(make_round(home.agency, name="Quads of the valley"), home.school)
    record("sign-up withdrawn", by=home.people[Role.LEA_LEADER], on=signup, tenant=home.district)
    trail = reverse("directory:trail")
    assert str(signup) not in signed_in(home.people[Role.AGENCY_STAFF]).get(trail).text
    assert str(signup) in signed_in(home.people[Role.LEA_LEADER]).get(trail).text


def test_a_leader_reads_of_the_own_lea_and_its_schools_alone(home: Tenant, signed_in: Browser) -> None:
    staff = home.people[Role.AGENCY_STAFF]
    record("round created", by=staff, on=home.agency, tenant=home.agency)
    record("person appointed", by=staff, on=home.school, tenant=home.school)
    record("person appointed", by=staff, on=home.charter_school, tenant=home.charter_school)
    page = signed_in(home.people[Role.LEA_LEADER]).get(reverse("directory:trail")).text
    assert "Alder Elementary" in page
    assert "Alder Academy" not in page
    assert "round created" not in page


def test_the_filter_chooses_by_act_and_by_time(home: Tenant, signed_in: Browser) -> None:
    staff = home.people[Role.AGENCY_STAFF]
    for verb in ("round created", "round deleted"):
        record(verb, by=staff, on=home.agency, tenant=home.agency)
    browser = signed_in(staff)
    page = browser.get(reverse("directory:trail"), {"verb": "round deleted", "days": "7"})
    assert [entry.verb for entry, _verb in page.context["rows"]] == ["round deleted"]


def test_old_entries_show_only_when_asked_for(home: Tenant, signed_in: Browser) -> None:
    long_ago = timezone.now() - timedelta(days=60)
    with patch("django.utils.timezone.now", return_value=long_ago):
        record("round created", by=None, on=home.agency, tenant=home.agency)
    browser = signed_in(home.people[Role.AGENCY_STAFF])
    assert len(browser.get(reverse("directory:trail")).context["rows"]) == 0
    assert len(browser.get(reverse("directory:trail"), {"days": "0"}).context["rows"]) == 1


def test_an_address_with_a_mistake_shows_the_last_30_days(home: Tenant, signed_in: Browser) -> None:
    record("round created", by=None, on=home.agency, tenant=home.agency)
    page = signed_in(home.people[Role.AGENCY_STAFF]).get(reverse("directory:trail"), {"days": "many", "page": "x"})
    assert page.status_code == 200
    assert len(page.context["rows"]) == 1


def test_the_file_holds_what_the_page_shows_and_runs_no_formula(home: Tenant, signed_in: Browser) -> None:
    staff = home.people[Role.AGENCY_STAFF]
    home.school.name = "=cmd()"
    record("person appointed", by=staff, on=home.school, tenant=home.school, role="coordinator")
    answer = signed_in(staff).get(reverse("directory:trail_file"))
    header, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert header[0] == "When"
    assert row[3:] == ["person appointed", "'=cmd()", "role=coordinator"]
