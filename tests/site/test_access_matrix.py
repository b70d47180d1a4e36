"""Every address of the site, every method, every role, in their own tenant, in another one and in none.

The list of addresses comes from the URL configuration, so a view without a rule, or without a line in its feature's `access_cases`,
fails here.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

import tests.site
from commonground.site.directory.models import Person
from commonground.site.directory.roles import Role
from tests.site.conftest import Tenant

# Pages of libraries, each guarded by the library itself and tested in tests/site/ui/test_sign_in.py.
LIBRARY_PREFIXES = ("account/",)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
EVERYBODY = frozenset({"public", "family", *Role})
SIGNED_IN = EVERYBODY - {"public"}


@dataclass(frozen=True)
class Case:
    """Who may open one address. `arguments` makes the URL's arguments out of the tenant that owns the thing.

    `own` are the roles that may in the owning tenant; `other` those that may although they belong to another tenant.
    """

    own: frozenset[str] = frozenset()
    other: frozenset[str] = frozenset()
    arguments: Callable[[Tenant], dict[str, Any]] = field(default=lambda tenant: {})
    methods: tuple[str, ...] = ("GET",)


def everybody(*, arguments: Callable[[Tenant], dict[str, Any]] = lambda tenant: {}, **more: Any) -> Case:
    return Case(own=EVERYBODY, other=EVERYBODY, arguments=arguments, **more)


def addresses(resolver: URLResolver | None = None, prefix: str = "", space: str = "") -> Iterator[tuple[str, str, Any]]:
    """(path, full name, view) of every pattern of the URL configuration."""
    for pattern in (resolver or get_resolver()).url_patterns:
        path = prefix + str(pattern.pattern)
        if path.startswith(LIBRARY_PREFIXES):
            continue
        if isinstance(pattern, URLPattern):
            yield path, f"{space}{pattern.name}", pattern.callback
        else:
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from addresses(pattern, path, inner)


def cases() -> dict[str, Case]:
    found: dict[str, Case] = {}
    for module in pkgutil.walk_packages(tests.site.__path__, "tests.site."):
        if module.name.endswith(".access_cases"):
            found |= importlib.import_module(module.name).CASES
    return found


ADDRESSES = {name: view for _path, name, view in addresses()}


def test_every_view_has_a_rule() -> None:
    missing = [name for name, view in ADDRESSES.items() if not hasattr(view, "access")]
    assert not missing, f"give these views @access(...): {missing}"


def test_every_address_has_a_case_and_no_case_is_left_over() -> None:
    assert set(cases()) == set(ADDRESSES)


def test_every_view_answers_only_the_methods_of_its_case() -> None:
    wrong = {name for name, case in cases().items() if set(case.methods) != set(ADDRESSES[name].access.methods)}
    assert not wrong


def actors(home: Tenant, elsewhere: Tenant, family: Person) -> Iterator[tuple[str, bool, Person | None]]:
    """(role, is of the owning tenant, person)"""
    yield "public", True, None
    yield "family", True, family
    for role in Role:
        yield role, True, home.people[role]
        yield role, False, elsewhere.people[role]


def verdict(client: Client, method: str, url: str) -> str:
    response = client.generic(method, url)
    if response.status_code == 302 and "/account/login/" in response["Location"]:
        return "sign in"
    return {404: "hidden", 405: "no such method"}.get(response.status_code, "open")


@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_only_those_who_may_get_in(
    name: str, home: Tenant, elsewhere: Tenant, family: Person, signed_in: Callable[[Person | None], Client]
) -> None:
    case = cases()[name]
    url = reverse(name, kwargs=case.arguments(home))
    for role, is_own, person in actors(home, elsewhere, family):
        may = role in (case.own if is_own else case.other)
        for method in METHODS:
            expected = "open" if may else ("sign in" if person is None else "hidden")
            if method not in case.methods:
                expected = "no such method"
            seen = verdict(signed_in(person), method, url)
            assert seen == expected, f"{method} {url} as {role} of {'the same' if is_own else 'another'} tenant"
