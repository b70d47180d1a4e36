"""Who asks for a group, and under which rules: the values of the engine.

A *member* is a school or a district that signed up. A *market* is all members of a round and how far they are from each
other. *Rules* say what every group must obey and how much each part of the score counts. All are frozen and checked at
birth: a wrong one raises MarketError or RuleError, which name what is wrong and what to do next.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property

from commonground.engines.formation.reasons import FormationError, MarketError, RuleError
from commonground.engines.formation.travel import GreatCircle, Travel
from commonground.i18n import N_

__all__ = ["LOCALES", "FormationError", "Group", "Market", "MarketError", "Member", "RuleError", "Rules", "Weights"]

LOCALES = ("", "city", "suburb", "town", "rural")  # NCES locale classes; "" is unknown

Pair = frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One school or district that signed up.

    `areas` are its focus areas, first choice first. `needs` and `strengths` map a topic to its importance (above 0; 1
    is ordinary). `readiness` runs from 0 to 1. `good_with` and `bad_with` hold ids of others it has worked with, well
    or badly. `travel_limit` is its own limit to any other member of its group, in the unit of the market's travel.
    """

    id: str
    name: str
    sector: str
    latitude: float | None = None
    longitude: float | None = None
    locale: str = ""
    lea: str = ""
    areas: tuple[str, ...] = ()
    needs: Mapping[str, float] = field(default_factory=dict, hash=False)
    strengths: Mapping[str, float] = field(default_factory=dict, hash=False)
    grade_bands: frozenset[str] = frozenset()
    enrollment: int | None = None
    readiness: float | None = None
    languages: frozenset[str] = frozenset()
    good_with: frozenset[str] = frozenset()
    bad_with: frozenset[str] = frozenset()
    travel_limit: float | None = None

    def __post_init__(self) -> None:
        self._check_identity()
        self._check_place()
        self._check_choices()
        self._check_numbers()

    def rank(self, area: str | None) -> int | None:
        """0 for the first choice, 1 for the second ...; None if the member did not rank the area."""
        return self.areas.index(area) if area in self.areas else None

    def _check_identity(self) -> None:
        if not self.id:
            raise MarketError("empty_id")
        if not self.name:
            raise MarketError("empty_name", member=self.id)
        if not self.sector:
            raise MarketError("empty_sector", member=self.id, name=self.name)
        if self.locale not in LOCALES:
            raise MarketError("unknown_locale", member=self.id, name=self.name, locale=self.locale)

    def _check_place(self) -> None:
        if self.latitude is None and self.longitude is None:
            return
        if self.latitude is None or self.longitude is None:
            raise MarketError("half_a_place", member=self.id, name=self.name)
        place = {"member": self.id, "name": self.name, "latitude": self.latitude, "longitude": self.longitude}
        if not (abs(self.latitude) <= 90 and abs(self.longitude) <= 180):
            swapped = abs(self.longitude) <= 90 and abs(self.latitude) <= 180
            raise MarketError("place_swapped" if swapped else "place_outside", **place)
        if self.latitude == 0 and self.longitude == 0:
            raise MarketError("place_zero", member=self.id, name=self.name)

    def _check_choices(self) -> None:
        for i, area in enumerate(self.areas):
            if area in self.areas[:i]:
                raise MarketError("area_twice", member=self.id, name=self.name, area=area)
        for topic, importance in [*self.needs.items(), *self.strengths.items()]:
            if not 0 < importance < math.inf:
                raise MarketError("importance", member=self.id, name=self.name, topic=topic, importance=importance)
        for other in self.good_with & self.bad_with:
            raise MarketError("relation_both", member=self.id, name=self.name, other=other)

    def _check_numbers(self) -> None:
        if self.enrollment is not None and self.enrollment < 0:
            raise MarketError("enrollment", member=self.id, name=self.name, enrollment=self.enrollment)
        if self.readiness is not None and not 0 <= self.readiness <= 1:
            raise MarketError("readiness", member=self.id, name=self.name, readiness=self.readiness)
        if self.travel_limit is not None and not self.travel_limit > 0:
            raise MarketError("own_travel_limit", member=self.id, name=self.name, limit=self.travel_limit)


@dataclass(frozen=True, slots=True)
class Market:
    """All members of a round, in any order, and the measure of travel between them."""

    members: tuple[Member, ...]
    travel: Travel = field(default_factory=GreatCircle)
    _index: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.members:
            raise MarketError("no_members")
        object.__setattr__(self, "_index", {member.id: i for i, member in enumerate(self.members)})
        seen: set[str] = set()
        for member in self.members:
            if member.id in seen:
                raise MarketError("id_twice", member=member.id)
            seen.add(member.id)
        self.travel.check(self.members)

    def __len__(self) -> int:
        return len(self.members)

    def index(self) -> Mapping[str, int]:
        """Position of every member by id."""
        return self._index

    def areas(self) -> tuple[str, ...]:
        """All focus areas that somebody ranked, sorted."""
        return tuple(sorted({area for member in self.members for area in member.areas}))


@dataclass(frozen=True, slots=True)
class Weights:
    """Points per unit of each part of the score. 0 switches a part off. `HELP` explains each to staff."""

    shared_need: float = 1.0
    met_need: float = 1.0
    choice: float = 1.5
    travel: float = 0.1
    context: float = 1.0
    past: float = 2.0
    readiness: float = 2.0
    size: float = 1.0
    unranked: float = 6.0

    def __post_init__(self) -> None:
        for part in fields(self):
            weight = getattr(self, part.name)
            if not 0 <= weight < math.inf:
                raise RuleError("weight", part=part.name, weight=weight)


