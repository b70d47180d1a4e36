"""Reads a table of sign-ups into members of a market: the sign-up form on paper, in a spreadsheet."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from commonground.engines.formation import MarketError, Member
from commonground.formats.cells import Cells
from commonground.formats.places import Place, implausible
from commonground.formats.texts import problem
from commonground.formats.vocabulary import Vocabulary
from commonground.tables import Column, Problem, Table, in_order, match_columns, normalized

SECTORS: Mapping[str, str] = MappingProxyType(
    {
        "district": "district",
        "traditional": "district",
        "traditional_public": "district",
        "charter": "charter",
        "private": "private",
    }
)
_LOCALES = {"1": "city", "2": "suburb", "3": "town", "4": "rural"}  # first digit of an NCES locale code
_BANDS = (("elementary", -2, 5), ("middle", 6, 8), ("high", 9, 12))
_GRADE = {"pk": -2, "ps": -2, "tk": -1, "k": 0, "kg": 0}
_RANGE = re.compile(r"^([a-z]{1,2}|\d{1,2})(?:\s*(?:-|–|to)\s*([a-z]{1,2}|\d{1,2}))?$")

SCHOOL_COLUMNS = (
    Column("id", aliases=("school id", "nces school id")),
    Column("name", required=True, aliases=("school", "school name")),
    Column("sector", required=True),
    Column("lea", aliases=("district", "district name")),
    Column("latitude", aliases=("lat",)),
    Column("longitude", aliases=("lon", "lng", "long")),
    Column("focus_areas", aliases=("areas", "focus area")),
    Column("needs"),
    Column("strengths"),
    Column("grades", aliases=("grade bands", "grade span")),
    Column("locale"),
    Column("enrollment", aliases=("enrolment", "students")),
    Column("readiness"),
    Column("languages"),
    Column("worked_well_with", aliases=("good with",)),
    Column("worked_badly_with", aliases=("bad with",)),
    Column("travel_limit", aliases=("max travel",)),
)


@dataclass(frozen=True, slots=True)
class SignUps:
    """Who signed up, in the order of the file. `rows` maps an id to its row."""

    members: tuple[Member, ...]
    rows: Mapping[str, int]
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...] = ()


def read_schools(
    table: Table,
    *,
    areas: Vocabulary | None = None,
    topics: Vocabulary | None = None,
    need_area: bool = True,
    need_place: bool = True,
) -> SignUps:
    """The members of a sign-up table. `areas` and `topics` may be closed lists.

    `need_area` and `need_place` say whether a school without one is a problem: some rounds have no focus areas, and
    drive times make places unnecessary.
    """
    if not table.ok:
        return SignUps((), {}, table.problems)
    columns, found = match_columns(table, SCHOOL_COLUMNS)
    problems = list(found)
    reader = _Reader(areas or Vocabulary(), topics or Vocabulary(), need_area, need_place)
    members: list[Member] = []
    rows: dict[str, int] = {}
    for row in table.rows:
        cells = Cells(table.file, row, columns, problems)
        member = reader.member(cells, rows)
        if member is not None:
            members.append(member)
            rows[member.id] = row.number
    wrong, notes = implausible(table.file, reader.places)
    problems += [*wrong, *_doubles(table.file, members, rows)]
    linked, unknown = _link(table.file, members, rows)
    return SignUps(tuple(linked), rows, tuple(in_order(problems)), tuple(in_order([*notes, *unknown])))


class _Reader:
    """Reads row after row, with what the rows have in common: the words in use, and the places for a later look."""

    def __init__(self, areas: Vocabulary, topics: Vocabulary, need_area: bool, need_place: bool) -> None:
        self._areas = areas
        self._topics = topics
        self._need_area = need_area
        self._need_place = need_place
        self.places: list[Place] = []

    def member(self, cells: Cells, rows: Mapping[str, int]) -> Member | None:
        name = cells.text("name", required=True)
        id = self._id(cells, name, rows)
        sector = self._sector(cells)
        areas = cells.names("focus_areas", self._areas)
        if self._need_area and not areas and name:
            cells.complain("no_focus_area", "focus_areas", name=name)
        latitude, longitude = self._place(cells, name)
        values: dict[str, Any] = {
            "lea": cells.text("lea"),
            "locale": _locale(cells),
            "needs": cells.weighted("needs", self._topics),
            "strengths": cells.weighted("strengths", self._topics),
            "grade_bands": _grades(cells),
            "enrollment": cells.whole("enrollment"),
            "readiness": cells.number("readiness", 0, 1),
            "languages": frozenset(cells.names("languages")),
            "good_with": frozenset(cells.names("worked_well_with")),
            "bad_with": frozenset(cells.names("worked_badly_with")),
            "travel_limit": cells.number("travel_limit", 0.001, 100_000),
        }
        if not (name and id and sector):
            return None
        try:
            return Member(
                id=id, name=name, sector=sector, areas=areas, latitude=latitude, longitude=longitude, **values
            )
        except MarketError as error:
            cells.refuse(error.reason)
            return None

    def _id(self, cells: Cells, name: str, rows: Mapping[str, int]) -> str:
        """The id of the row, or one made of the name and, for a second school of that name, the row's number."""
        stated = cells.text("id")
        if stated:
            if stated in rows:
                cells.complain("same_id", "id", id=stated, other=rows[stated])
                return ""
            return stated
        made = normalized(name).replace("_", "-")
        return f"{made}-{cells.row.number}" if made in rows else made

    def _sector(self, cells: Cells) -> str:
        stated = cells.text("sector", required=True)
        sector = SECTORS.get(normalized(stated), "")
        if stated and not sector:
            cells.complain("unknown_sector", "sector", found=stated, known="district, charter or private")
        return sector

    def _place(self, cells: Cells, name: str) -> tuple[float | None, float | None]:
        """The place of a row. One outside the bounds of the Earth is looked at later, with all others beside it."""
        stated = [bool(cells.text(column)) for column in ("latitude", "longitude")]
        latitude, longitude = cells.number("latitude", -180, 180), cells.number("longitude", -180, 180)
        if any(stated) and not all(stated):
            cells.complain("half_a_place", "latitude", name=name)
        elif not any(stated) and self._need_place:
            cells.complain("no_place", "latitude", name=name)
        if latitude is None or longitude is None:
            return None, None
        place = Place(cells.row.number, name, latitude, longitude)
        self.places.append(place)
        return (latitude, longitude) if place.livable and (latitude or longitude) else (None, None)


