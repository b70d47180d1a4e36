"""Signing in on a phone: an authenticator app is set up and asked for, and a page tells of a mail server that refuses."""

import re
import time
from smtplib import SMTPServerDisconnected
from unittest.mock import patch

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Page, expect

from commonground.site.directory.models import Person
from tests.journeys.checks import Watch
from tests.journeys.conftest import OpenBrowser
from tests.journeys.test_every_page import names
from tests.site.ui.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def dana(transactional_db: None) -> Person:
    cache.clear()  # of the attempts of other tests
    person = Person.objects.create_user("dana@alder.example", password=PASSWORD, name="Dana Okafor")
    EmailAddress.objects.filter(user=person).update(verified=True)
    return person


def send(page: Page, **typed: str) -> None:
    """Fill in the form that has these fields, and send it."""
    for name, value in typed.items():
        page.locator(f'main [name="{name}"]:visible').last.fill(value)
    page.locator(f'main form:has([name="{next(iter(typed))}"]) button:not(.usa-button--unstyled)').last.click()


@pytest.mark.parametrize("language", ["en", "es"])
def test_an_authenticator_app_is_set_up_and_asked_for(language: str, dana: Person, profile: OpenBrowser) -> None:
    Person.objects.update(language=language)
    page = profile(language=language, width=360).new_page()
    watch = Watch(page, names())
    page.goto(reverse("account_login"))
    page.locator("details:has(#id_login) summary").click()
    send(page, login=dana.email, password=PASSWORD)
    page.goto(reverse("mfa_activate_totp"))
    expect(page).to_have_url(re.compile(reverse("account_reauthenticate")))
    watch.examine()
    send(page, password=PASSWORD)
    watch.examine()
    secret = page.locator(".cg-secret").inner_text()
    send(page, code=format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
    expect(page.locator("#recovery_codes")).to_be_visible()
    watch.examine()
    recovery = page.locator("#recovery_codes").input_value().split()
    assert len(recovery) == 10
    page.context.clear_cookies()
    page.goto(reverse("account_login"))
    page.locator("details:has(#id_login) summary").click()
    send(page, login=dana.email, password=PASSWORD)
    send(page, code="000000")
    watch.examine()
    send(page, code=recovery[0])
    expect(page.get_by_text("Dana Okafor").first).to_be_visible()
    assert Authenticator.objects.filter(user=dana).count() == 2
    assert not watch.problems, "\n".join(watch.problems)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_code_that_cannot_be_sent_is_sent_later(language: str, dana: Person, profile: OpenBrowser) -> None:
    page = profile(language=language, width=360).new_page()
    watch = Watch(page, names())
    page.goto(reverse("account_login"))
    with patch("django.core.mail.EmailMultiAlternatives.send", side_effect=SMTPServerDisconnected("away")):
        send(page, email=dana.email)
        expect(page.locator("#id_code_email")).to_have_value(dana.email)
    watch.examine()
    send(page, email=dana.email)
    expect(page).to_have_url(re.compile(reverse("account_confirm_login_code")))
    watch.examine()
    # The browser says of itself that the page came with 503; that is what the page is about.
    assert not [problem for problem in watch.problems if "503" not in problem], "\n".join(watch.problems)
