"""Maps of organizations as plain shapes, drawn on the server. Pure: points in, a picture out; no database, no script, no style.

Up to 400 organizations are drawn one by one. More are drawn as one circle for each county, its surface in proportion to their
number: ten thousand dots say nothing and weigh a megabyte.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from commonground.site.directory import geography
from commonground.site.directory.geography import Box, Point, Shape

WIDTH = 640
MOST_DOTS = 400
LEAST_SPAN = 0.25
"""Degrees that a map shows at least, about 25 km: one school alone still lies in its county."""


@dataclass(frozen=True, slots=True)
class Spot:
    """An organization on its way to the map."""

    name: str
    longitude: float
    latitude: float
    sector: str
    state: str
    county: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A circle on the map, in the picture's units, with the words that a pointer shows."""

    x: float
    y: float
    radius: float
    sector: str
    title: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Picture:
    """A map ready for its template: `counties` and `borders` are the `d` of SVG paths."""

    width: int
    height: int
    counties: tuple[str, ...]
    borders: tuple[str, ...]
    dots: tuple[Dot, ...]

    @property
    def is_by_county(self) -> bool:
        return any(dot.count > 1 for dot in self.dots)


class _Projection:
    """Degrees to picture units: as wide as the picture, true to shape in the middle of the view."""

    def __init__(self, view: Box) -> None:
        self.view = view
        self.squeeze = math.cos(math.radians((view.south + view.north) / 2))
        self.scale = WIDTH / ((view.east - view.west) * self.squeeze)
        self.height = max(1, round((view.north - view.south) * self.scale))

    def __call__(self, point: Point) -> tuple[float, float]:
        longitude, latitude = point
        x = (longitude - self.view.west) * self.squeeze * self.scale
        return round(x, 1), round((self.view.north - latitude) * self.scale, 1)

    def path(self, lines: Iterable[Sequence[Point]], *, closed: bool) -> str:
        """The `d` of a path; a point that falls on the same spot as the one before is left out."""
        parts = []
        for line in lines:
            points = list(dict.fromkeys(map(self, line)))
            if len(points) > 1:
                parts.append("M" + "L".join(f"{x:g} {y:g}" for x, y in points) + ("Z" if closed else ""))
        return "".join(parts)


def draw(spots: Sequence[Spot], *, least_span: float = LEAST_SPAN) -> Picture | None:
    """A map of these organizations, with the counties and states around them; None where none has a place."""
    if not spots:
        return None
    view = _view(spots, least_span)
    project = _Projection(view)
    states = sorted({spot.state for spot in spots})
    shapes = [shape for state in states for shape in geography.counties(state) if shape.box.meets(view)]
    dots = _by_county(spots, project) if len(spots) > MOST_DOTS else _one_by_one(spots, project)
    return Picture(
        width=WIDTH,
        height=project.height,
        counties=tuple(filter(None, (_county(shape, project) for shape in shapes))),
        borders=tuple(filter(None, (project.path(geography.borders(state), closed=False) for state in states))),
        dots=dots,
    )


def _county(shape: Shape, project: _Projection) -> str:
    return project.path(shape.rings, closed=True)


def _view(spots: Sequence[Spot], least_span: float) -> Box:
    """The box around the spots with a margin, neither tiny nor a thin strip."""
    around = geography.box_of((spot.longitude, spot.latitude) for spot in spots)
    squeeze = math.cos(math.radians((around.south + around.north) / 2))
    wide = max((around.east - around.west) * 1.2, least_span / squeeze)
    high = max((around.north - around.south) * 1.2, least_span * 0.7)
    wide = max(wide, high / squeeze)  # at most a square
    high = max(high, wide * squeeze * 0.5)  # at least half as high as wide
    x, y = (around.west + around.east) / 2, (around.south + around.north) / 2
    return Box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)


def _one_by_one(spots: Sequence[Spot], project: _Projection) -> tuple[Dot, ...]:
    radius = 7 if len(spots) < 60 else 5 if len(spots) < 200 else 4
    return tuple(
        Dot(*project((spot.longitude, spot.latitude)), radius, spot.sector or "agency", spot.name) for spot in spots
    )


def _by_county(spots: Sequence[Spot], project: _Projection) -> tuple[Dot, ...]:
    """Each county's circle stands in the middle of its organizations; large circles are drawn first, under small ones."""
    groups: dict[tuple[str, str], list[Spot]] = {}
    for spot in spots:
        groups.setdefault((spot.state, spot.county), []).append(spot)
    most = max(len(group) for group in groups.values())
    dots = []
    for (state, county), group in groups.items():
        middle = (_mean(spot.longitude for spot in group), _mean(spot.latitude for spot in group))
        radius = round(max(3.0, 30 * math.sqrt(len(group) / most)), 1)
        name = f"{county or '–'}, {state}: {len(group):,}"
        dots.append(Dot(*project(middle), radius, "many", name, len(group)))
    return tuple(sorted(dots, key=lambda dot: -dot.radius))


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed)