def _locale(cells: Cells) -> str:
    stated = cells.text("locale")
    locale = normalized(stated.split(":")[0].split("-")[0])
    locale = _LOCALES.get(locale[:1], locale)
    if locale in {"", *_LOCALES.values()}:
        return locale
    cells.complain("unknown_locale_name", "locale", found=stated)
    return ""


def _grades(cells: Cells) -> frozenset[str]:
    """Bands of grades, from their names or from ranges: ``K-8`` is elementary and middle."""
    bands: set[str] = set()
    for stated in cells.names("grades"):
        named = [band for band, _, _ in _BANDS if band == normalized(stated)]
        spanned = _span(stated.casefold())
        if not (named or spanned):
            cells.complain("unknown_grades", "grades", found=stated)
        bands.update(named, spanned)
    return frozenset(bands)


def _span(stated: str) -> list[str]:
    match = _RANGE.match(stated)
    if not match:
        return []
    ends = [_GRADE.get(end, int(end) if end.isdigit() else None) for end in (match[1], match[2] or match[1])]
    low, high = ends
    if low is None or high is None or low > high or high > 12:
        return []
    return [band for band, first, last in _BANDS if low <= last and high >= first]


def _doubles(file: str, members: Iterable[Member], rows: Mapping[str, int]) -> list[Problem]:
    """Two rows with one name at one place (to about a hundred meters) are one school that signed up twice."""
    first: dict[tuple[str, ...], int] = {}
    problems = []
    for member in members:
        if member.latitude is None or member.longitude is None:
            continue
        key = (normalized(member.name), f"{member.latitude:.3f}", f"{member.longitude:.3f}")
        row = rows[member.id]
        if key in first:
            problems.append(problem("same_school", file, row, None, name=member.name, other=first[key]))
        first.setdefault(key, row)
    return problems


def _link(file: str, members: list[Member], rows: Mapping[str, int]) -> tuple[list[Member], list[Problem]]:
    """Turns the names of schools that one worked with into ids. Whoever did not sign up is noted and left out."""
    ids = {normalized(name): member.id for member in members for name in (member.name, member.id)}
    notes: list[Problem] = []

    def known(member: Member, names: Iterable[str], column: str) -> frozenset[str]:
        for name in sorted(names):
            if normalized(name) not in ids:
                notes.append(problem("unknown_partner", file, rows[member.id], column, found=name))
        return frozenset(ids[normalized(name)] for name in names if normalized(name) in ids) - {member.id}

    linked = []
    for member in members:
        good = known(member, member.good_with, "worked_well_with")
        bad = known(member, member.bad_with, "worked_badly_with")
        linked.append(replace(member, good_with=good - bad, bad_with=bad))
    return linked, notes
