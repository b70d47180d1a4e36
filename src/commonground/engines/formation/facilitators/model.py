"""The people who offer to accompany groups, the groups that need somebody, the rules, and the answer.

A facilitator is a neutral third party who runs a partnership day to day: whoever is employed at a member can never be
its facilitator. What counts beyond that is knowledge of the focus area and of the members' needs, a common language,
the way to the members, good work together in the past, and that nobody gets more groups than he or she can carry.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from commonground.engines.formation.model import Group, Market
from commonground.engines.formation.reasons import FormationError, Reason, reason

Place = tuple[float, float]
FORMAT = "commonground.formation.facilitators/1"


class FacilitatorError(FormationError):
    """A facilitator, or a rule about facilitators, is wrong."""


@dataclass(frozen=True, slots=True)
class Facilitator:
    """One person who offers to accompany groups.

    `radius_km` is how far the person travels (None: any distance). `expertise` holds focus areas and topics alike.
    `caseload` is the most groups the person takes. `worked_with` holds ids of members (or their LEAs) that the person
    worked well with, `employers` those that the person works for: these exclude a group, whatever staff wish.
    """

    id: str
    name: str
    latitude: float | None = None
    longitude: float | None = None
    radius_km: float | None = None
    expertise: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    caseload: int = 1
    worked_with: frozenset[str] = frozenset()
    employers: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        who = {"facilitator": self.id, "name": self.name}
        if not self.id or not self.name:
            raise FacilitatorError("facilitator_nameless", **who)
        if self.caseload < 0 or int(self.caseload) != self.caseload:
            raise FacilitatorError("facilitator_caseload", **who, caseload=self.caseload)
        if self.radius_km is not None and not self.radius_km > 0:
            raise FacilitatorError("facilitator_radius", **who, radius=self.radius_km)
        if (self.latitude is None) != (self.longitude is None):
            raise FacilitatorError("half_a_place", member=self.id, name=self.name)
        if not (abs(self.latitude or 0) <= 90 and abs(self.longitude or 0) <= 180):
            place = {"latitude": self.latitude, "longitude": self.longitude}
            raise FacilitatorError("place_outside", member=self.id, name=self.name, **place)


@dataclass(frozen=True, slots=True)
class Case:
    """A group that needs somebody. `members` maps ids to names, `leas` the members' LEAs by id to names.

    `places` are the members' (latitude, longitude) as far as known. `needs` and `languages` map to their weight, for
    instance the number of members that named them.
    """

    id: str
    name: str
    members: Mapping[str, str]
    leas: Mapping[str, str] = field(default_factory=dict)
    places: tuple[Place, ...] = ()
    area: str | None = None
    needs: Mapping[str, float] = field(default_factory=dict)
    languages: Mapping[str, float] = field(default_factory=dict)

    @property
    def organizations(self) -> Mapping[str, str]:
        """Everybody whom a facilitator may work for or know: members and their LEAs, id to name."""
        return {**self.leas, **self.members}


def case_of(market: Market, group: Group, *, id: str, name: str) -> Case:
    """The case of a group that the engine formed: its members' places, needs and languages."""
    index = market.index()
    members = [market.members[index[member]] for member in group.members]
    needs: dict[str, float] = {}
    languages: dict[str, float] = {}
    for member in members:
        for topic, importance in member.needs.items():
            needs[topic] = needs.get(topic, 0.0) + importance
        for language in member.languages:
            languages[language] = languages.get(language, 0.0) + 1.0
    return Case(
        id=id,
        name=name,
        members={member.id: member.name for member in members},
        leas={member.lea: member.lea for member in members if member.lea},
        places=tuple((m.latitude, m.longitude) for m in members if m.latitude is not None and m.longitude is not None),
        area=group.area,
        needs=dict(sorted(needs.items())),
        languages=dict(sorted(languages.items())),
    )


@dataclass(frozen=True, slots=True)
class FacilitatorWeights:
    """Points that an assignment costs. The best assignment serves as many groups as possible, then costs least.

    - `travel`: per kilometer from the person to the members, on average.
    - `area`: when the person does not know the group's focus area.
    - `needs`: when the person knows none of the members' needs; in proportion when some.
    - `language`: when the person speaks none of the members' languages; in proportion when some.
    - `past`: gained for each member that the person worked well with, up to three.
    - `load`: for the second group of a person; twice for the third, and so on, so that work is spread.
    """

    travel: float = 0.1
    area: float = 3.0
    needs: float = 3.0
    language: float = 2.0
    past: float = 1.0
    load: float = 0.5

    def __post_init__(self) -> None:
        for part in fields(self):
            weight = getattr(self, part.name)
            if not 0 <= weight < math.inf:
                raise FacilitatorError("weight", part=part.name, weight=weight)


