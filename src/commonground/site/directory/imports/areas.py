"""Which changes of an import are another agency's business: they are shown and left alone.

An agency's area is its state or, where it names counties, these counties of it. What its staff import may change what lies in that
area, and what lies in nobody's; a platform operator's import, everything.

1. A school or LEA is where its state and county are; a school without a county is where its LEA is.
2. An LEA without a county is where its schools are: in the area where one of them is, in nobody's where all of them are.
3. Where the county is not known, the place is in nobody's area only if no other agency has a part of the state.
4. What changes must be the import's before and afterwards: nobody fetches a school of others, or hands one to them.
5. A new LEA that a school of the import belongs to comes with it: a school without its LEA has nobody who answers for it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from commonground.site.directory.imports.comparing import Known, Planned
from commonground.site.directory.models.area import Area, Spot
from commonground.site.directory.models.organization import LEA_KINDS
from commonground.site.directory.models.uploads import ChangeKind


@dataclass(frozen=True)
class _Place:
    spot: Spot
    parent: str


class _Directory:
    """Where everything is, at one moment: the directory as it is, or as the import would leave it."""

    def __init__(self, places: Mapping[str, _Place], own: Area, others: Sequence[Area]) -> None:
        self._places = places
        self._schools: defaultdict[str, set[Spot]] = defaultdict(set)
        for key, place in places.items():
            if place.parent:
                self._schools[place.parent].add(self._spot(key))
        spots = {self._spot(key) for key in places}
        self._own = {spot for spot in spots if own.has(spot)}
        self._free = {spot for spot in spots if not any(other.may_have(spot) for other in others)}
        self._with_schools = {place.parent for key, place in places.items() if place.parent and self.may_change(key)}

    def _spot(self, key: str) -> Spot:
        place = self._places[key]
        return self._places[place.parent].spot if not place.spot.county and place.parent in self._places else place.spot

    def may_change(self, key: str) -> bool:
        """Is it in the own area, or in nobody's?"""
        spot = self._spot(key)
        schools = set() if spot.county else self._schools.get(key, set())
        return not self._own.isdisjoint({spot} | schools) or self._free.issuperset(schools or {spot})

    def has_schools_to_change(self, key: str) -> bool:
        return key in self._with_schools


def outside(changes: Iterable[Planned], known: Iterable[Known], own: Area, others: Sequence[Area]) -> frozenset[str]:
    """The keys of the changes that are left alone, because of `others`: the areas of all agencies but the one that sends them."""
    changes = list(changes)
    before = {one.key: _place(one.facts, one.parent) for one in known}
    after = before | {change.key: _after(change, before.get(change.key)) for change in changes}
    return frozenset(_outside(changes, _Directory(before, own, others), _Directory(after, own, others)))


def _outside(changes: Iterable[Planned], now: _Directory, then: _Directory) -> Iterator[str]:
    for change in changes:
        if change.kind == ChangeKind.NEW:
            comes_along = change.organization_kind in LEA_KINDS and then.has_schools_to_change(change.key)
            inside = then.may_change(change.key) or comes_along
        else:
            inside = now.may_change(change.key) and then.may_change(change.key)
        if not inside:
            yield change.key


def _place(facts: Mapping[str, Any], parent: str) -> _Place:
    return _Place(Spot(facts.get("state") or "", facts.get("county") or ""), parent)


def _after(change: Planned, before: _Place | None) -> _Place:
    facts = dict(change.facts)
    if before is not None:  # what is there already is told as (old, new)
        told = {name: new for name, (_old, new) in facts.items()}
        facts = {"state": before.spot.state, "county": before.spot.county} | told
    return _place(facts, change.parent or (before.parent if before else ""))
