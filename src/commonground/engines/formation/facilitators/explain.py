"""Why a person accompanies a case, what is weak about it, and why a case has nobody."""

from collections.abc import Iterator, Sequence

import numpy as np

from commonground.engines.formation.facilitators import cost
from commonground.engines.formation.facilitators.cost import UNIT, Costs
from commonground.engines.formation.facilitators.model import Case, Facilitator, FacilitatorRules
from commonground.engines.formation.reasons import Reason, reason

_MOST_NAMES = 4


def reasons_for(
    i: int, j: int, cases: Sequence[Case], people: Sequence[Facilitator], rules: FacilitatorRules, table: Costs
) -> tuple[Reason, ...]:
    """The reasons of case i and person j, or of case i being without anybody (j negative)."""
    if j < 0:
        return tuple(_nobody(i, cases[i], people, table))
    good = [*_pinned(cases[i], people[j], rules), *_good(cases[i], people[j], float(table.mean_km[i, j]))]
    return (*good, *_weak(cases[i], people[j]), *_better(i, j, people, table))


def _names(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" (+{more})" if more > 0 else "")


def _pinned(case: Case, person: Facilitator, rules: FacilitatorRules) -> Iterator[Reason]:
    if rules.pins.get(case.id) == person.id:
        yield reason("facilitator_pinned", name=person.name)


def _good(case: Case, person: Facilitator, mean_km: float) -> Iterator[Reason]:
    if case.area is not None and case.area in person.expertise:
        yield reason("facilitator_knows_area", name=person.name, area=case.area)
    if known := [topic for topic in case.needs if topic in person.expertise and topic != case.area]:
        yield reason("facilitator_knows_needs", name=person.name, topics=_names(known), count=len(known))
    if not np.isnan(mean_km):
        yield reason("facilitator_near", name=person.name, km=mean_km)
    if spoken := [language for language in case.languages if language in person.languages]:
        yield reason("facilitator_speaks", name=person.name, languages=_names(spoken))
    if met := [name for id, name in case.organizations.items() if id in person.worked_with]:
        yield reason("facilitator_past", name=person.name, members=_names(met))


def _weak(case: Case, person: Facilitator) -> Iterator[Reason]:
    if case.area is not None and case.area not in person.expertise:
        yield reason("facilitator_new_area", name=person.name, area=case.area)
    if case.needs and not person.expertise & case.needs.keys():
        yield reason("facilitator_new_needs", name=person.name)
    if missing := [language for language in case.languages if language not in person.languages]:
        yield reason("facilitator_not_spoken", name=person.name, languages=_names(missing))


def _better(i: int, j: int, people: Sequence[Facilitator], table: Costs) -> Iterator[Reason]:
    """The person who alone would fit best, where it is not this one: staff will ask."""
    fit = np.where(table.allowed[i], table.points[i], np.iinfo(np.int64).max)
    best = int(fit.argmin())
    if fit[best] < fit[j]:
        points = (int(fit[j]) - int(fit[best])) / UNIT
        yield reason("facilitator_better_elsewhere", name=people[j].name, other=people[best].name, points=points)


def _nobody(i: int, case: Case, people: Sequence[Facilitator], table: Costs) -> Iterator[Reason]:
    if not people:
        yield reason("no_facilitators")
    for code, key in ((cost.CONFLICT, "nobody_neutral"), (cost.FORBIDDEN, "nobody_permitted")):
        if names := _ruled_out_by(i, code, people, table):
            yield reason(key, case=case.name, names=_names(names), count=len(names))
    if len(_ruled_out_by(i, cost.FAR, people, table)):
        over = np.where(table.ruled_out[i] == cost.FAR, table.farthest_km[i], np.inf)
        near = people[int(over.argmin())]
        count = int((table.ruled_out[i] == cost.FAR).sum())
        radius = near.radius_km or 0.0
        yield reason("nobody_near_enough", count=count, name=near.name, km=float(over.min()), radius=radius)
    if names := _ruled_out_by(i, cost.LANGUAGE, people, table):
        yield reason("nobody_speaks", count=len(names), languages=_names(list(case.languages)))
    if names := [*_ruled_out_by(i, cost.ALLOWED, people, table), *_ruled_out_by(i, cost.NO_CASELOAD, people, table)]:
        yield reason("nobody_free", count=len(names), names=_names(names))


def _ruled_out_by(i: int, code: int, people: Sequence[Facilitator], table: Costs) -> list[str]:
    return [people[j].name for j in np.flatnonzero(table.ruled_out[i] == code).tolist()]
