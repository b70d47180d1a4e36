"""Facilitators as the engine takes them, and who would accompany which group, with the reasons."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from commonground.engines.formation import facilitators as engine
from commonground.site.directory.models import Organization, Person, Term
from commonground.site.directory.roles import Role
from commonground.site.formation.models import Facilitator, Round, Version
from commonground.site.formation.models.facilitators import FacilitatorState
from commonground.site.formation.models.offers import Offer, OfferState
from commonground.site.formation.plan import Plan
from commonground.site.formation.queries.drafts import Table
from commonground.site.partnership.models import Partnership


def the_facilitator(pk: int) -> Facilitator:
    try:
        return Facilitator.objects.select_related("agency", "person", "position").get(pk=pk)
    except Facilitator.DoesNotExist:
        raise Http404 from None


def the_agency(pk: int) -> Organization:
    found = Organization.objects.filter(pk=pk).first()
    if found is None or not found.is_agency:
        raise Http404
    return found


def of_staff(person: Person) -> QuerySet[Facilitator]:
    """The facilitators of every agency whose staff this person is."""
    agencies = [held.organization_id for held in person.positions if held.role == Role.AGENCY_STAFF]
    return Facilitator.objects.filter(agency__in=agencies).select_related("person", "position", "agency")


def groups_now(facilitators: QuerySet[Facilitator]) -> Counter[int]:
    """How many groups each accompanies already, partnerships and open proposals, by number of the facilitator."""
    seats = {row.position_id: row.pk for row in facilitators if row.position_id}
    with_groups = Partnership.objects.filter(facilitator__in=seats).values_list("facilitator", flat=True)
    proposed = Offer.objects.filter(facilitator__in=seats, state=OfferState.OPEN).values_list("facilitator", flat=True)
    return Counter(seats[seat] for seat in [*with_groups, *proposed] if seat is not None)


def current_ones(facilitators: QuerySet[Facilitator]) -> list[Facilitator]:
    """Those who can be assigned: active, and holding their seat today."""
    active = list(facilitators.filter(state=FacilitatorState.ACTIVE).select_related("person", "position"))
    today = Term.objects.on(timezone.localdate()).filter(position__in=[row.position_id for row in active])
    held = set(today.values_list("position", "person"))
    return [row for row in active if (row.position_id, row.person_id) in held]


def people(round: Round) -> tuple[engine.Facilitator, ...]:
    """The agency's facilitators as the engine takes them; the caseload is what is left of it."""
    rows = Facilitator.objects.filter(agency=round.agency).prefetch_related("topics", "employers", "worked_with")
    busy = groups_now(rows)
    current = current_ones(rows)
    workplaces = _workplaces(current)
    return tuple(
        engine.Facilitator(
            id=str(row.pk),
            name=str(row.person),
            latitude=row.latitude,
            longitude=row.longitude,
            radius_km=float(row.radius_km),
            expertise=frozenset([*row.areas, *(topic.code for topic in row.topics.all())]),
            languages=frozenset(row.languages),
            caseload=max(0, row.caseload - busy[row.pk]),
            worked_with=frozenset(str(each.pk) for each in row.worked_with.all()),
            employers=_employers(row, workplaces.get(row.person_id, set())),
        )
        for row in current
    )


def _workplaces(rows: Sequence[Facilitator]) -> dict[int, set[int]]:
    """The organizations at which each person holds a position today, by the person's number."""
    terms = Term.objects.on(timezone.localdate()).filter(person__in=[row.person_id for row in rows])
    found: dict[int, set[int]] = {}
    for person, organization in terms.values_list("person", "position__organization"):
        found.setdefault(person, set()).add(organization)
    return found


def _employers(row: Facilitator, workplaces: set[int]) -> frozenset[str]:
    """Where the person works: what they said, and every organization at which they hold a position today."""
    said = {employer.pk for employer in row.employers.all()}
    return frozenset(str(pk) for pk in said | (workplaces - {row.agency_id}))


@dataclass(frozen=True)
class Accompanied:
    """One group and its facilitator, or nobody; reasons in the reader's language."""

    number: int
    members: list[str]
    area: str
    facilitator: Facilitator | None
    reasons: list[str]
    chosen: bool
    refused: list[Facilitator]


@dataclass(frozen=True)
class Accompaniment:
    """The whole assignment; `refusal` says why there is none."""

    rows: list[Accompanied]
    refusal: list[str]
    available: list[Facilitator]

    def by_group(self) -> dict[int, Facilitator | None]:
        return {row.number: row.facilitator for row in self.rows}


def assignment(table: Table, version: Version) -> Accompaniment:
    """The best assignment for the version's groups under what staff decided. The same whenever it is asked."""
    plan, wishes = table.plan(version), version.wishes
    persons = people(table.round)
    rows = Facilitator.objects.select_related("person", "position").in_bulk([int(person.id) for person in persons])
    known = {person.id: rows[int(person.id)] for person in persons}
    cases = [_case(table, planned.number, plan) for planned in plan]
    rules = _rules(wishes, {case.id for case in cases}, set(known))
    wrong = engine.wrong_input(cases, persons, rules)
    if wrong:
        return Accompaniment([], table.wording.say_all(wrong), list(known.values()))
    answer = engine.assign(cases, persons, rules)
    found = []
    for planned, row in zip(plan, answer.rows, strict=True):
        found.append(
            Accompanied(
                number=planned.number,
                members=table.names(planned.members),
                area=table.wording.area(planned.area),
                facilitator=known[row.facilitator] if row.facilitator else None,
                reasons=table.wording.say_all(row.reasons),
                chosen=str(planned.number) in rules.pins,
                refused=[known[person] for case, person in sorted(rules.forbidden) if case == str(planned.number)],
            )
        )
    return Accompaniment(found, [], list(known.values()))


def _case(table: Table, number: int, plan: Plan) -> engine.Case:
    planned = next(each for each in plan if each.number == number)
    name = _("Group %(number)s") % {"number": number}
    case = engine.case_of(table.market, planned.group, id=str(number), name=name)
    return replace(case, leas={lea: table.wording.member(lea) for lea in case.leas})


def _rules(wishes: Mapping[str, Any], cases: set[str], known: set[str]) -> engine.FacilitatorRules:
    """Staff's decisions; those about groups or people who are gone count no more."""
    pins = {group: str(who) for group, who in wishes["facilitators"].items() if group in cases and str(who) in known}
    forbidden = {
        (str(group), str(who)) for group, who in wishes["not_facilitators"] if str(group) in cases and str(who) in known
    }
    return engine.FacilitatorRules(pins=pins, forbidden=frozenset(forbidden))


def cities_near(agency: Organization) -> QuerySet[Organization]:
    """Schools and LEAs with a place in the agency's state: where a facilitator may start from."""
    located = Organization.objects.filter(latitude__isnull=False, longitude__isnull=False).exclude(city="")
    return located.filter(Q(state=agency.state)) if agency.state else located
