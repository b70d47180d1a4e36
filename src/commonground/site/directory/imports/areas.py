"""Which changes of an import lie outside the area of the agency that sends it: they are shown and left alone.

An agency's area is its state or, where it names counties, these counties of it; a platform operator's is everything.

1. A school or LEA is in the area where its state and county are; one without a county is where its LEA is.
2. An LEA without a county is also where one of its schools is.
3. What changes must lie in the area before and afterwards: nobody fetches a school of others, or hands one away.
4. A new LEA that a school of the area belongs to comes with it: a school without its LEA has nobody who answers for it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from commonground.site.directory.imports.comparing import Known, Planned
from commonground.site.directory.models.organization import LEA_KINDS
from commonground.site.directory.models.uploads import ChangeKind


@dataclass(frozen=True)
class Area:
    """A state, and the counties of it that are meant; none are all."""

    state: str
    counties: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Place:
    state: str
    county: str
    parent: str


class _Directory:
    """Where everything is, at one moment: the directory as it is, or as the import would leave it."""

    def __init__(self, area: Area, places: Mapping[str, _Place]) -> None:
        self._area = area
        self._places = places
        self._with_schools = {place.parent for place in places.values() if place.parent and self._is_in(place)}

    def _is_in(self, place: _Place) -> bool:
        if not place.county and place.parent in self._places:
            place = self._places[place.parent]
        return place.state == self._area.state and (not self._area.counties or place.county in self._area.counties)

    def has(self, key: str) -> bool:
        place = self._places[key]
        return self._is_in(place) or (not place.county and key in self._with_schools)

    def has_schools_of(self, key: str) -> bool:
        return key in self._with_schools


def outside(changes: Sequence[Planned], known: Sequence[Known], area: Area) -> frozenset[str]:
    """The keys of the changes that lie outside the area."""
    before = {one.key: _place(one.facts, one.parent) for one in known}
    after = before | {change.key: _after(change, before.get(change.key)) for change in changes}
    now, then = _Directory(area, before), _Directory(area, after)
    return frozenset(_outside(changes, now, then))


def _outside(changes: Sequence[Planned], now: _Directory, then: _Directory) -> Iterator[str]:
    for change in changes:
        if change.kind == ChangeKind.NEW:
            comes_along = change.organization_kind in LEA_KINDS and then.has_schools_of(change.key)
            inside = then.has(change.key) or comes_along
        else:
            inside = now.has(change.key) and then.has(change.key)
        if not inside:
            yield change.key


def _place(facts: Mapping[str, Any], parent: str) -> _Place:
    return _Place(facts.get("state") or "", facts.get("county") or "", parent)


def _after(change: Planned, before: _Place | None) -> _Place:
    facts = dict(change.facts)
    if before is not None:  # what is there already is told as (old, new)
        facts = {"state": before.state, "county": before.county} | {name: new for name, (_old, new) in facts.items()}
    return _place(facts, change.parent or (before.parent if before else ""))
