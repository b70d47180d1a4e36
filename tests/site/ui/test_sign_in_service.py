"""A whole sign-in through an organization's own service: a small provider that runs in the test, honest or not."""

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.account.models import EmailAddress
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from commonground.site.config.settings import oidc_app
from commonground.site.directory.models import Person

KEY, OTHER_KEY = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))


class Provider:
    """What the fake service says; a test changes it to lie."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.key: Any = KEY
        self.algorithm = "RS256"
        self.claims: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.person = {"sub": "p-17", "email": "dana@alder.example", "email_verified": True, "name": "Dana Okafor"}

    def answer(self, path: str) -> dict[str, Any]:
        if path.startswith("/.well-known/"):
            ends = (
                ("authorization_endpoint", "authorize"),
                ("token_endpoint", "token"),
                ("userinfo_endpoint", "userinfo"),
            )
            return {"issuer": self.url, "jwks_uri": f"{self.url}/keys"} | {n: f"{self.url}/{end}" for n, end in ends}
        if path == "/keys":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
            return {"keys": [public | {"kid": "k1", "alg": "RS256", "use": "sig"}]}
        if path == "/userinfo":
            return self.person | self.userinfo
        now = int(time.time())
        said = {"iss": self.url, "aud": "commonground", "iat": now, "exp": now + 60} | self.person | self.claims
        token = jwt.encode(said, self.key, algorithm=self.algorithm, headers={"kid": "k1"})
        return {"access_token": "opens-userinfo", "token_type": "Bearer", "id_token": token}


@pytest.fixture
def provider(settings: Settings, db: None) -> Iterator[Provider]:
    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(service.answer(urlsplit(self.path).path)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *_said: object) -> None:
            """Tests speak for themselves."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    service = Provider(f"http://127.0.0.1:{server.server_port}")
    app = {"provider_id": "organization", "name": "Alder Office", "client_id": "commonground", "secret": "invented"}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app | {"settings": {"server_url": service.url}}]}}
    settings.SOCIALACCOUNT_EMAIL_AUTHENTICATION = settings.SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield service
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def dana(db: None) -> Person:
    person = Person.objects.create_user("dana@alder.example", name="Dana Okafor")
    EmailAddress.objects.filter(user=person).update(verified=True)
    return person


def sign_in(client: Client, following: str = "", state: str = "") -> Any:
    """To the service and back, as a browser goes."""
    there = client.post(
        reverse("openid_connect_login", args=["organization"]), {"next": following} if following else {}
    )
    sent = parse_qs(urlsplit(there["Location"]).query)
    back = {"code": "c0de", "state": state or sent["state"][0]}
    return client.get(reverse("openid_connect_callback", args=["organization"]), back)


def who(client: Client) -> Person | None:
    return Person.objects.filter(pk=client.session.get("_auth_user_id")).first()


def test_somebody_with_an_account_signs_in_to_it(client: Client, provider: Provider, dana: Person) -> None:
    before = client.session.session_key
    sign_in(client)
    assert who(client) == dana
    assert client.session.session_key != before  # a session from before the sign-in is worth nothing


def test_somebody_unknown_gets_an_account_without_any_position(client: Client, provider: Provider) -> None:
    provider.person["email"] = "new@alder.example"
    sign_in(client)
    person = who(client)
    assert person is not None
    assert (person.email, person.name, person.positions) == ("new@alder.example", "Dana Okafor", [])


LIES: dict[str, dict[str, Any]] = {
    "signed by somebody else": {"key": OTHER_KEY},
    "not signed": {"key": None, "algorithm": "none"},
    "signed with the public words": {"key": "invented-and-long-enough-for-a-secret", "algorithm": "HS256"},
    "for another site": {"claims": {"aud": "somewhere-else"}},
    "from another service": {"claims": {"iss": "https://id.elsewhere.example"}},
    "too old": {"claims": {"exp": 1_700_000_000}},
    "about somebody else than the user information": {"userinfo": {"sub": "p-99"}},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_lies_opens_nothing(client: Client, provider: Provider, dana: Person, lie: str) -> None:
    for name, value in LIES[lie].items():
        setattr(provider, name, value)
    answer = sign_in(client)
    assert answer.status_code < 500
    assert who(client) is None
    assert Person.objects.count() == 1


def test_an_address_that_the_service_does_not_vouch_for_opens_no_account(
    client: Client, provider: Provider, dana: Person
) -> None:
    provider.person["email_verified"] = False
    sign_in(client)
    assert who(client) is None


def test_an_answer_that_nobody_asked_for_is_refused(client: Client, provider: Provider, dana: Person) -> None:
    sign_in(client, state="forged")
    assert who(client) is None


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_to_another_site_after_signing_in(
    client: Client, provider: Provider, dana: Person, elsewhere: str
) -> None:
    assert sign_in(client, following=elsewhere)["Location"] == "/"


def test_a_service_without_tls_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"URL": "http://id.alder.example", "NAME": "A", "CLIENT_ID": "c", "CLIENT_SECRET": "s"}.items():
        monkeypatch.setenv(f"COMMONGROUND_OIDC_{name}", value)
    with pytest.raises(ImproperlyConfigured, match="https://"):
        oidc_app()
