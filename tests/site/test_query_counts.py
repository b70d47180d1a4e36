"""No page asks the database more and more as its list grows: every page that can be reached in the sample county, counted.

The pages come from the URL configuration and from the links that people follow, as in `test_links`.
"""

from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, resolve
from django.utils import timezone

from commonground.site.directory.models import Person
from commonground.site.sample import region
from tests.site.test_links import links

MOST = 45  # queries; a page of the sample county's round has hundreds of rows to show
OF_EACH_KIND = 2
NOT_COUNTED = {"health", "formation:refill"}  # asks the engine, in a process of its own


def view_name(address: str) -> str:
    try:
        return resolve(address.split("?")[0]).view_name
    except Resolver404:
        return address


def costs(client: Client) -> dict[str, int]:
    """Queries by address, for up to so many pages of each kind that links lead to from the home page."""
    waiting, seen, found = ["/"], {}, {}
    known = set(waiting)
    while waiting:
        address = waiting.pop()
        name = view_name(address)
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > OF_EACH_KIND or name in NOT_COUNTED or address.startswith("/account/"):
            continue
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = client.get(address)
        found[address] = len(queries)
        if answer.headers.get("Content-Type", "").startswith("text/html") and answer.status_code == 200:
            fresh = [target for target in links(answer.text, address) if target not in known]
            known.update(fresh)
            waiting += fresh
    return found


def test_every_page_of_the_sample_county_asks_a_bounded_number_of_queries(
    db: None, signed_in: Callable[[Person | None], Client]
) -> None:
    region.make(today=timezone.localdate())
    counted: dict[str, int] = {}
    for sign_in in region.sign_ins():
        person = Person.objects.get(email=sign_in.email)
        counted |= {f"{address} as {sign_in.role}": count for address, count in costs(signed_in(person)).items()}
    assert len(counted) > 100
    dear = {address: count for address, count in counted.items() if count > MOST}
    assert not dear, "\n" + "\n".join(f"{count:4} {address}" for address, count in sorted(dear.items()))
