"""When the mail server refuses: whoever waits for a code is told what to do, and news of what has happened waits for the server."""

from collections.abc import Iterator
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any
from unittest.mock import patch

import pytest
from allauth.account.models import EmailAddress
from django.core import mail as django_mail
from django.test import Client
from django.urls import reverse

from commonground.site.directory.models import Person
from commonground.site.ui import mail
from commonground.site.ui.models import Letter
from tests.site.ui.conftest import PASSWORD
from tests.site.ui.test_sign_in import is_signed_in, mailed_code, request_code

SEND = "django.core.mail.EmailMultiAlternatives.send"
ASKING = {
    "account_request_login_code": {"email": "dana@alder.example", "next": "/directory/me/"},
    "account_reset_password": {"email": "dana@alder.example"},
    "account_signup": {"email": "ana@alder.example", "name": "Ana Ruiz"},
}


@pytest.fixture(params=[SMTPServerDisconnected("gone"), ConnectionRefusedError(111, "refused"), TimeoutError("slow")])
def away(request: pytest.FixtureRequest) -> Iterator[Exception]:
    with patch(SEND, side_effect=request.param):
        yield request.param


@pytest.mark.parametrize("asked", ASKING)
@pytest.mark.parametrize(
    ("language", "told"), [("en", "We could not send the mail"), ("es", "No pudimos enviar el correo")]
)
def test_whoever_waits_for_a_code_is_told_and_keeps_what_was_typed(
    asked: str, language: str, told: str, client: Client, person: Person, away: Exception
) -> None:
    page = client.post(reverse(asked), ASKING[asked], headers={"accept-language": language})
    assert page.status_code == 503
    assert told in page.text
    assert f'value="{ASKING[asked]["email"]}"' in page.text
    assert ("/directory/me/" in page.text) == ("next" in ASKING[asked])


def test_the_page_does_not_tell_who_has_an_account(client: Client, person: Person, away: Exception) -> None:
    known = request_code(client, person.email).text.replace(person.email, "")
    unknown = request_code(Client(), "nobody@alder.example").text.replace("nobody@alder.example", "")

    def told(page: str) -> str:
        return page[page.index("<main") : page.index("</main")].split("csrfmiddlewaretoken")[0]

    assert told(known) == told(unknown)


def test_the_log_names_the_mail_and_the_reason_and_nobody(
    client: Client, person: Person, caplog: pytest.LogCaptureFixture
) -> None:
    with patch(SEND, side_effect=SMTPRecipientsRefused({person.email: (550, b"no such user")})):
        request_code(client, person.email)
    (record,) = [one for one in caplog.records if one.getMessage() == "mail not sent"]
    assert vars(record)["reason"] == "SMTPRecipientsRefused"
    assert vars(record)["template"] == "account/email/login_code"
    assert person.email not in str([vars(one) for one in caplog.records if one.name != "django.request"])


def test_an_account_that_was_just_made_is_kept_and_opened_by_the_next_code(client: Client, db: None) -> None:
    with patch(SEND, side_effect=SMTPServerDisconnected("gone")):
        client.post(reverse("account_signup"), ASKING["account_signup"])
    request_code(client, "ana@alder.example")
    client.post(reverse("account_confirm_login_code"), {"code": mailed_code()})
    assert is_signed_in(client)
    assert Person.objects.get(email="ana@alder.example").name == "Ana Ruiz"


def test_somebody_signed_in_is_told_on_the_same_page(client: Client, person: Person, away: Exception) -> None:
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    page = client.post(reverse("account_email"), {"email": "new@alder.example", "action_add": ""}, follow=True)
    assert page.status_code == 200
    assert "We could not send you the mail" in page.text
    assert not EmailAddress.objects.filter(email="new@alder.example").exists()


@pytest.fixture
def by_job(monkeypatch: pytest.MonkeyPatch, mail_at_once: None) -> None:
    monkeypatch.setattr(mail, "order", lambda letter: None)


@pytest.mark.usefixtures("by_job")
def test_a_new_password_counts_although_its_news_has_to_wait(client: Client, person: Person, away: Exception) -> None:
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    fresh = {"oldpassword": PASSWORD, "password1": "two herons on ice", "password2": "two herons on ice"}
    assert client.post(reverse("account_change_password"), fresh).status_code == 302
    person.refresh_from_db()
    assert person.check_password("two herons on ice")
    letter = Letter.objects.get()
    assert (letter.to, letter.address) == (person, "")
    assert "password has been changed" in letter.text


@pytest.mark.usefixtures("by_job")
def test_that_an_address_has_changed_is_told_to_the_old_one(client: Client, person: Person) -> None:
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    EmailAddress.objects.create(user=person, email="new@alder.example", verified=True)
    client.post(reverse("account_email"), {"email": "new@alder.example", "action_primary": ""})
    letters: dict[str, Any] = {letter.address: letter for letter in Letter.objects.all()}
    old = letters["dana@alder.example"]
    assert "from dana@alder.example to new@alder.example" in old.text
    mail.deliver(old.pk)
    assert django_mail.outbox[-1].to == ["dana@alder.example"]
