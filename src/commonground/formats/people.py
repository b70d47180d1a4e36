"""Reads a table of people who offer to accompany groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from commonground.engines.formation import Member
from commonground.engines.formation.facilitators import Facilitator, FacilitatorError
from commonground.formats.cells import Cells
from commonground.formats.places import Place, implausible
from commonground.formats.vocabulary import Vocabulary
from commonground.tables import Column, Problem, Table, in_order, match_columns, normalized

PEOPLE_COLUMNS = (
    Column("id"),
    Column("name", required=True, aliases=("facilitator",)),
    Column("latitude", aliases=("lat",)),
    Column("longitude", aliases=("lon", "lng", "long")),
    Column("radius_km", aliases=("radius", "travels up to km")),
    Column("expertise"),
    Column("languages"),
    Column("caseload", required=True, aliases=("groups",)),
    Column("worked_well_with", aliases=("good with",)),
    Column("employers", aliases=("employer", "works for")),
)


@dataclass(frozen=True, slots=True)
class People:
    """Who offers to facilitate, in the order of the file."""

    people: tuple[Facilitator, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...] = ()


def read_people(table: Table, *, expertise: Vocabulary | None = None, members: Sequence[Member] = ()) -> People:
    """The facilitators of a table. `expertise` spells focus areas and topics as the sign-ups do; employers and good
    relations may name `members` or their LEAs by id or name."""
    if not table.ok:
        return People((), table.problems)
    columns, found = match_columns(table, PEOPLE_COLUMNS)
    problems = list(found)
    words, places = expertise or Vocabulary(), list[Place]()
    people: dict[str, Facilitator] = {}
    rows: dict[str, int] = {}
    for row in table.rows:
        cells = Cells(table.file, row, columns, problems)
        person = _person(cells, rows, words, places)
        if person is not None:
            people[person.id] = person
            rows[person.id] = row.number
    wrong, notes = implausible(table.file, places)
    ids = _organizations(members)
    known = tuple(_link(person, ids) for person in people.values())
    return People(known, tuple(in_order([*problems, *wrong])), tuple(in_order(notes)))


def _person(cells: Cells, rows: Mapping[str, int], words: Vocabulary, places: list[Place]) -> Facilitator | None:
    name = cells.text("name", required=True)
    id = cells.text("id") or normalized(name).replace("_", "-")
    if id in rows:
        cells.complain("same_id", "id", id=id, other=rows[id])
        return None
    latitude, longitude = cells.number("latitude", -180, 180), cells.number("longitude", -180, 180)
    if latitude is not None and longitude is not None:
        places.append(Place(cells.row.number, name, latitude, longitude))
        if not places[-1].livable:
            latitude = longitude = None
    cells.text("caseload", required=True)
    caseload = cells.whole("caseload")
    values: dict[str, Any] = {
        "radius_km": cells.number("radius_km", 0.001, 100_000),
        "expertise": frozenset(cells.names("expertise", words)),
        "languages": frozenset(cells.names("languages")),
        "worked_with": frozenset(cells.names("worked_well_with")),
        "employers": frozenset(cells.names("employers")),
    }
    if not (name and id) or caseload is None:
        return None
    try:
        return Facilitator(id, name, latitude, longitude, caseload=caseload, **values)
    except FacilitatorError as error:
        cells.refuse(error.reason)
        return None


def _organizations(members: Sequence[Member]) -> Mapping[str, str]:
    """Ids of members and LEAs by every name under which a person may know them."""
    ids = {normalized(member.lea): member.lea for member in members if member.lea}
    ids |= {normalized(member.name): member.id for member in members}
    return ids | {normalized(member.id): member.id for member in members}


def _link(person: Facilitator, ids: Mapping[str, str]) -> Facilitator:
    def linked(names: frozenset[str]) -> frozenset[str]:
        return frozenset(ids.get(normalized(name), name) for name in names)

    return replace(person, worked_with=linked(person.worked_with), employers=linked(person.employers))
