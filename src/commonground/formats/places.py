"""Whether places can be right: swapped columns, lost signs, and places far from everybody else.

No rule knows where a school stands. What helps is that nobody lives near the poles and that most schools of one
round lie close together: a place that is far off, and would be among the others if its numbers changed places or one
changed its sign, is a slip of the hand.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonground.engines.formation.travel import great_circle_km
from commonground.formats.land import at_sea
from commonground.formats.texts import problem
from commonground.tables import Problem

SOUTHERNMOST, NORTHERNMOST = -56.0, 79.0  # Puerto Toro and Ny-Ålesund: nobody goes to school beyond
FAR_KM, FAR_TIMES = 300.0, 4.0  # farther than this from the middle, and than this many times the usual distance

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row says it is."""

    row: int
    name: str
    latitude: float
    longitude: float

    @property
    def livable(self) -> bool:
        return SOUTHERNMOST <= self.latitude <= NORTHERNMOST and abs(self.longitude) <= 180

    @property
    def swapped(self) -> "Place":
        return Place(self.row, self.name, self.longitude, self.latitude)

    @property
    def values(self) -> dict[str, str | float]:
        return {"name": self.name, "latitude": self.latitude, "longitude": self.longitude}


def implausible(file: str, places: Sequence[Place]) -> tuple[list[Problem], list[Problem]]:
    """Problems (places that are certainly wrong) and notes (places to look at) of the places of one file."""
    if len(places) > 1 and all(not p.livable and p.swapped.livable for p in places):
        return [problem("all_swapped", file)], []
    problems = [_unlivable(file, place) for place in places if not _sound(place)]
    sound = [place for place in places if _sound(place)]
    notes = []
    for place, km, usual, middle in _far(sound):
        found = _slip(file, place, middle, usual)
        if found:
            problems.append(found)
        else:
            notes.append(problem("far_from_all", file, place.row, None, km=km, usual=usual, **place.values))
    wrong = {one.row for one in problems}
    problems += [_in_the_sea(file, place) for place in _wet(sound) if place.row not in wrong]
    in_sea = {one.row for one in problems}
    return problems, [note for note in notes if note.row not in in_sea]


def _sound(place: Place) -> bool:
    return place.livable and (place.latitude, place.longitude) != (0, 0)


def _unlivable(file: str, place: Place) -> Problem:
    if place.livable:  # 0, 0: what an empty cell becomes on its way through some programs
        return _in_the_sea(file, place)
    code = "swapped" if place.swapped.livable else "no_school_there"
    return problem(code, file, place.row, None, **place.values)


def _wet(places: Sequence[Place]) -> list[Place]:
    if not places:
        return []
    wet = at_sea(np.array([p.latitude for p in places]), np.array([p.longitude for p in places]))
    return [place for place, sea in zip(places, wet.tolist(), strict=True) if sea]


def _in_the_sea(file: str, place: Place) -> Problem:
    return problem("in_the_sea", file, place.row, None, **place.values)


def _far(places: Sequence[Place]) -> Iterator[tuple[Place, float, float, Place]]:
    """Places far from the middle: the place, its distance, the distance within which nine in ten lie, the middle."""
    if len(places) < 5:  # too few to tell what is usual
        return
    lat, lon = np.array([p.latitude for p in places]), np.array([p.longitude for p in places])
    middle = Place(0, "", float(np.median(lat)), float(np.median(lon)))
    km = _km_to(middle, lat, lon)
    usual = float(np.quantile(km, 0.8, method="higher"))
    for place, distance in zip(places, km.tolist(), strict=True):
        if distance > max(FAR_KM, FAR_TIMES * usual):
            yield place, distance, usual, middle


def _km_to(middle: Place, lat: Floats, lon: Floats) -> Floats:
    return great_circle_km(np.array(middle.latitude), np.array(middle.longitude), lat, lon)


def _slip(file: str, place: Place, middle: Place, usual: float) -> Problem | None:
    """The slip of the hand that explains a far place: numbers exchanged, or a minus sign lost."""

    def among(latitude: float, longitude: float) -> bool:
        if abs(latitude) > 90:
            return False
        return float(_km_to(middle, np.array(latitude), np.array(longitude))) <= max(FAR_KM, 2 * usual)

    if among(place.longitude, place.latitude):
        return problem("swapped", file, place.row, None, **place.values)
    for latitude, longitude in (
        (place.latitude, -place.longitude),
        (-place.latitude, place.longitude),
        (-place.latitude, -place.longitude),
    ):
        if among(latitude, longitude):
            suggested = {"suggested_latitude": latitude, "suggested_longitude": longitude}
            return problem("sign_lost", file, place.row, None, **suggested, **place.values)
    return None
