"""The shapes of states and counties, for maps and for telling whether a place can be right. Pure: no database, no clock.

The counties of the United States come from us-atlas (`us-counties.json`, made by `tools/geography`). An invented region, such as
the sample's, adds its own shapes with `add`.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import accumulate
from typing import Any

Point = tuple[float, float]
"""Longitude and latitude, in degrees."""

# The two letters of each state and territory and its number in federal (FIPS) codes, with which the numbers of its counties begin.
_CODES = """
AL01 AK02 AZ04 AR05 CA06 CO08 CT09 DE10 DC11 FL12 GA13 HI15 ID16 IL17 IN18 IA19 KS20 KY21 LA22 ME23 MD24 MA25 MI26 MN27 MS28 MO29
MT30 NE31 NV32 NH33 NJ34 NM35 NY36 NC37 ND38 OH39 OK40 OR41 PA42 RI44 SC45 SD46 TN47 TX48 UT49 VT50 VA51 WA53 WV54 WI55 WY56 AS60
GU66 MP69 PR72 VI78
"""
STATES = {code[:2]: code[2:] for code in _CODES.split()}


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the map, in degrees. Alaska's islands beyond the date line are left out of its box."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, longitude: float, latitude: float, margin: float = 0.0) -> bool:
        return (
            self.west - margin <= longitude <= self.east + margin
            and self.south - margin <= latitude <= self.north + margin
        )

    def meets(self, other: "Box") -> bool:
        return (
            self.west <= other.east
            and other.west <= self.east
            and self.south <= other.north
            and other.south <= self.north
        )


@dataclass(frozen=True, slots=True)
class Shape:
    """A county, or another area: closed rings of points, holes included (fill by the even-odd rule)."""

    name: str
    rings: tuple[tuple[Point, ...], ...]
    box: Box


def box_of(points: Iterable[Point]) -> Box:
    """The smallest box around the points. Raises ValueError without points."""
    longitudes, latitudes = zip(*points, strict=True)
    return Box(min(longitudes), min(latitudes), max(longitudes), max(latitudes))


_added: dict[str, list[Shape]] = {}


def add(state: str, name: str, rings: Sequence[Sequence[Point]]) -> None:
    """Make an area known that is on no atlas."""
    shapes = [shape for shape in _added.get(state, []) if shape.name != name]
    closed = tuple(tuple(ring) for ring in rings)
    _added[state] = [*shapes, Shape(name, closed, box_of(point for ring in closed for point in ring))]


@cache
def _atlas() -> Any:
    return json.loads(files(__package__).joinpath("us-counties.json").read_text(encoding="utf-8"))


@cache
def _arc(number: int) -> tuple[Point, ...]:
    """The border with this number; a negative number is the same border walked the other way."""
    if number < 0:
        return _arc(~number)[::-1]
    atlas = _atlas()
    (sx, sy), (tx, ty) = atlas["scale"], atlas["translate"]
    flat = atlas["arcs"][number]
    columns, rows = accumulate(flat[::2]), accumulate(flat[1::2])
    return tuple((x * sx + tx, y * sy + ty) for x, y in zip(columns, rows, strict=True))


def _ring(arcs: Sequence[int]) -> tuple[Point, ...]:
    joined: list[Point] = []
    for number in arcs:
        joined += _arc(number)[1 if joined else 0 :]
    return tuple(joined)


@cache
def _counties(state: str) -> tuple[Shape, ...]:
    made = []
    for code, name, rings in _atlas()["counties"]:
        if code.startswith(STATES[state]):
            closed = tuple(_ring(ring) for ring in rings)
            made.append(Shape(name, closed, box_of(point for ring in closed for point in ring)))
    return tuple(made)


def counties(state: str) -> tuple[Shape, ...]:
    """The counties of a state by its two letters; none for a state that is on no atlas and was not added."""
    return (_counties(state) if state in STATES else ()) + tuple(_added.get(state, ()))


@cache
def borders(state: str) -> tuple[tuple[Point, ...], ...]:
    """The lines around a state: the county borders that only one of its counties has."""
    if state not in STATES:
        return ()
    rings = [ring for code, _, rings in _atlas()["counties"] if code.startswith(STATES[state]) for ring in rings]
    uses = Counter(number if number >= 0 else ~number for ring in rings for number in ring)
    return tuple(_arc(number) for number, times in uses.items() if times == 1)


@cache
def box(state: str) -> Box | None:
    """The box around a state of the atlas; None for any other."""
    if state not in STATES:
        return None
    boxes = [shape.box for shape in _counties(state)]
    near = [one for one in boxes if one.east < 0] or boxes
    return Box(
        min(one.west for one in near),
        min(one.south for one in near),
        max(one.east for one in near),
        max(one.north for one in near),
    )