@dataclass(frozen=True, slots=True)
class FacilitatorRules:
    """What staff decide. `pins` maps a case to its facilitator; `forbidden` are (case, facilitator) pairs.

    A pin overrides distance and language, for staff know why; it never overrides employment at a member or a caseload.
    """

    pins: Mapping[str, str] = field(default_factory=dict)
    forbidden: frozenset[tuple[str, str]] = frozenset()
    language_required: bool = False
    weights: FacilitatorWeights = field(default_factory=FacilitatorWeights)


@dataclass(frozen=True, slots=True)
class Assigned:
    """One case and its facilitator (None: nobody), with the points that it costs and the reasons."""

    case: str
    facilitator: str | None
    cost: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """All cases in their order. `prices` is the proof: the worth of one more place of each person, in 1/1000 points.

    `cost` is in points and leaves out cases without anybody; `unserved` counts those.
    """

    rows: tuple[Assigned, ...]
    cost: float
    prices: Mapping[str, int]

    @property
    def unserved(self) -> int:
        return sum(row.facilitator is None for row in self.rows)

    def by_case(self) -> dict[str, str | None]:
        return {row.case: row.facilitator for row in self.rows}

    def to_json(self) -> dict[str, Any]:
        """Plain data for json.dump; `from_json` reads it back."""
        rows = [
            {"case": r.case, "facilitator": r.facilitator, "cost": r.cost, "reasons": [w.to_json() for w in r.reasons]}
            for r in self.rows
        ]
        return {"format": FORMAT, "rows": rows, "cost": self.cost, "prices": dict(self.prices)}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Assignment":
        """The assignment that `to_json` wrote. Raises ValueError for any other data."""
        if data.get("format") != FORMAT:
            raise ValueError(f"This is not a saved assignment: its format is {data.get('format')!r}, not {FORMAT!r}.")
        rows = tuple(
            Assigned(
                row["case"],
                row["facilitator"],
                row["cost"],
                tuple(Reason(why["code"], why["data"]) for why in row["reasons"]),
            )
            for row in data["rows"]
        )
        return Assignment(rows, data["cost"], data["prices"])


def wrong_input(cases: Sequence[Case], people: Sequence[Facilitator], rules: FacilitatorRules) -> tuple[Reason, ...]:
    """Everything that keeps these people from being assigned at all, so that staff can repair it in one go."""
    return (*_doubles(cases, people), *_unknown(cases, people, rules), *_impossible_pins(cases, people, rules))


def _doubles(cases: Sequence[Case], people: Sequence[Facilitator]) -> Iterator[Reason]:
    for code, ids in (("case_twice", [c.id for c in cases]), ("facilitator_twice", [p.id for p in people])):
        for double in sorted(one for one, times in Counter(ids).items() if times > 1):
            yield reason(code, id=double)


def _unknown(cases: Sequence[Case], people: Sequence[Facilitator], rules: FacilitatorRules) -> Iterator[Reason]:
    known_cases, known_people = {c.id for c in cases}, {p.id for p in people}
    named: Iterable[tuple[str, str, str]] = [
        *(("pin", case, person) for case, person in sorted(rules.pins.items())),
        *(("ban", case, person) for case, person in sorted(rules.forbidden)),
    ]
    for rule, case, person in named:
        if case not in known_cases:
            yield reason("rule_unknown_case", rule=rule, case=case)
        if person not in known_people:
            yield reason("rule_unknown_facilitator", rule=rule, facilitator=person)


def _impossible_pins(cases: Sequence[Case], people: Sequence[Facilitator], rules: FacilitatorRules) -> Iterator[Reason]:
    by_id, persons = {c.id: c for c in cases}, {p.id: p for p in people}
    load: dict[str, int] = {}
    for case_id, person_id in sorted(rules.pins.items()):
        case, person = by_id.get(case_id), persons.get(person_id)
        if case is None or person is None:
            continue
        load[person.id] = load.get(person.id, 0) + 1
        for employer in sorted(person.employers & case.organizations.keys()):
            where = case.organizations[employer]
            yield reason("pin_conflict", case=case.name, name=person.name, employer=where)
        if (case_id, person_id) in rules.forbidden:
            yield reason("pin_forbidden", case=case.name, name=person.name)
    for person_id, count in load.items():
        if count > persons[person_id].caseload:
            name, most = persons[person_id].name, persons[person_id].caseload
            yield reason("pin_caseload", name=name, pins=count, caseload=most)