HELP: Mapping[str, str] = {
    "shared_need": N_("Points for each need that two members of a group have in common."),
    "met_need": N_("Points for each need of one member that is a strength of another."),
    "choice": N_("Points lost for each step down a member's list: none for its first choice, once for the second ..."),
    "travel": N_("Points lost for each kilometer (or minute of driving) between two members."),
    "context": N_(
        "Points for two members that are alike in grades, size, locale and languages: up to this many per pair."
    ),
    "past": N_("Points gained when a member says it worked well with another before, and lost when it went badly."),
    "readiness": N_("Points lost when one member is ready and the other is not: up to this many per pair."),
    "size": N_("Points lost for each member that a group has above or below the target size."),
    "unranked": N_(
        "Points lost for a member whose group works on an area that it did not rank (where that is allowed)."
    ),
}


@dataclass(frozen=True, slots=True)
class Group:
    """Members that work together, by id, and their focus area (None where the round has no focus areas)."""

    members: tuple[str, ...]
    area: str | None = None

    def __post_init__(self) -> None:
        if not self.members:
            raise RuleError("group_empty")
        for i, member in enumerate(self.members):
            if member in self.members[:i]:
                raise RuleError("group_member_twice", member=member)


def pairs(*ids: tuple[str, str]) -> frozenset[Pair]:
    """Pairs of ids in the form that `Rules` takes: `pairs(("a", "b"), ("a", "c"))`."""
    return frozenset(frozenset(pair) for pair in ids)


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What every group must obey, and the weights of the score.

    - `size_min`, `size_target`, `size_max`: members of a group; the target defaults to the maximum.
    - `sector_min`, `sector_max`: members of a sector in every group, e.g. {"charter": 1, "district": 1}.
    - `share_area`: whether all members must have ranked the group's focus area. If not, others pay `weights.unranked`.
    - `travel_limit`: most travel between any two members of a group, in the unit of the market's travel.
    - `different_leas`: whether two members of one LEA may not share a group.
    - `blackouts`: pairs the round keeps apart. `forbidden`: pairs that staff set apart by hand.
    - `together`: sets of members that must share a group.
    - `fixed`: groups that stay as they are; the engine forms the others around them.
    - `unplaced_penalty`: points lost for a member without a group; None means that everybody must have one.
    - `must_place`: ids that must have a group even where others may stay without.
    - `group_count`: the number of groups, fixed ones included; None leaves it open.
    """

    size_min: int = 4
    size_max: int = 4
    size_target: int | None = None
    sector_min: Mapping[str, int] = field(default_factory=dict, hash=False)
    sector_max: Mapping[str, int] = field(default_factory=dict, hash=False)
    share_area: bool = True
    travel_limit: float | None = None
    different_leas: bool = False
    blackouts: frozenset[Pair] = frozenset()
    forbidden: frozenset[Pair] = frozenset()
    together: tuple[frozenset[str], ...] = ()
    fixed: tuple[Group, ...] = ()
    unplaced_penalty: float | None = None
    must_place: frozenset[str] = frozenset()
    group_count: int | None = None
    weights: Weights = field(default_factory=Weights)

    def __post_init__(self) -> None:
        self._check_sizes()
        self._check_sectors()
        self._check_numbers()
        self._check_names()

    @cached_property
    def target(self) -> int:
        return self.size_max if self.size_target is None else self.size_target

    def _check_sizes(self) -> None:
        sizes = (2, self.size_min, self.target, self.size_max)
        if list(sizes) != sorted(sizes) or any(int(size) != size for size in sizes):
            raise RuleError("group_size", low=self.size_min, target=self.target, high=self.size_max)

    def _check_sectors(self) -> None:
        for limits in (self.sector_min, self.sector_max):
            for sector, count in limits.items():
                if count < 0 or int(count) != count:
                    raise RuleError("sector_limit", sector=sector, count=count)
        for sector, low in self.sector_min.items():
            high = self.sector_max.get(sector, self.size_max)
            if low > high:
                raise RuleError("sector_crossed", sector=sector, low=low, high=high)
        needed = sum(self.sector_min.values())
        if needed > self.size_max:
            raise RuleError("sector_too_many", needed=needed, high=self.size_max)

    def _check_numbers(self) -> None:
        if self.travel_limit is not None and not self.travel_limit > 0:
            raise RuleError("travel_limit", limit=self.travel_limit)
        if self.unplaced_penalty is not None and not 0 <= self.unplaced_penalty < math.inf:
            raise RuleError("unplaced_penalty", penalty=self.unplaced_penalty)
        if self.group_count is not None and self.group_count < 1:
            raise RuleError("group_count", count=self.group_count)

    def _check_names(self) -> None:
        for rule in ("blackouts", "forbidden"):
            for pair in getattr(self, rule):
                if len(pair) != 2:
                    raise RuleError("pair_of_one", rule=rule, member=", ".join(sorted(pair)))
        for pinned in self.together:
            if len(pinned) < 2:
                raise RuleError("together_of_one", members=", ".join(sorted(pinned)))
        fixed: set[str] = set()
        for member in (member for group in self.fixed for member in group.members):
            if member in fixed:
                raise RuleError("fixed_twice", member=member)
            fixed.add(member)
