"""Password, second factor and recovery codes, each from where it is set up to where it is asked for; wrong ones refused."""

import re
import time
from unittest.mock import patch

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from commonground.site.directory.models import Person
from commonground.site.ui.models import Letter
from tests.site.ui.conftest import PASSWORD
from tests.site.ui.test_sign_in import is_signed_in, mailed_code, request_code

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
FRESH = "two herons on the ice"


def code_now(secret: str) -> str:
    """What an authenticator app shows (RFC 6238: a new code every 30 seconds)."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def sign_in(client: Client, email: str, password: str = PASSWORD) -> None:
    client.post(reverse("account_login"), {"login": email, "password": password})


@pytest.fixture
def signed_in_person(client: Client, person: Person) -> Person:
    sign_in(client, person.email)
    assert is_signed_in(client)
    return person


# The password


def change_password(client: Client, old: str, new: str = FRESH) -> int:
    answer = client.post(reverse("account_change_password"), {"oldpassword": old, "password1": new, "password2": new})
    return answer.status_code


def test_a_changed_password_signs_in_and_the_old_one_no_more(client: Client, signed_in_person: Person) -> None:
    assert change_password(client, PASSWORD) == 302
    assert "password has been changed" in Letter.objects.get(to=signed_in_person).text
    old, new = Client(), Client()
    sign_in(old, signed_in_person.email)
    sign_in(new, signed_in_person.email, FRESH)
    assert (is_signed_in(old), is_signed_in(new)) == (False, True)


@pytest.mark.parametrize(("old", "new"), [("wrong", FRESH), (PASSWORD, "short")])
def test_a_password_is_not_changed_with_a_wrong_old_one_or_to_a_weak_one(
    old: str, new: str, client: Client, signed_in_person: Person
) -> None:
    assert change_password(client, old, new) == 200
    signed_in_person.refresh_from_db()
    assert signed_in_person.check_password(PASSWORD)
    assert not Letter.objects.exists()


def test_a_forgotten_password_is_replaced_by_a_link_that_works_once(client: Client, person: Person) -> None:
    client.post(reverse("account_reset_password"), {"email": person.email})
    link = re.search(r"https?://\S+", str(mail.outbox[-1].body))
    assert link
    form = client.get(link[0], follow=True).redirect_chain[-1][0]
    assert client.post(form, {"password1": FRESH, "password2": FRESH}).status_code == 302
    person.refresh_from_db()
    assert person.check_password(FRESH)
    again = Client().get(link[0], follow=True)
    assert "password1" not in again.text


# Asking again who it is


def test_the_second_factor_is_turned_on_only_by_who_says_the_password_again(
    client: Client, signed_in_person: Person
) -> None:
    asked = client.get(reverse("mfa_activate_totp"))
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert client.post(reverse("account_reauthenticate"), {"password": "wrong"}).status_code == 200
    assert client.get(reverse("mfa_activate_totp")).status_code == 302
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.get(reverse("mfa_activate_totp")).status_code == 200


def test_five_minutes_later_it_is_asked_again(client: Client, signed_in_person: Person) -> None:
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    with patch("allauth.account.internal.flows.reauthentication.time.time", return_value=time.time() + 301):
        assert client.get(reverse("mfa_activate_totp")).status_code == 302


# The second factor


def turn_on(client: Client) -> str:
    """Set up an authenticator app as its page says; returns the secret that the app then holds."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    secret = str(client.get(reverse("mfa_activate_totp")).context["form"].secret)
    answer = client.post(reverse("mfa_activate_totp"), {"code": code_now(secret)})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    return secret


def test_an_app_is_set_up_and_then_asked_for_at_every_sign_in(
    client: Client, signed_in_person: Person, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        secret = turn_on(client)
    assert any("Authenticator app activated" in str(message.body) for message in mail.outbox)
    for start in (
        lambda browser: sign_in(browser, signed_in_person.email),
        lambda browser: by_code(browser, signed_in_person),
    ):
        browser = Client()
        start(browser)
        assert not is_signed_in(browser)
        browser.post(reverse("mfa_authenticate"), {"code": "000000"})
        assert not is_signed_in(browser)
    with patch("time.time", return_value=time.time() + 30):  # a code counts once: the next one
        browser.post(reverse("mfa_authenticate"), {"code": code_now(secret)})
    assert is_signed_in(browser)


def by_code(browser: Client, person: Person) -> None:
    request_code(browser, person.email)
    browser.post(reverse("account_confirm_login_code"), {"code": mailed_code()})


def test_a_wrong_code_sets_up_no_app(client: Client, signed_in_person: Person) -> None:
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.get(reverse("mfa_activate_totp"))
    assert client.post(reverse("mfa_activate_totp"), {"code": "000000"}).status_code == 200
    assert not Authenticator.objects.exists()


def test_the_same_code_of_the_app_opens_nothing_twice(person: Person) -> None:
    TOTP.activate(person, SECRET)
    code = code_now(SECRET)
    first, second = Client(), Client()
    for browser in (first, second):
        sign_in(browser, person.email)
        browser.post(reverse("mfa_authenticate"), {"code": code})
    assert (is_signed_in(first), is_signed_in(second)) == (True, False)


def test_codes_cannot_be_tried_without_end(person: Person) -> None:
    TOTP.activate(person, SECRET)
    browser = Client()
    sign_in(browser, person.email)
    answers = [browser.post(reverse("mfa_authenticate"), {"code": f"{k:06}"}) for k in range(12)]
    assert "too many" in answers[-1].text.lower()
    assert not is_signed_in(browser)


def test_the_app_is_turned_off_again(client: Client, signed_in_person: Person) -> None:
    turn_on(client)
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.exists()
    browser = Client()
    sign_in(browser, signed_in_person.email)
    assert is_signed_in(browser)


# Recovery codes: for who has lost the phone


def recovery_codes(client: Client) -> list[str]:
    return list(client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"])


def test_a_recovery_code_signs_in_once(client: Client, signed_in_person: Person) -> None:
    turn_on(client)
    codes = recovery_codes(client)
    assert len(set(codes)) == 10
    first, second = Client(), Client()
    for browser in (first, second):
        sign_in(browser, signed_in_person.email)
        browser.post(reverse("mfa_authenticate"), {"code": codes[0]})
    assert (is_signed_in(first), is_signed_in(second)) == (True, False)
    assert codes[0] not in recovery_codes(client)


def test_new_recovery_codes_end_the_old_ones(client: Client, signed_in_person: Person) -> None:
    turn_on(client)
    old = recovery_codes(client)
    client.post(reverse("mfa_generate_recovery_codes"))
    assert not set(old) & set(recovery_codes(client))
    browser = Client()
    sign_in(browser, signed_in_person.email)
    browser.post(reverse("mfa_authenticate"), {"code": old[0]})
    assert not is_signed_in(browser)


def test_recovery_codes_are_downloaded_only_by_who_said_the_password_lately(
    client: Client, signed_in_person: Person
) -> None:
    turn_on(client)
    assert recovery_codes(client)[0] in client.get(reverse("mfa_download_recovery_codes")).text
    other = Client()
    other.force_login(signed_in_person, backend="allauth.account.auth_backends.AuthenticationBackend")
    asked = other.get(reverse("mfa_download_recovery_codes"))
    assert asked["Location"].startswith(reverse("account_reauthenticate"))


def test_the_page_that_asks_for_the_code_says_what_to_do_without_the_phone(person: Person) -> None:
    TOTP.activate(person, SECRET)
    browser = Client()
    sign_in(browser, person.email)
    assert "recovery code" in browser.get(reverse("mfa_authenticate")).text
