"""Turns an answer into files. The same answer gives the same bytes, so that `check` can repeat it."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from commonground.cli.form.cases import cases_of, group_id
from commonground.cli.form.folder import as_json
from commonground.cli.form.inputs import Inputs
from commonground.engines.formation import Explanation, Group, Member, Reason, Scorer, Solution, explain
from commonground.engines.formation.facilitators import Assigned, Assignment, Case
from commonground.engines.formation.map import MapPoint, MapTexts, draw_map
from commonground.i18n import ENGLISH, Say, translator
from commonground.reports.formation.words import group_name, texts
from commonground.tables import csv_bytes

CERTIFICATE = "certificate.json"
REPORT, PRINTED = "report.html", "report.pdf"
CERTIFICATE_FORMAT = "commonground.form.certificate/1"


@dataclass(frozen=True)
class Formed:
    """An answer with the inputs that it belongs to."""

    inputs: Inputs
    solution: Solution
    assignment: Assignment | None
    others: tuple[Solution, ...] = ()
    language: str = ENGLISH

    @cached_property
    def say(self) -> Say:
        """Looks texts up in the reader's language."""
        return translator(self.language)

    @cached_property
    def members(self) -> Mapping[str, Member]:
        return {member.id: member for member in self.inputs.market.members}

    @cached_property
    def scorer(self) -> Scorer:
        return Scorer(self.inputs.market, self.inputs.rules)

    @cached_property
    def cases(self) -> tuple[Case, ...]:
        return cases_of(self.inputs.market, self.solution.groups)

    @cached_property
    def explanations(self) -> tuple[Explanation, ...]:
        return tuple(explain(self.scorer, group) for group in self.solution.groups)

    @cached_property
    def facilitators(self) -> Mapping[str, Assigned]:
        """Group ids to their facilitator and reasons; empty where no people were given."""
        return {row.case: row for row in self.assignment.rows} if self.assignment else {}

    @cached_property
    def people(self) -> Mapping[str, str]:
        """Ids of facilitators to their names."""
        return {person.id: person.name for person in self.inputs.people}

    def facilitator_name(self, number: int) -> str:
        """The name of whoever accompanies a group; empty where nobody does."""
        row = self.facilitators.get(group_id(number))
        return self.people[row.facilitator] if row and row.facilitator else ""


def tables_and_map(formed: Formed) -> dict[str, bytes]:
    """Every file that can be computed from the inputs and the certificate, except the report."""
    files = {
        CERTIFICATE: certificate(formed),
        "groups.csv": _groups(formed),
        "without_a_group.csv": _left_out(formed),
        "reasons.json": as_json(_reasons(formed)),
        "map.svg": draw_map(map_points(formed), texts=map_texts(formed), standalone=True).encode(),
    }
    if formed.assignment is not None:
        files["facilitators.csv"] = _facilitators(formed, formed.assignment)
    if formed.others:
        files["alternatives.csv"] = _alternatives(formed)
    return files


def certificate(formed: Formed) -> bytes:
    """The answer with its proofs, as the engines save them."""
    return as_json(
        {
            "format": CERTIFICATE_FORMAT,
            "solution": formed.solution.to_json(),
            "facilitators": formed.assignment.to_json() if formed.assignment else None,
            "alternatives": [other.to_json() for other in formed.others],
        }
    )


def _member_rows(formed: Formed, groups: Iterable[Group]) -> Iterable[tuple[int, Group, Member]]:
    for number, group in enumerate(groups, start=1):
        for id in group.members:
            yield number, group, formed.members[id]


def _groups(formed: Formed) -> bytes:
    header = [
        "group",
        "focus_area",
        "school_id",
        "school",
        "sector",
        "lea",
        "latitude",
        "longitude",
        "choice",
        "facilitator",
    ]
    rows = []
    for number, group, member in _member_rows(formed, formed.solution.groups):
        rank = member.rank(group.area)
        choice = None if rank is None else rank + 1
        place = (member.latitude, member.longitude)
        who = (member.id, member.name, member.sector, member.lea)
        rows.append((group_id(number), group.area, *who, *place, choice, formed.facilitator_name(number)))
    return csv_bytes(header, rows)


