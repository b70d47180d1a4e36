"""When something fails: a page that says what to do next, in the reader's language, and tells nothing about anybody."""

import json
import logging
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.views import defaults

from commonground.site.ui.logs import WithoutAddresses


@pytest.fixture
def calm_client() -> Iterator[Client]:
    """A browser that sees the error page instead of the exception."""
    yield Client(raise_request_exception=False)


def test_an_unknown_address_leads_home(client: Client, db: None) -> None:
    page = client.get("/no/such/page/")
    assert page.status_code == 404
    assert "We have no such page for you" in page.text


def test_the_page_for_a_failure_needs_no_database(calm_client: Client) -> None:
    with patch("commonground.site.config.views.render", side_effect=OperationalError("no database")):
        page = calm_client.get("/components/")
    assert page.status_code == 500
    assert "Something went wrong on our side" in page.text


@pytest.mark.parametrize(
    ("view", "text"),
    [(defaults.bad_request, "could not be read"), (defaults.permission_denied, "Your positions do not allow this")],
)
def test_other_failures_have_their_page(view: Any, text: str, db: None, rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = AnonymousUser()
    assert text in view(request, Exception("secret")).text


def test_an_old_form_says_how_to_go_on(db: None) -> None:
    page = Client(enforce_csrf_checks=True).post("/language/", {"language": "es"})
    assert page.status_code == 403
    assert "load the page again" in page.text


def test_the_error_page_speaks_the_readers_language(calm_client: Client) -> None:
    with patch("commonground.site.config.views.render", side_effect=ValueError):
        page = calm_client.get("/components/", headers={"accept-language": "es"})
    assert 'lang="es"' in page.text


def test_no_page_allows_inline_style_or_script(client: Client, db: None) -> None:
    policy = client.get("/components/")["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert "data:" not in policy


def test_log_lines_lose_addresses_wherever_they_stand() -> None:
    try:
        raise ValueError("no such user: rosa.parent@family.example")
    except ValueError as error:
        failure = (type(error), error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, "f.py", 1, "mail to %s", ("dana+cg@alder.example",), failure)
    record.person = "kim@birch.example"
    line = WithoutAddresses("%(message)s").format(record)
    assert "@" not in line
    assert '"message": "mail to [address removed]"' in line


def test_an_address_with_an_accent_or_in_a_url_is_taken_out_of_a_log_line_that_stays_json() -> None:
    text = "josé@señal.example asked for /account/?email=rosa.parent%40family.example&next=/"
    record = logging.LogRecord("x", logging.INFO, "f.py", 1, text, None, None)
    line = WithoutAddresses("%(message)s").format(record)
    assert json.loads(line)["message"] == "[address removed] asked for /account/?email=[address removed]&next=/"
