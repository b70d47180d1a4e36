"""Reads the rules of a round from TOML, and turns the schools and people that they name into ids."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from commonground.engines.formation import FormationError, Group, Member, RoadEstimate, Rules, Weights, pairs
from commonground.engines.formation.facilitators import Facilitator, FacilitatorWeights
from commonground.formats.settings import (
    GROUPS,
    NAMES,
    NUMBER,
    PAIRS,
    TABLE,
    TABLES,
    TEXT,
    TEXTS_BY_NAME,
    TRUTH,
    WHOLE,
    Settings,
    parse_toml,
)
from commonground.formats.texts import engine_problem, problem
from commonground.tables import Problem, normalized

# A school is left without a group rather than put into one that loses more than this many points for it.
LEFT_OUT_PENALTY = 20.0

TOP_KEYS = {
    "title": TEXT,
    "groups": TABLE,
    "sectors": TABLE,
    "names": TABLE,
    "travel": TABLE,
    "weights": TABLE,
    "schools": TABLE,
    "fixed": TABLES,
    "facilitators": TABLE,
}
GROUP_KEYS = {
    "size": WHOLE,
    "min": WHOLE,
    "target": WHOLE,
    "max": WHOLE,
    "count": WHOLE,
    "share_focus_area": TRUTH,
    "different_leas": TRUTH,
    "everyone": TRUTH,
    "left_out_penalty": NUMBER,
}
TRAVEL_KEYS = {"measure": TEXT, "limit": NUMBER}
SCHOOL_KEYS = {"apart": PAIRS, "together": GROUPS, "must_place": NAMES}
FIXED_KEYS = {"schools": NAMES, "focus_area": TEXT}
FACILITATOR_KEYS = {"language_required": TRUTH, "pin": TEXTS_BY_NAME, "forbid": PAIRS, "weights": TABLE}


@dataclass(frozen=True, slots=True)
class RoundRules:
    """The rules of a round as written; schools and people in them are names until `resolve`."""

    file: str
    title: str = ""
    focus_areas: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    share_area: bool = True
    road: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    apart: tuple[tuple[str, str], ...] = ()
    together: tuple[tuple[str, ...], ...] = ()
    must_place: tuple[str, ...] = ()
    fixed: tuple[tuple[tuple[str, ...], str | None], ...] = ()
    language_required: bool = False
    pins: Mapping[str, str] = field(default_factory=dict)
    forbidden: tuple[tuple[str, str], ...] = ()
    facilitator_weights: FacilitatorWeights = field(default_factory=FacilitatorWeights)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What staff decided about facilitators, by ids of schools and people: groups have no names before they exist."""

    pins: Mapping[str, str]
    forbidden: tuple[tuple[str, str], ...]


def read_rules(data: bytes, file: str) -> tuple[RoundRules | None, tuple[Problem, ...]]:
    """The rules in a TOML file, or everything that is wrong with them."""
    raw, problems = parse_toml(data, file)
    if problems:
        return None, tuple(problems)
    top = Settings(raw, file, problems)
    tables = top.read(TOP_KEYS)
    at = {name: top.within(name, tables.get(name, {})) for name in TOP_KEYS if name not in {"title", "fixed"}}
    groups, names = at["groups"].read(GROUP_KEYS), at["names"].read({"focus_areas": NAMES, "topics": NAMES})
    travel, schools = at["travel"].read(TRAVEL_KEYS), at["schools"].read(SCHOOL_KEYS)
    people = at["facilitators"].read(FACILITATOR_KEYS)
    if travel.get("measure", "straight") not in {"straight", "road"}:
        at["travel"].complain("wrong_type", "measure", wanted="“straight” or “road”")
    settings = _sizes(at["groups"], groups) | _sectors(at["sectors"], tables.get("sectors", {}))
    settings |= {"travel_limit": travel.get("limit"), "weights": _weights(at["weights"], Weights)}
    fixed = [_fixed(top.within(f"fixed[{k}]", one)) for k, one in enumerate(tables.get("fixed", []), start=1)]
    weights = _weights(at["facilitators"].within("weights", people.get("weights", {})), FacilitatorWeights)
    rules = RoundRules(
        file=file,
        title=tables.get("title", ""),
        focus_areas=tuple(names.get("focus_areas", ())),
        topics=tuple(names.get("topics", ())),
        share_area=groups.get("share_focus_area", True),
        road=travel.get("measure") == "road",
        settings=settings,
        apart=tuple((first, second) for first, second in schools.get("apart", ())),
        together=tuple(tuple(one) for one in schools.get("together", ())),
        must_place=tuple(schools.get("must_place", ())),
        fixed=tuple(one for one in fixed if one),
        language_required=people.get("language_required", False),
        pins=people.get("pin", {}),
        forbidden=tuple((school, person) for school, person in people.get("forbid", ())),
        facilitator_weights=weights or FacilitatorWeights(),
    )
    if not problems:
        problems += _refused(rules)
    return (None if problems else rules), tuple(problems)


