"""Every link on every page that a role can open leads somewhere that this role can open."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from commonground.site.directory.models import Person
from commonground.site.directory.roles import Role
from tests.site.conftest import Tenant
from tests.site.test_access_matrix import EVERYBODY, cases

HREF = re.compile(r'<a\b[^>]*?\bhref="([^"]+)"')
OF_EACH_KIND = 2  # pages of one address pattern that are read; more would look alike


def own_pages(role: str, tenant: Tenant) -> Iterator[str]:
    for name, case in sorted(cases().items()):
        if role in case.own and "GET" in case.methods and name != "health":
            yield reverse(name, kwargs=case.arguments(tenant))


def links(page: str, address: str) -> Iterator[str]:
    for href in HREF.findall(page):
        target = urldefrag(urljoin(address, unescape(href))).url
        if not urlsplit(target).scheme:
            yield target


def kind(address: str) -> str:
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return address


def dead_links(client: Client, start: list[str]) -> list[str]:
    waiting = [(address, "the URL configuration") for address in start]
    seen: dict[str, int] = {}
    known, dead = set(start), []
    while waiting:
        address, found_on = waiting.pop()
        seen[kind(address)] = seen.get(kind(address), 0) + 1
        if seen[kind(address)] > OF_EACH_KIND:
            continue
        answer = client.get(address)
        if answer.status_code >= 400:
            dead.append(f"{address} answers {answer.status_code}, linked on {found_on}")
        elif answer.headers.get("Content-Type", "").startswith("text/html"):
            fresh = [target for target in links(answer.text, address) if target not in known]
            known.update(fresh)
            waiting += [(target, address) for target in fresh]
    return dead


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_no_link_is_dead(role: str, home: Tenant, family: Person, signed_in: Callable[[Person | None], Client]) -> None:
    person = {"public": None, "family": family}.get(role) if role not in set(Role) else home.people[Role(role)]
    assert not dead_links(signed_in(person), list(own_pages(role, home)))