def _left_out(formed: Formed) -> bytes:
    rows = []
    for unplaced in formed.solution.unplaced:
        member = formed.members[unplaced.member]
        rows.append((member.id, member.name, member.sector, " ".join(why.said(formed.say) for why in unplaced.reasons)))
    return csv_bytes(["school_id", "school", "sector", "reasons"], rows)


def _facilitators(formed: Formed, assignment: Assignment) -> bytes:
    rows = []
    for row, group in zip(assignment.rows, formed.solution.groups, strict=True):
        name = formed.people[row.facilitator] if row.facilitator else None
        cost = row.cost if row.facilitator else None
        rows.append(
            (row.case, group.area, row.facilitator, name, cost, " ".join(why.said(formed.say) for why in row.reasons))
        )
    return csv_bytes(["group", "focus_area", "facilitator_id", "facilitator", "points_lost", "reasons"], rows)


def _alternatives(formed: Formed) -> bytes:
    rows = [
        (number, other.score, group_id(group_number), group.area, member.id, member.name)
        for number, other in enumerate(formed.others, start=1)
        for group_number, group, member in _member_rows(formed, other.groups)
    ]
    return csv_bytes(["alternative", "points", "group", "focus_area", "school_id", "school"], rows)


def _reasons(formed: Formed) -> dict[str, Any]:
    """Why, as data: codes and values for programs, a sentence for people."""
    groups = []
    for number, (group, why) in enumerate(zip(formed.solution.groups, formed.explanations, strict=True), start=1):
        row = formed.facilitators.get(group_id(number))
        groups.append(
            {
                "group": group_id(number),
                "focus_area": group.area,
                "members": list(group.members),
                "points": {part: _rounded(points) for part, points in why.score.parts.items()},
                "total": _rounded(why.score.total),
                "shared_needs": [{"topic": s.topic, "members": list(s.members)} for s in why.shared],
                "exchanges": [
                    {"topic": e.topic, "needed_by": list(e.needed_by), "offered_by": list(e.offered_by)}
                    for e in why.exchanges
                ],
                "weak": _told(formed, weak(why)),
                "travel": [{"first": p.first, "second": p.second, "way": _rounded(p.travel)} for p in why.score.pairs],
                "facilitator": row.facilitator if row else None,
                "facilitator_reasons": _told(formed, row.reasons) if row else [],
            }
        )
    left = [{"school": u.member, "reasons": _told(formed, u.reasons)} for u in formed.solution.unplaced]
    return {"groups": groups, "without_a_group": left, "travel_unit": formed.inputs.market.travel.unit}


def _told(formed: Formed, reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    return [one.to_json() | {"text": one.said(formed.say)} for one in reasons]


def weak(why: Explanation) -> list[Reason]:
    """What is weak about a group, but for ways that do not exist: the report says these in its own words."""
    return [one for one in why.weak if math.isfinite(one.data.get("travel", 0.0))]


def _rounded(value: float) -> float | None:
    """Six digits: enough for anybody, and the same on machines whose last digit differs. None for "no way"."""
    return round(float(value), 6) + 0.0 if math.isfinite(value) else None


def map_points(formed: Formed) -> list[MapPoint]:
    """Every school with a place; groups by their number."""
    number_of = {id: n for n, group in enumerate(formed.solution.groups, start=1) for id in group.members}
    return [
        MapPoint(m.name, m.sector, m.latitude, m.longitude, number_of.get(m.id))
        for m in formed.inputs.market.members
        if m.latitude is not None and m.longitude is not None
    ]


def map_texts(formed: Formed) -> MapTexts:
    say, words, t = formed.say, MapTexts(), texts(formed.say)
    said = {name: say(getattr(words, name)) for name in ("title", "description", "without", "empty", "alone")}
    names = {n: group_name(t, n, group.area) for n, group in enumerate(formed.solution.groups, start=1)}
    sectors = {sector: say(name) for sector, name in words.sectors.items()}
    return replace(words, **said, sectors=sectors, groups=names)
