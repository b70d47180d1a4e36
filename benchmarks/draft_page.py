"""How fast the pages answer on which staff change a proposal by hand, in a round with many sign-ups.

    python benchmarks/draft_page.py --signups 1000 --seed 1

Runs in a database of its own on the private server, through the site's own views. Prints JSON as its last line: seconds for the
page of the proposal, the list of places for one member, the preview of one of them, and the move itself; the first answer of a
fresh process (`cold`), then the median of several (`warm`);
`cpu` counts this process alone, without the database and without other work of the machine.
"""

import argparse
import json
import os
import random
import statistics
import time
from typing import Any

TURNS = 5


def main(signups: int, seed: int, seconds: float) -> None:
    from commonground.site.config import postgres

    with postgres.server("benchmark").in_use():
        os.environ |= {"DJANGO_SETTINGS_MODULE": "commonground.site.config.settings", "COMMONGROUND_PRIVATE": "1"}
        os.environ |= {"DATABASE_URL": postgres.server("benchmark").url, "COMMONGROUND_HTTPS": "0"}
        os.environ |= {"COMMONGROUND_HOSTS": "testserver"}
        import django

        django.setup()
        print(json.dumps(measure(signups, seed, seconds)))


def measure(signups: int, seed: int, seconds: float) -> dict[str, Any]:
    from django.core.management import call_command
    from django.test import Client

    call_command("migrate", interactive=False, verbosity=0)
    call_command("flush", interactive=False, verbosity=0)
    staff, round = made_up(signups, random.Random(seed))
    draft = searched(round, staff, seconds)
    client = Client()
    client.force_login(staff, backend="allauth.account.auth_backends.AuthenticationBackend")
    found: dict[str, list[float]] = {}
    for _turn in range(TURNS + 1):
        one_turn(client, draft, found)
    return {"signups": signups, "groups": len(draft.current.groups), **summary(found)}


def summary(found: dict[str, list[float]]) -> dict[str, float]:
    told = {}
    for name, times in found.items():
        told[f"{name}_cold"] = round_(times[0])
        told[f"{name}_warm"] = round_(statistics.median(times[1:]))
    return told


def round_(seconds: float) -> float:
    return round(seconds, 3)


def made_up(count: int, chance: random.Random) -> Any:
    """An agency with somebody on its staff, and a closed round with so many sign-ups, a third of them of charters."""
    from datetime import timedelta

    from django.utils import timezone

    from commonground.site.directory.models import Organization, Person, Position, Term
    from commonground.site.directory.models.organization import Kind
    from commonground.site.directory.roles import Role
    from commonground.site.formation.actions import rounds

    agency = Organization.objects.create(kind=Kind.AGENCY, name="Alder County Office", state="CA")
    staff = Person.objects.create(email="staff@alder.example", name="Staff")
    seat = Position.objects.create(organization=agency, role=Role.AGENCY_STAFF, title="Staff")
    today = timezone.localdate()
    Term.objects.create(position=seat, person=staff, starts=today - timedelta(days=9))
    days = {"opens_on": today, "closes_on": today + timedelta(days=9), "decide_by": today + timedelta(days=40)}
    round = rounds.create(by=staff, agency=agency, kind="quads", name="Many", purpose="Many.", **days)
    sign_up(round, organizations(count, chance), chance)
    for state in ("open", "closed"):
        rounds.advance(round, to=state, by=staff)
    return staff, type(round).objects.get(pk=round.pk)


def organizations(count: int, chance: random.Random) -> Any:
    from commonground.site.directory.models import Organization
    from commonground.site.directory.models.organization import Kind, Sector

    leas = Organization.objects.bulk_create(
        Organization(kind=Kind.DISTRICT, sector=Sector.DISTRICT, name=f"District {k}", state="CA")
        for k in range(count // 8 + 1)
    )
    return Organization.objects.bulk_create(
        Organization(
            kind=Kind.SCHOOL, sector=Sector.DISTRICT if k % 3 else Sector.CHARTER, name=f"School {k}", state="CA", locale=21,
            parent=leas[k % len(leas)], city="Alder", enrollment=chance.randrange(80, 1500),
            latitude=37 + chance.random(), longitude=-120 + chance.random(),
        )
        for k in range(count)
    )  # fmt: skip


def sign_up(round: Any, schools: Any, chance: random.Random) -> None:
    from django.utils import timezone

    from commonground.site.formation.models import RankedArea, SignUp, Topic, TopicChoice

    signups = SignUp.objects.bulk_create(
        SignUp(
            round=round,
            organization=school,
            state="submitted",
            submitted_at=timezone.now(),
            grade_bands=[chance.choice(["elementary", "middle"])],
        )
        for school in schools
    )
    areas, topics = list(round.areas.all()), list(Topic.objects.filter(agency=round.agency))
    RankedArea.objects.bulk_create(
        RankedArea(signup=signup, area=area, rank=rank)
        for signup in signups
        for rank, area in enumerate(chance.sample(areas, 3), start=1)
    )
    TopicChoice.objects.bulk_create(
        TopicChoice(signup=signup, side="need" if k < 3 else "strength", topic=topic, importance=1 + k % 3)
        for signup in signups
        for k, topic in enumerate(chance.sample(topics, 5))
    )


def searched(round: Any, staff: Any, seconds: float) -> Any:
    """The engine's answer, saved as the worker does."""
    from commonground.engines import formation
    from commonground.site.formation.actions import searches
    from commonground.site.formation.models import Draft, Search
    from commonground.site.formation.queries.drafts import Table
    from commonground.site.formation.solver import Found

    formation.make_ready()
    search, table = Search.objects.create(round=round, seconds=int(seconds), asked_by=staff), Table(round)
    assert searches.begin(search.pk)
    solution = formation.solve(table.market, table.rules, seconds=seconds, seed=1)
    searches.save(search, [Found(solution, ())], table)
    return Draft.objects.select_related("current").get(round=round)


def one_turn(client: Any, draft: Any, found: dict[str, list[float]]) -> None:
    """Look at the proposal, ask where its first member could go, look at the best place, and do it; then undo."""
    from django.urls import reverse

    draft.refresh_from_db()
    member = draft.current.groups[0]["members"][0]
    other = draft.current.groups[1]["members"][0]
    move = reverse("formation:move", args=[draft.pk])
    act = {"member": member, "swap": other, "seen": draft.current.number}
    timed(found, "page", lambda: client.get(draft.get_absolute_url()))
    timed(found, "places", lambda: client.get(move, {"member": member}))
    timed(found, "preview", lambda: client.get(move, {"member": member, "swap": other}))
    timed(found, "move", lambda: client.post(move, act), status=302)
    draft.refresh_from_db()
    change = reverse("formation:change_draft", args=[draft.pk])
    client.post(change, {"act": "undo", "seen": draft.current.number})


def timed(found: dict[str, list[float]], name: str, act: Any, status: int = 200) -> None:
    begun, worked = time.perf_counter(), time.process_time()
    answer = act()
    found.setdefault(name, []).append(time.perf_counter() - begun)
    found.setdefault(f"{name}_cpu", []).append(time.process_time() - worked)
    assert answer.status_code == status, (name, answer.status_code)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--signups", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10.0, help="how long the engine may search beforehand")
    chosen = parser.parse_args()
    main(chosen.signups, chosen.seed, chosen.seconds)
