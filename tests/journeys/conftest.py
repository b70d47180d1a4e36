"""A real browser against a running site: one fresh profile for each person."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext

from commonground.site.directory.models import Person
from tests.site.conftest import elsewhere, family, home  # noqa: F401 - the cast, for journeys too

OpenBrowser = Callable[..., BrowserContext]


@pytest.fixture
def profile(chromium: Browser, live_server: Any) -> Iterator[OpenBrowser]:
    """`profile(person, language="es", width=360)`: a browser profile in which this person (or nobody) is signed in."""
    opened: list[BrowserContext] = []

    def open_profile(person: Person | None = None, *, language: str = "en", width: int = 1280) -> BrowserContext:
        context = chromium.new_context(
            base_url=live_server.url, viewport={"width": width, "height": 800}, locale=language, reduced_motion="reduce"
        )
        opened.append(context)
        # Every page names its icon; for what is no page, the browser asks for one that we do not have.
        context.route("**/favicon.ico", lambda route: route.fulfill(status=204))
        if person:
            Person.objects.filter(pk=person.pk).update(language=language)
            context.add_cookies([session_cookie(person, live_server.url)])
        return context

    yield open_profile
    for context in opened:
        context.close()


def session_cookie(person: Person, url: str) -> Any:
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": url,
    }
