"""Signing in: by mailed code first, by password, with a second factor, through an organization's own service."""

import re
from typing import Any
from unittest.mock import patch

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from commonground.site.config.settings import oidc_app
from commonground.site.directory.models import Person
from tests.site.ui.conftest import PASSWORD

OIDC = {
    "provider_id": "organization",
    "name": "Alder Office",
    "client_id": "commonground",
    "secret": "invented",
    "settings": {"server_url": "https://id.alder.example"},
}
ENDPOINTS = {
    "authorization_endpoint": "https://id.alder.example/authorize",
    "token_endpoint": "https://id.alder.example/token",
    "userinfo_endpoint": "https://id.alder.example/userinfo",
}


def mailed_code() -> str:
    found = re.search(r"^[A-Z0-9]{3,}(-[A-Z0-9]+)*$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found, mail.outbox[-1].body
    return found[0]


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def request_code(client: Client, email: str) -> Any:
    return client.post(reverse("account_request_login_code"), {"email": email})


def test_a_mailed_code_signs_in_without_a_password(client: Client, person: Person) -> None:
    request_code(client, person.email)
    client.post(reverse("account_confirm_login_code"), {"code": mailed_code()})
    assert is_signed_in(client)


def test_somebody_who_was_only_appointed_signs_in_by_code_too(client: Client, db: None) -> None:
    appointed = Person.objects.create_user("new@alder.example", name="Newly Appointed")
    request_code(client, appointed.email)
    client.post(reverse("account_confirm_login_code"), {"code": mailed_code()})
    assert is_signed_in(client)


def test_a_wrong_code_does_not_sign_in(client: Client, person: Person) -> None:
    request_code(client, person.email)
    client.post(reverse("account_confirm_login_code"), {"code": "WRONG1"})
    assert not is_signed_in(client)


def test_asking_for_a_code_does_not_tell_who_has_an_account(client: Client, person: Person) -> None:
    known = request_code(client, person.email)
    unknown = request_code(Client(), "nobody@alder.example")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert len(mail.outbox) == 2  # the unknown address is told so, by mail alone


def test_a_password_signs_in(client: Client, person: Person) -> None:
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert is_signed_in(client)


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client: Client, person: Person) -> None:
    answers = [
        client.post(reverse("account_login"), {"login": email, "password": "wrong"})
        for email in (person.email, "nobody@alder.example")
    ]
    first, second = (re.sub(r'value="[^"]*"|"X-CSRFToken": "[^"]*"', "", answer.text) for answer in answers)
    assert first == second
    assert "usa-error-message" in first or "usa-alert--error" in first


def test_the_sign_in_page_offers_the_mailed_code_first(client: Client, db: None) -> None:
    page = client.get(reverse("account_login")).text
    assert page.index("id_code_email") < page.index("id_password")


def test_making_an_account_asks_for_a_name_and_keeps_the_language(client: Client, db: None) -> None:
    client.cookies["django_language"] = "es"
    client.post(reverse("account_signup"), {"email": "ana@alder.example", "name": "Ana Ruiz"})
    client.post(reverse("account_email_verification_sent"), {"code": mailed_code()})
    ana = Person.objects.get(email="ana@alder.example")
    assert (ana.name, ana.language, ana.has_usable_password()) == ("Ana Ruiz", "es", False)
    assert EmailAddress.objects.get(user=ana).verified


def test_making_an_account_does_not_tell_who_has_one(client: Client, person: Person) -> None:
    answers = [
        browser.post(reverse("account_signup"), {"email": email, "name": "Somebody"})
        for browser, email in ((client, person.email), (Client(), "fresh@alder.example"))
    ]
    assert answers[0]["Location"] == answers[1]["Location"]


def test_a_new_password_for_an_unknown_address_gets_the_usual_answer(client: Client, person: Person) -> None:
    known = client.post(reverse("account_reset_password"), {"email": person.email})
    unknown = client.post(reverse("account_reset_password"), {"email": "nobody@alder.example"})
    assert known["Location"] == unknown["Location"]


def test_only_a_few_codes_are_sent_in_a_minute(client: Client, person: Person) -> None:
    for _attempt in range(6):
        request_code(Client(), person.email)
    assert len(mail.outbox) == 3


def test_account_mail_is_text_and_html_in_the_persons_language(client: Client, person: Person) -> None:
    person.language = "es"
    person.save()
    request_code(client, person.email)
    message = mail.outbox[-1]
    assert 'lang="es"' in message.alternatives[0].content  # type: ignore[attr-defined]
    assert mailed_code() in message.alternatives[0].content  # type: ignore[attr-defined]


def totp_code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def test_the_picture_for_the_authenticator_needs_no_weaker_content_security_policy(
    client: Client, person: Person
) -> None:
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp"))
    drawn = page.text[page.text.index("cg-qr") :]
    assert "<svg" in drawn
    assert "style=" not in page.text
    assert "data:" not in page["Content-Security-Policy"]


def test_with_a_second_factor_the_password_alone_does_not_sign_in(client: Client, person: Person) -> None:
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    TOTP.activate(person, secret)
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert not is_signed_in(client)
    client.post(reverse("mfa_authenticate"), {"code": totp_code(secret)})
    assert is_signed_in(client)


def test_a_described_sign_in_service_is_offered_and_asked(client: Client, db: None, settings: Settings) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [OIDC]}}
    assert "Alder Office" in client.get(reverse("account_login")).text
    with patch.object(OpenIDConnectOAuth2Adapter, "openid_config", ENDPOINTS):
        answer = client.post(reverse("openid_connect_login", args=["organization"]))
    assert answer["Location"].startswith("https://id.alder.example/authorize?client_id=commonground")


def test_a_half_described_sign_in_service_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMONGROUND_OIDC_URL", "https://id.alder.example")
    monkeypatch.setenv("COMMONGROUND_OIDC_NAME", "Alder Office")
    with pytest.raises(ImproperlyConfigured, match="COMMONGROUND_OIDC_CLIENT_ID, COMMONGROUND_OIDC_CLIENT_SECRET"):
        oidc_app()


def test_the_environment_describes_a_sign_in_service(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("URL", "https://id.alder.example"), ("NAME", "Alder Office")):
        monkeypatch.setenv(f"COMMONGROUND_OIDC_{name}", value)
    monkeypatch.setenv("COMMONGROUND_OIDC_CLIENT_ID", "commonground")
    monkeypatch.setenv("COMMONGROUND_OIDC_CLIENT_SECRET", "invented")
    assert oidc_app() == OIDC


def test_many_strangers_cannot_push_the_count_of_attempts_out_of_the_cache(db: None) -> None:
    cache.set("attempts-of-one", 5, timeout=600)
    for number in range(310):
        cache.set(f"zz{number}", 1, timeout=600)
    assert cache.get("attempts-of-one") == 5
