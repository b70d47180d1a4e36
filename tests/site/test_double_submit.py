"""A double click acts once, whatever the form: every address that takes forms, from the access matrix."""

import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from commonground.site.directory.models import Organization, Person
from commonground.site.directory.roles import Role
from commonground.site.formation.actions.topics import ensure_standard
from commonground.site.formation.models import Round, Topic, TopicChoice
from commonground.site.partnership.models import Meeting
from commonground.site.ui.models import Submission
from tests.site.conftest import Tenant
from tests.site.filling import filled, forms_of
from tests.site.formation.factories import make_round
from tests.site.partnership.factories import make_partnership
from tests.site.test_access_matrix import Case, cases

Browser = Callable[[Person | None], Client]
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
POSTING = sorted(name for name, case in cases().items() if "POST" in case.methods)
# What a button or a page in several steps sends besides the fields of its forms.
MORE: dict[str, dict[str, Any]] = {
    "set_language": {"language": "es"},
    "formation:start_search": {"seconds": "10", "wanted": "1"},
    "formation:change_draft": {"act": "note", "text": "Look at group 1"},
    "formation:answer_place": {"answer": "accept"},
    "formation:write_message": {"text": "When do we meet?"},
    "formation:again": {"seen": "1"},
    "formation:release": {"seen": "1"},
    "formation:add_facilitator": {"city": "Alder"},
    "formation:offer_to_facilitate": {"city": "Alder"},
    "formation:facilitator": {"city": "Alder"},
    "partnership:propose_meeting": {"place": "Library"},
    "partnership:confirm_meeting": {"seen": "0"},
    "partnership:cancel_meeting": {"seen": "0"},
    "partnership:change_meeting": {"title": "Our first visit"},
    "directory:add": {"kind": "district", "sector": "district", "state": "CA", "county": "Alder"},
    "directory:change": {"lea": "Alder Unified"},
    "directory:answer": {"decision": "approve"},
}
# Addresses that only show what would happen as long as nothing is chosen.
SHOWS_ONLY = {"formation:import", "formation:move", "formation:draft_facilitators", "formation:refill"}


def rows() -> Counter[str]:
    """How many rows each table of the site has; sessions aside, which every answer may touch."""
    return Counter(
        {
            model._meta.label: model.objects.count()
            for model in apps.get_models()
            if model is not Submission and model._meta.app_label != "sessions" and not model._meta.proxy
        }
    )


def doer(case: Case, tenant: Tenant) -> Person:
    """Somebody who may: staff where they may, as they have most to do."""
    role = next((role for role in (Role.AGENCY_STAFF, Role.LEA_LEADER, *Role) if role in case.own), Role.AGENCY_STAFF)
    return tenant.people[role]


def data_for(name: str, case: Case, browser: Client, url: str) -> dict[str, Any]:
    page = browser.get(url) if "GET" in case.methods else browser.get(reverse("directory:account"))
    found = TOKEN.search(page.text)
    data = filled(page) if "GET" in case.methods else {}
    if name == "formation:assign_words":
        choice = TopicChoice.objects.select_related("signup__round__agency").get()
        ensure_standard(choice.signup.round.agency)
        data[f"c{choice.pk}-topic"] = Topic.objects.filter(agency=choice.signup.round.agency)[0].pk
    return data | MORE.get(name, {}) | {"csrfmiddlewaretoken": found[1] if found else "x" * 64}


