"""Every page of the site in a real browser, in both languages, on a phone and on a desk.

The pages come from the URL configuration and each feature's `access_cases`, so a new page is examined without a word here.
Over the four passes the roles that may open a page take turns.
"""

from itertools import cycle, islice

import pytest
from django.urls import reverse

from commonground.site.audit.models import Entry
from commonground.site.directory.models import Organization, Person, Position, PositionRequest
from commonground.site.directory.roles import Role
from tests.journeys.checks import Watch
from tests.journeys.conftest import OpenBrowser
from tests.site.conftest import Tenant
from tests.site.test_access_matrix import Case, cases

PASSES = [("en", 360), ("en", 1280), ("es", 360), ("es", 1280)]
# The library's pages: those that need no half-finished sign-in, by who may open them.
SIGNED_OUT_PAGES = ("account_login", "account_signup", "account_request_login_code", "account_reset_password")
SIGNED_IN_PAGES = ("account_email", "account_set_password", "account_logout", "mfa_index", "mfa_activate_totp")
NOT_PAGES = {"health"}  # answers a machine, and is not well without a worker


def library_cases() -> dict[str, Case]:
    signed_out = {name: Case(own=frozenset({"public"})) for name in SIGNED_OUT_PAGES}
    return signed_out | {name: Case(own=frozenset({"family"})) for name in SIGNED_IN_PAGES}


def pages(turn: int, tenant: Tenant) -> dict[str, list[str]]:
    """Role to the addresses that it opens in this pass."""
    plan: dict[str, list[str]] = {}
    for name, case in sorted((cases() | library_cases()).items()):
        if "GET" in case.methods and case.own and name not in NOT_PAGES:
            role = next(islice(cycle(sorted(case.own)), turn, None))
            plan.setdefault(role, []).append(reverse(name, kwargs=case.arguments(tenant)))
    return plan


def names() -> frozenset[str]:
    """Names and titles that stand in the data: nobody translates them."""
    rows = (
        (Organization, "name"),
        (Person, "name"),
        (Position, "title"),
        (PositionRequest, "title"),
        (Entry, "subject_name"),  # a thing's name on the day of the act
    )
    return frozenset(str(value) for model, field in rows for value in model.objects.values_list(field, flat=True))


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("language", "width"), PASSES)
def test_every_page_is_sound(language: str, width: int, home: Tenant, family: Person, profile: OpenBrowser) -> None:
    people: dict[str, Person | None] = {
        "public": None,
        "family": family,
        **{str(role): home.people[role] for role in Role},
    }
    problems: list[str] = []
    for role, addresses in pages(PASSES.index((language, width)), home).items():
        page = profile(people[role], language=language, width=width).new_page()
        watch = Watch(page, names())
        for address in addresses:
            if watch.visit(address):
                watch.examine()
        problems += [f"as {role}: {problem}" for problem in watch.problems]
    assert not problems, "\n" + "\n".join(problems)
