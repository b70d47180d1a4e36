"""A map of groups as SVG: who is where, who is with whom, and how far that is.

Groups are told apart by number, schools of different sectors by shape; color only helps. The picture carries classes
and no inline styles, so that a page with a strict Content-Security-Policy can embed it and bring `MAP_CSS` in its
own style sheet; `standalone=True` puts the same styles inside, for a file of its own. There is no background map: a
plain plane (equirectangular around the middle) is right to a few percent across a state, and nothing has to be fetched.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from commonground.i18n import N_

KM_PER_DEGREE = 111.195  # of latitude, on a sphere with the Earth's mean radius
MILES_PER_KM = 0.621371
TONES = 8
_MARGIN, _FOOT, _KEY = 34.0, 84.0, 20.0
_MOST_TALL, _LEAST_TALL = 0.85, 0.45  # height of the drawing as a share of its width
_LEAST_KM = 2.0
_SIZE, _MANY = 5.5, 80

MAP_CSS = """\
.cg-map { max-width: 100%; height: auto; font-family: system-ui, sans-serif; font-size: 13px; }
.cg-map-ground { fill: #f6f6f2; stroke: #a9aeb1; }
.cg-map-tie { fill: none; stroke-width: 1.5; opacity: .75; }
.cg-map-school { stroke: #ffffff; stroke-width: 1; }
.cg-map-number { font-weight: 700; text-anchor: middle; fill: #1b1b1b; }
.cg-map-halo { fill: #ffffff; opacity: .85; }
.cg-map-key { fill: #1b1b1b; }
.cg-map-key .cg-map-school { fill: #565c65; }
.cg-map-alone .cg-map-school { fill: #ffffff; stroke: #565c65; stroke-width: 1.5; }
.cg-map-bar { stroke: #1b1b1b; stroke-width: 2; fill: none; }
.cg-map-tone-0 { fill: #1a5e96; stroke: #1a5e96; }
.cg-map-tone-1 { fill: #a34000; stroke: #a34000; }
.cg-map-tone-2 { fill: #2c6b2f; stroke: #2c6b2f; }
.cg-map-tone-3 { fill: #783a8c; stroke: #783a8c; }
.cg-map-tone-4 { fill: #8c1f3d; stroke: #8c1f3d; }
.cg-map-tone-5 { fill: #00666b; stroke: #00666b; }
.cg-map-tone-6 { fill: #6b5900; stroke: #6b5900; }
.cg-map-tone-7 { fill: #45458f; stroke: #45458f; }
"""


@dataclass(frozen=True, slots=True)
class MapPoint:
    """One school. `group` is the number of its group, counted from 1, or None where it has none."""

    name: str
    sector: str
    latitude: float
    longitude: float
    group: int | None = None


@dataclass(frozen=True, slots=True)
class MapTexts:
    """The words on the map, in the reader's language. `groups` names each group by its number."""

    title: str = N_("Map of the groups")
    description: str = N_("{schools} schools in {groups} groups; lines join the schools of a group to its number.")
    without: str = N_("Without a group: {count}.")
    empty: str = N_("No school has a place on the map.")
    alone: str = N_("no group")
    sectors: Mapping[str, str] = field(
        default_factory=lambda: {"district": N_("district"), "charter": N_("charter"), "private": N_("private")}
    )
    groups: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Plane:
    """Degrees to the drawing's units, north up."""

    west: float
    north: float
    stretch: float  # kilometers per degree of longitude
    unit: float  # drawing units per kilometer
    left: float
    top: float
    width: float
    height: float
    size: float  # half the width of a school's shape

    def at(self, latitude: float, longitude: float) -> tuple[float, float]:
        x = self.left + (longitude - self.west) * self.stretch * self.unit
        return x, self.top + (self.north - latitude) * KM_PER_DEGREE * self.unit


def draw_map(
    points: Sequence[MapPoint],
    *,
    texts: MapTexts | None = None,
    width: float = 960.0,
    prefix: str = "map",
    standalone: bool = False,
) -> str:
    """The map as an SVG element. `prefix` begins the ids in it: two maps on one page need two prefixes."""
    words = texts or MapTexts()
    if not points:
        return _element(
            words, words.empty, width, 60.0, prefix, standalone, [f'<text x="20" y="35">{_t(words.empty)}</text>']
        )
    plane = _plane(points, width)
    groups = sorted({point.group for point in points if point.group is not None})
    body = [f'<rect class="cg-map-ground" x="0.5" y="0.5" width="{width - 1:g}" height="{plane.height - 1:g}" rx="4"/>']
    body += _alone([point for point in points if point.group is None], plane, words)
    members = {number: [point for point in points if point.group == number] for number in groups}
    body += [_group(number, members[number], plane, words) for number in groups]
    body += [_number(number, members[number], plane) for number in groups]  # last, so that no shape covers one
    body += [*_scale(plane), *_key(points, plane, words)]
    said = words.description.format(schools=sum(p.group is not None for p in points), groups=len(groups))
    if left := sum(point.group is None for point in points):
        said += " " + words.without.format(count=left)
    return _element(words, said, width, plane.height, prefix, standalone, body)


def _t(text: str) -> str:
    return escape(text, quote=True)


def _element(
    words: MapTexts, said: str, width: float, height: float, prefix: str, standalone: bool, body: Sequence[str]
) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="cg-map" role="img" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" aria-labelledby="{prefix}-title {prefix}-desc">'
    )
    style = [f"<style>\n{MAP_CSS}</style>"] if standalone else []
    names = [f'<title id="{prefix}-title">{_t(words.title)}</title>', f'<desc id="{prefix}-desc">{_t(said)}</desc>']
    return "\n".join([head, *names, *style, *body, "</svg>"]) + "\n"


def _plane(points: Sequence[MapPoint], width: float) -> _Plane:
    south, north = min(p.latitude for p in points), max(p.latitude for p in points)
    west, east = min(p.longitude for p in points), max(p.longitude for p in points)
    stretch = KM_PER_DEGREE * max(math.cos(math.radians((south + north) / 2)), 0.05)
    wide = max((east - west) * stretch, _LEAST_KM)
    tall = max((north - south) * KM_PER_DEGREE, _LEAST_KM)
    room = width - 2 * _MARGIN
    unit = min(room / wide, room * _MOST_TALL / tall)
    drawn = max(tall * unit, room * _LEAST_TALL)
    left = _MARGIN + (room - (east - west) * stretch * unit) / 2
    top = _MARGIN + (drawn - (north - south) * KM_PER_DEGREE * unit) / 2
    height = round(drawn + 2 * _MARGIN + _FOOT)
    size = _SIZE * min(1.0, (_MANY / len(points)) ** 0.25)  # smaller shapes where many would cover each other
    return _Plane(west, north, stretch, unit, left, top, width, height, size)


def _shape(sector: str, x: float, y: float, size: float, tone: str = "") -> str:
    """A circle for districts, a square for charters, a triangle for private schools, a diamond for any other."""
    css = f'class="cg-map-school{tone}"'
    if sector == "district":
        return f'<circle {css} cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}"/>'
    if sector == "charter":
        side = size * 1.8
        return f'<rect {css} x="{x - side / 2:.1f}" y="{y - side / 2:.1f}" width="{side:.1f}" height="{side:.1f}"/>'
    corners = (
        ((0.0, -1.2), (1.1, 0.9), (-1.1, 0.9)) if sector == "private" else ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0))
    )
    path = " ".join(f"{x + dx * size:.1f},{y + dy * size:.1f}" for dx, dy in corners)
    return f'<polygon {css} points="{path}"/>'


def _named(shape: str, name: str) -> str:
    """The shape with a name that browsers show under the pointer."""
    return f"<g><title>{_t(name)}</title>{shape}</g>"


def _middle(points: Sequence[MapPoint], plane: _Plane) -> tuple[float, float]:
    places = [plane.at(point.latitude, point.longitude) for point in points]
    return sum(x for x, _ in places) / len(places), sum(y for _, y in places) / len(places)


def _number(number: int, points: Sequence[MapPoint], plane: _Plane) -> str:
    """The number of a group amid its schools, on a white ground that keeps it legible on lines."""
    x, y = _middle(points, plane)
    wide = 4.5 * len(str(number)) + 3
    halo = f'<rect class="cg-map-halo" x="{x - wide:.1f}" y="{y - 8:.1f}" width="{2 * wide:.1f}" height="16" rx="6"/>'
    return f'{halo}<text class="cg-map-number" x="{x:.1f}" y="{y + 4.5:.1f}">{number}</text>'


def _group(number: int, points: Sequence[MapPoint], plane: _Plane, words: MapTexts) -> str:
    places = [plane.at(point.latitude, point.longitude) for point in points]
    x, y = _middle(points, plane)
    tone = f" cg-map-tone-{(number - 1) % TONES}"
    ties = "".join(f"M{x:.1f},{y:.1f}L{px:.1f},{py:.1f}" for px, py in places)
    schools = [
        _named(_shape(point.sector, px, py, plane.size, tone), point.name)
        for point, (px, py) in zip(points, places, strict=True)
    ]
    name = words.groups.get(number, str(number))
    tie = f'<path class="cg-map-tie{tone}" d="{ties}"/>'
    return "\n".join([f'<g class="cg-map-group"><title>{_t(name)}</title>', tie, *schools, "</g>"])


def _alone(points: Sequence[MapPoint], plane: _Plane, words: MapTexts) -> list[str]:
    if not points:
        return []
    shapes = [
        _named(_shape(p.sector, *plane.at(p.latitude, p.longitude), plane.size), f"{p.name} ({words.alone})")
        for p in points
    ]
    return ['<g class="cg-map-alone">', *shapes, "</g>"]


def _scale(plane: _Plane) -> Iterator[str]:
    """A bar in kilometers and one in miles, each a round number of at most a third of the width."""
    y = plane.height - _FOOT + 22
    for label, per_unit in (("km", 1.0), ("mi", MILES_PER_KM)):
        most = plane.width / 3 / plane.unit * per_unit
        length = _round_number(most)
        end = _MARGIN + length / per_unit * plane.unit
        bar = f'<path class="cg-map-bar" d="M{_MARGIN:g},{y - 4:g}V{y:g}H{end:.1f}V{y - 4:g}"/>'
        yield f'<g class="cg-map-key">{bar}<text x="{end + 8:.1f}" y="{y + 2:g}">{length:g} {label}</text></g>'
        y += _KEY


def _round_number(most: float) -> float:
    """The largest of 1, 2 or 5 times a power of ten that is not above `most`."""
    power = 10.0 ** math.floor(math.log10(most))
    return next(step * power for step in (5, 2, 1) if step * power <= most * (1 + 1e-9))


def _key(points: Sequence[MapPoint], plane: _Plane, words: MapTexts) -> list[str]:
    """Which shape is which sector, for the sectors that occur, and the hollow shape if anybody is without a group."""
    entries = [(sector, words.sectors.get(sector, sector), False) for sector in sorted({p.sector for p in points})]
    if any(point.group is None for point in points):
        entries.append(("district", words.alone, True))
    x, y, lines = plane.width / 2 + 20, plane.height - _FOOT + 20, []
    for sector, label, hollow in entries:
        css = "cg-map-key cg-map-alone" if hollow else "cg-map-key"
        lines.append(
            f'<g class="{css}">{_shape(sector, x, y - 4, 5.5)}<text x="{x + 13:g}" y="{y:g}">{_t(label)}</text></g>'
        )
        x += 32 + 7.5 * len(label)
        if x > plane.width - 90:
            x, y = plane.width / 2 + 20, y + _KEY
    return lines