def _sizes(at: Settings, groups: Mapping[str, Any]) -> dict[str, Any]:
    if "size" in groups and groups.keys() & {"min", "target", "max"}:
        at.complain("two_sizes", "size")
    stated = [groups[key] for key in ("min", "target", "max") if key in groups] or [groups.get("size", 4)]
    settings: dict[str, Any] = {
        "size_min": groups.get("min", min(stated)),
        "size_max": groups.get("max", max(stated)),
        "size_target": groups.get("target"),
        "share_area": groups.get("share_focus_area", True),
        "different_leas": groups.get("different_leas", False),
        "group_count": groups.get("count"),
    }
    penalty = groups.get("left_out_penalty", LEFT_OUT_PENALTY)
    settings["unplaced_penalty"] = None if groups.get("everyone", False) else float(penalty)
    return settings


def _sectors(at: Settings, sectors: Mapping[str, Any]) -> dict[str, Any]:
    low, high = {}, {}
    for sector, limits in at.read(dict.fromkeys(("district", "charter", "private"), TABLE)).items():
        read = at.within(sector, limits).read({"min": WHOLE, "max": WHOLE})
        if "min" in read:
            low[sector] = read["min"]
        if "max" in read:
            high[sector] = read["max"]
    return {"sector_min": low, "sector_max": high}


def _weights(at: Settings, kind: type[Any]) -> Any:
    """The weights of the file over the defaults; None where the engine refuses one, which is then a problem."""
    read = at.read(dict.fromkeys((part.name for part in fields(kind)), NUMBER))
    try:
        return kind(**{name: float(value) for name, value in read.items()})
    except FormationError as error:
        at.report(error.reason)
        return None


def _fixed(at: Settings) -> tuple[tuple[str, ...], str | None] | None:
    read = at.read(FIXED_KEYS)
    if "schools" not in read:
        at.complain("wrong_type", "schools", wanted="a list of texts")
        return None
    return tuple(read["schools"]), read.get("focus_area")


def _refused(rules: RoundRules) -> list[Problem]:
    """What contradicts itself in the numbers alone, without any school."""
    try:
        Rules(**rules.settings)
    except FormationError as error:
        return [engine_problem(error.reason, rules.file)]
    return []


class Resolver:
    """Turns the names in rules into ids of schools and people, and collects names that nobody bears."""

    def __init__(self, rules: RoundRules, members: Sequence[Member], people: Sequence[Facilitator]) -> None:
        self._file = rules.file
        self._schools: dict[str, set[str]] = {}
        for member in members:
            for name in {normalized(member.name), normalized(member.id)}:
                self._schools.setdefault(name, set()).add(member.id)
        self._shown = {normalized(name): name for m in members for name in (m.id, m.name)}
        self._people = {normalized(name): p.id for p in people for name in (p.name, p.id)}
        self.problems: list[Problem] = []

    def school(self, name: str, key: str) -> str:
        ids = self._schools.get(normalized(name), set())
        if len(ids) == 1:
            return next(iter(ids))
        close = [] if ids else difflib.get_close_matches(normalized(name), list(self._schools), n=1, cutoff=0.6)
        values = {"suggestion": self._shown[close[0]]} if close else {}
        code = "ambiguous_school" if ids else "misspelled_school" if close else "unknown_school"
        self.problems.append(problem(code, self._file, None, None, key=key, found=name, **values))
        return ""

    def schools(self, names: Iterable[str], key: str) -> tuple[str, ...]:
        return tuple(self.school(name, key) for name in names)

    def pins(self, pins: Mapping[str, str]) -> dict[str, str]:
        """Schools to people. A school may stand there by its id and by its name, but has one facilitator only."""
        found: dict[str, str] = {}
        for school, person in pins.items():
            id, who = self.school(school, "facilitators.pin"), self.person(person, "facilitators.pin")
            if found.setdefault(id, who) != who:
                values = {"school": school, "first": found[id], "second": who}
                self.problems.append(problem("pin_twice", self._file, None, None, **values))
        return found

    def person(self, name: str, key: str) -> str:
        id = self._people.get(normalized(name))
        if id is None:
            self.problems.append(problem("unknown_person", self._file, None, None, key=key, found=name))
        return id or ""


