"""Mail is a job: written with what it tells, tried again where the server refuses, and shown to staff where it never left."""

from collections.abc import Callable, Iterator
from smtplib import SMTPException, SMTPRecipientsRefused
from unittest.mock import patch

import pytest
from django.core import mail as django_mail
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job

from commonground.site.directory.models import Person
from commonground.site.directory.roles import Role
from commonground.site.ui import mail, tasks
from commonground.site.ui.models import Letter
from tests.site.conftest import Tenant

Browser = Callable[[Person | None], Client]
TEMPLATE = "directory/mail/ended.txt"
order = mail.order  # as it is outside of tests
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def by_job(monkeypatch: pytest.MonkeyPatch, mail_at_once: None) -> None:
    monkeypatch.setattr(mail, "order", order)


@pytest.fixture
def refusing() -> Iterator[None]:
    with patch("django.core.mail.EmailMultiAlternatives.send", side_effect=SMTPException("busy")):
        yield


def a_letter(person: Person) -> Letter:
    mail.send(to=person, template=TEMPLATE, attachments=[mail.Attachment("a.ics", b"BEGIN", "text/calendar")])
    return Letter.objects.get()


def test_a_mail_is_a_job_that_comes_with_what_it_tells(family: Person) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        mail.send(to=family, template=TEMPLATE)
        raise ZeroDivisionError
    assert not Letter.objects.exists() and not ProcrastinateJob.objects.exists()
    letter = a_letter(family)
    job = ProcrastinateJob.objects.get()
    assert (job.task_name, job.args, job.queue_name) == ("ui.send_letter", {"letter": letter.pk}, "mail")
    assert not django_mail.outbox


def test_the_job_sends_it_once_and_keeps_nothing(family: Person) -> None:
    letter = a_letter(family)
    for _again in range(2):
        tasks.send_letter(letter=letter.pk)
    [sent] = django_mail.outbox
    assert (sent.to, sent.attachments[0].filename) == ([family.email], "a.ics")
    assert not Letter.objects.exists()


@pytest.mark.usefixtures("refusing")
def test_a_refused_mail_is_tried_again_a_few_times(family: Person, caplog: pytest.LogCaptureFixture) -> None:
    letter = a_letter(family)
    for attempt in range(1, mail.MOST_ATTEMPTS):
        with pytest.raises(mail.NotSentError):
            tasks.send_letter(letter=letter.pk)
        letter.refresh_from_db()
        assert (letter.state, letter.attempts) == ("waiting", attempt)
    tasks.send_letter(letter=letter.pk)
    letter.refresh_from_db()
    assert (letter.state, letter.problem) == ("refused", "SMTPException")
    assert caplog.records[-1].getMessage() == "mail not sent"
    assert family.email not in str([record.__dict__ for record in caplog.records])


def test_the_waits_between_tries_grow_and_end() -> None:
    def wait(tried: int) -> float | None:
        job = Job(id=1, queue="mail", lock=None, queueing_lock=None, task_name=mail.TASK, attempts=tried)
        decided = tasks.PATIENCE.get_retry_decision(exception=mail.NotSentError(), job=job)
        return decided and round((decided.retry_at - timezone.now()).total_seconds())

    assert [wait(tried) for tried in range(5)] == [8, 64, 512, 4096, 32768]
    assert wait(mail.MOST_ATTEMPTS) is None


def test_an_address_that_does_not_exist_is_not_tried_again(family: Person) -> None:
    letter = a_letter(family)
    gone = SMTPRecipientsRefused({family.email: (550, b"no such user")})
    with patch("django.core.mail.EmailMultiAlternatives.send", side_effect=gone):
        tasks.send_letter(letter=letter.pk)
    letter.refresh_from_db()
    assert (letter.state, letter.attempts) == ("refused", 1)


def refused_letter(person: Person) -> Letter:
    letter = a_letter(person)
    Letter.objects.filter(pk=letter.pk).update(state="refused", problem="SMTPException")
    return letter


def test_staff_see_what_did_not_reach_the_people_of_their_area_and_the_operator_sees_all(
    home: Tenant, elsewhere: Tenant, signed_in: Browser
) -> None:
    letter = refused_letter(home.people[Role.LEA_LEADER])
    url = reverse("directory:undelivered")
    assert letter.subject in signed_in(home.people[Role.AGENCY_STAFF]).get(url).text
    assert letter.subject not in signed_in(elsewhere.people[Role.AGENCY_STAFF]).get(url).text
    assert letter.subject in signed_in(elsewhere.people[Role.OPERATOR]).get(url).text
    assert url in signed_in(home.people[Role.AGENCY_STAFF]).get("/").text
    assert url not in signed_in(elsewhere.people[Role.AGENCY_STAFF]).get("/").text


def test_staff_send_it_again(home: Tenant, elsewhere: Tenant, signed_in: Browser) -> None:
    letter = refused_letter(home.people[Role.LEA_LEADER])
    url = reverse("directory:send_again", args=[letter.pk])
    assert signed_in(elsewhere.people[Role.AGENCY_STAFF]).post(url).status_code == 404
    signed_in(home.people[Role.AGENCY_STAFF]).post(url)
    letter.refresh_from_db()
    assert (letter.state, ProcrastinateJob.objects.count()) == ("waiting", 2)
    tasks.send_letter(letter=letter.pk)
    assert len(django_mail.outbox) == 1


def test_old_refusals_are_forgotten(family: Person) -> None:
    letter = refused_letter(family)
    tasks.forget(timestamp=0)
    assert Letter.objects.exists()
    Letter.objects.filter(pk=letter.pk).update(written_at=letter.written_at - mail.KEPT * 2)
    tasks.forget(timestamp=0)
    assert not Letter.objects.exists()