@pytest.mark.parametrize("name", POSTING)
def test_the_same_form_sent_twice_is_acted_on_once(
    name: str, home: Tenant, signed_in: Browser, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    case = cases()[name]
    Organization.objects.filter(pk=home.school.pk).update(city="Alder")
    url = reverse(name, kwargs=case.arguments(home))
    browser = signed_in(doer(case, home))
    data = data_for(name, case, browser, url)
    with django_capture_on_commit_callbacks() as first_mails:
        first = send(browser, url, data)
    before = rows()
    with django_capture_on_commit_callbacks() as more_mails:
        second = send(browser, url, data)
    assert rows() == before
    if name in SHOWS_ONLY:
        return
    assert first.status_code == 302, f"the test's answers are refused: {_errors(first)}"
    assert (second.status_code, second["Location"]) == (302, first["Location"])
    assert not more_mails, f"mail went out twice; the first time {len(first_mails)}"
    assert Submission.objects.count() == 1


def _errors(answer: Any) -> str:
    return "; ".join(f"{type(form).__name__}: {dict(form.errors)}" for form in forms_of(answer) if form.errors)


def send(browser: Client, url: str, data: dict[str, Any]) -> Any:
    for value in data.values():
        if hasattr(value, "seek"):
            value.seek(0)  # a browser sends the whole file again
    return browser.post(url, data)


def test_the_reader_is_told_and_a_new_page_may_send_the_same_again(home: Tenant, signed_in: Browser) -> None:
    browser = signed_in(home.people[Role.AGENCY_STAFF])
    url = reverse("formation:copy_round", args=[make_round(home.agency).pk])
    page = browser.get(url)
    data = filled(page) | {"name": "The next one", "csrfmiddlewaretoken": TOKEN.search(page.text)[1]}  # type: ignore[index]
    browser.post(url, data)
    assert "reached us twice" in browser.post(url, data, follow=True).text
    assert Round.objects.filter(name="The next one").count() == 1
    fresh = TOKEN.search(browser.get(url).text)[1]  # type: ignore[index]
    browser.post(url, data | {"csrfmiddlewaretoken": fresh})
    assert Round.objects.filter(name="The next one").count() == 2


def test_a_form_that_was_refused_can_be_corrected_and_sent(home: Tenant, signed_in: Browser) -> None:
    browser = signed_in(home.people[Role.AGENCY_STAFF])
    url = reverse("formation:copy_round", args=[make_round(home.agency).pk])
    page = browser.get(url)
    data = filled(page) | {"name": "", "csrfmiddlewaretoken": TOKEN.search(page.text)[1]}  # type: ignore[index]
    assert browser.post(url, data).status_code == 200
    assert not Submission.objects.exists()
    assert browser.post(url, data | {"name": "Now it has one"}).status_code == 302


def test_nobody_is_led_to_what_another_person_sent(home: Tenant, signed_in: Browser) -> None:
    staff, other = signed_in(home.people[Role.AGENCY_STAFF]), signed_in(home.people[Role.LEA_LEADER])
    url = reverse("formation:copy_round", args=[make_round(home.agency).pk])
    page = staff.get(url)
    data = filled(page) | {"name": "Ours", "csrfmiddlewaretoken": TOKEN.search(page.text)[1]}  # type: ignore[index]
    assert staff.post(url, data).status_code == 302
    assert other.post(url, data).status_code == 404


def test_a_page_that_lay_open_for_hours_is_sent_on_purpose(home: Tenant, signed_in: Browser) -> None:
    browser = signed_in(home.people[Role.AGENCY_STAFF])
    url = reverse("formation:copy_round", args=[make_round(home.agency).pk])
    data = filled(browser.get(url)) | {"name": "Ours", "csrfmiddlewaretoken": "a" * 64}
    browser.post(url, data)
    Submission.objects.update(at=timezone.now() - timedelta(hours=2))
    browser.post(url, data)
    assert Round.objects.filter(name="Ours").count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_propose_one_meeting(home: Tenant, signed_in: Browser) -> None:
    partnership = make_partnership(home)
    browser = signed_in(home.people[Role.AGENCY_STAFF])
    url = reverse("partnership:propose_meeting", args=[partnership.pk])
    page = browser.get(url)
    data = filled(page) | {"place": "Library", "csrfmiddlewaretoken": TOKEN.search(page.text)[1]}  # type: ignore[index]
    before = Meeting.objects.count()

    def click(_number: int) -> str:
        try:
            client = Client()
            client.cookies = browser.cookies
            return client.post(url, data)["Location"]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        led_to = set(pool.map(click, range(4)))
    assert len(led_to) == 1
    assert Meeting.objects.count() == before + 1