def resolve(
    rules: RoundRules, members: Sequence[Member], people: Sequence[Facilitator]
) -> tuple[Rules | None, Wishes, tuple[Problem, ...]]:
    """The engine's rules for these members, and the wishes about facilitators; or what they cannot mean.

    A group has one facilitator, so schools that are pinned to different ones are kept apart; so is a pinned school from
    those that employ its facilitator or must not get this person.
    """
    names = Resolver(rules, members, people)
    pins = names.pins(rules.pins)
    banned = tuple(
        (names.school(s, "facilitators.forbid"), names.person(p, "facilitators.forbid")) for s, p in rules.forbidden
    )
    values: dict[str, Any] = {
        "blackouts": pairs(
            *((names.school(a, "schools.apart"), names.school(b, "schools.apart")) for a, b in rules.apart)
        ),
        "together": tuple(frozenset(names.schools(one, "schools.together")) for one in rules.together),
        "must_place": frozenset(names.schools(rules.must_place, "schools.must_place")),
        "fixed": tuple(Group(names.schools(one, "fixed"), area) for one, area in rules.fixed if one),
    }
    wishes = Wishes(pins, banned)
    problems = [*names.problems] or [*_pin_problems(rules.file, wishes, members, people)]
    if problems:
        return None, wishes, tuple(problems)
    try:
        apart = _kept_apart(wishes, members, people)
        return Rules(**rules.settings, **values, forbidden=apart), wishes, ()
    except FormationError as error:
        return None, wishes, (engine_problem(error.reason, rules.file),)


def _pin_problems(file: str, wishes: Wishes, members: Sequence[Member], people: Sequence[Facilitator]) -> list[Problem]:
    pins = wishes.pins
    schools, persons = {m.id: m for m in members}, {p.id: p for p in people}
    problems = []
    for school, person in pins.items():
        if persons[person].employers & {school, schools[school].lea}:
            values = {"name": persons[person].name, "school": schools[school].name}
            problems.append(problem("pin_not_neutral", file, None, None, **values))
        if (school, person) in wishes.forbidden:
            values = {"name": persons[person].name, "school": schools[school].name}
            problems.append(problem("pin_and_forbid", file, None, None, **values))
    for person in sorted(set(pins.values())):
        count = list(pins.values()).count(person)
        if count > persons[person].caseload:
            name, most = persons[person].name, persons[person].caseload
            problems.append(problem("pins_over_caseload", file, None, None, name=name, pins=count, caseload=most))
    return problems


def _kept_apart(wishes: Wishes, members: Sequence[Member], people: Sequence[Facilitator]) -> frozenset[frozenset[str]]:
    persons, pins = {p.id: p for p in people}, wishes.pins
    apart = [(a, b) for a in pins for b in pins if a < b and pins[a] != pins[b]]
    for school, person in pins.items():
        employers = persons[person].employers
        apart += [(school, m.id) for m in members if m.id != school and employers & {m.id, m.lea}]
        apart += [(school, other) for other, banned in wishes.forbidden if banned == person]
    return pairs(*apart)


def travel_of(rules: RoundRules) -> RoadEstimate | None:
    """The road estimate where the rules ask for it; None for straight lines."""
    return RoadEstimate() if rules.road else None
