"""The score of a set of groups, in named parts.

The score is a sum, so that every point can be shown where it comes from:

1. every *pair* in a group gives `shared_need`, `met_need`, `travel`, `context`, `past` and `readiness`;
2. every *member* gives `choice` (how far down its list the group's focus area stands);
3. every *group* gives `size` (its distance from the target size);
4. every member without a group gives `unplaced`.

Points lost are negative. Two topics of importance a and b give sqrt(a * b) points times the weight, so importance 1 on
both sides gives 1 and the points keep the scale of the importances.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonground.engines.formation.model import Group, Market, Member, Rules

PAIR_PARTS = ("shared_need", "met_need", "travel", "context", "past", "readiness")
PARTS = (*PAIR_PARTS, "choice", "size", "unplaced")

Floats = NDArray[np.float64]
Parts = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class PairScore:
    """Points of two members of one group. `travel` is the way between them in the market's unit, not in points."""

    first: str
    second: str
    parts: Parts
    travel: float

    @property
    def total(self) -> float:
        return sum(self.parts.values())


@dataclass(frozen=True, slots=True)
class MemberScore:
    """One member's place in its group: the rank it gave the group's area (0 is first), and the points."""

    member: str
    rank: int | None
    choice: float


@dataclass(frozen=True, slots=True)
class GroupScore:
    """Where the points of one group come from."""

    group: Group
    parts: Parts
    pairs: tuple[PairScore, ...]
    members: tuple[MemberScore, ...]

    @property
    def total(self) -> float:
        return sum(self.parts.values())


@dataclass(frozen=True, slots=True)
class Change:
    """What a change of the groups does to the score: after minus before."""

    total: float
    parts: Parts
    lost: tuple[GroupScore, ...]
    gained: tuple[GroupScore, ...]


class Scorer:
    """Scores groups of one market under one set of rules. Building it costs O(n); a group costs its pairs."""

    def __init__(self, market: Market, rules: Rules) -> None:
        self.market = market
        self.rules = rules
        self._index = market.index()
        self._traits = _Traits.of(market)

    def pair_points(self, rows: Sequence[int], columns: Sequence[int]) -> dict[str, Floats]:
        """Points of each pair part for positions rows x columns, each of shape (rows, columns)."""
        t, w = self._traits, self.rules.weights
        i, j = np.asarray(rows, dtype=np.intp), np.asarray(columns, dtype=np.intp)
        return {
            "shared_need": w.shared_need * (t.need[i] @ t.need[j].T),
            "met_need": w.met_need * (t.need[i] @ t.strength[j].T + t.strength[i] @ t.need[j].T),
            "travel": -w.travel * self.travel(rows, columns) if w.travel else np.zeros((len(i), len(j))),
            "context": w.context * t.likeness(i, j),
            "past": w.past * self._past(rows, columns),
            "readiness": -w.readiness * np.nan_to_num(np.abs(t.readiness[i][:, None] - t.readiness[j])),
        }

    def travel(self, rows: Sequence[int], columns: Sequence[int]) -> Floats:
        """Travel between positions rows x columns in the market's unit."""
        members = self.market.members
        return self.market.travel.matrix([members[i] for i in rows], [members[j] for j in columns])

    def choice_points(self, member: Member, area: str | None) -> float:
        """Points (0 or less) of a member whose group works on `area`; minus infinity where the rules forbid it."""
        rank = member.rank(area)
        if rank is not None:
            return -self.rules.weights.choice * rank
        if area is None:
            return -self.rules.weights.unranked if member.areas else 0.0
        return -np.inf if self.rules.share_area else -self.rules.weights.unranked

    def size_points(self, size: int) -> float:
        return -self.rules.weights.size * abs(size - self.rules.target)

    def pair(self, first: str, second: str) -> PairScore:
        """Points of one pair, in a group or not."""
        return self._pairs([self._index[first], self._index[second]])[0]

    def group(self, group: Group) -> GroupScore:
        """Points of one group, by part, by pair and by member."""
        rows = [self._index[member] for member in group.members]
        pairs = self._pairs(rows)
        members = tuple(self._member(self.market.members[i], group.area) for i in rows)
        parts = {part: sum(pair.parts[part] for pair in pairs) for part in PAIR_PARTS}
        parts["choice"] = sum(member.choice for member in members)
        parts["size"] = self.size_points(len(rows))
        return GroupScore(group, parts, pairs, members)

    def unplaced(self, groups: Iterable[Group]) -> tuple[str, ...]:
        """Ids of members in no group, in the order of the market."""
        placed = {member for group in groups for member in group.members}
        return tuple(member.id for member in self.market.members if member.id not in placed)

    def parts(self, groups: Sequence[Group]) -> dict[str, float]:
        """Points of a whole set of groups by part, those of members without a group included."""
        scores = [self.group(group) for group in groups]
        total = {part: sum(score.parts[part] for score in scores) for part in PARTS if part != "unplaced"}
        total["unplaced"] = -(self.rules.unplaced_penalty or 0.0) * len(self.unplaced(groups))
        return total

    def total(self, groups: Sequence[Group]) -> float:
        """Points of a whole set of groups."""
        return sum(self.parts(groups).values())

    def compare(self, before: Sequence[Group], after: Sequence[Group]) -> Change:
        """What changes between two sets of groups; groups in both cost nothing, so a hand-made move is instant."""
        same = {_key(group) for group in before} & {_key(group) for group in after}
        lost = tuple(self.group(group) for group in before if _key(group) not in same)
        gained = tuple(self.group(group) for group in after if _key(group) not in same)
        left_out = len(self.unplaced(after)) - len(self.unplaced(before))
        parts = {
            part: sum(score.parts[part] for score in gained) - sum(score.parts[part] for score in lost)
            for part in PARTS
            if part != "unplaced"
        }
        parts["unplaced"] = -(self.rules.unplaced_penalty or 0.0) * left_out
        return Change(sum(parts.values()), parts, lost, gained)

    def _pairs(self, rows: Sequence[int]) -> tuple[PairScore, ...]:
        points, ways = self.pair_points(rows, rows), self.travel(rows, rows)
        ids = [self.market.members[i].id for i in rows]
        return tuple(
            PairScore(ids[a], ids[b], {part: float(points[part][a, b]) for part in PAIR_PARTS}, float(ways[a, b]))
            for a in range(len(rows))
            for b in range(a + 1, len(rows))
        )

    def _member(self, member: Member, area: str | None) -> MemberScore:
        return MemberScore(member.id, member.rank(area), self.choice_points(member, area))

    def _past(self, rows: Sequence[int], columns: Sequence[int]) -> Floats:
        """+1 for each of the two that speaks well of the other, -1 for each that speaks badly; few pairs have any."""
        past = np.zeros((len(rows), len(columns)))
        column = {self.market.members[j].id: b for b, j in enumerate(columns)}
        row = {self.market.members[i].id: a for a, i in enumerate(rows)}
        for a, i in enumerate(rows):
            for other, sign in _opinions(self.market.members[i]):
                if other in column:
                    past[a, column[other]] += sign
        for b, j in enumerate(columns):
            for other, sign in _opinions(self.market.members[j]):
                if other in row:
                    past[row[other], b] += sign
        return past


def _opinions(member: Member) -> list[tuple[str, int]]:
    return [(other, 1) for other in member.good_with] + [(other, -1) for other in member.bad_with]


def _key(group: Group) -> tuple[frozenset[str], str | None]:
    return frozenset(group.members), group.area


@dataclass(frozen=True, slots=True, eq=False)
class _Traits:
    """The members as arrays: topics by the root of their importance, sets as 0/1 columns, NaN where unknown."""

    need: Floats
    strength: Floats
    grades: Floats
    languages: Floats
    locale: Floats
    enrollment: Floats
    readiness: Floats

    @staticmethod
    def of(market: Market) -> "_Traits":
        members = market.members
        topics = sorted({topic for m in members for topic in (*m.needs, *m.strengths)})
        return _Traits(
            need=np.sqrt(_columns([m.needs for m in members], topics)),
            strength=np.sqrt(_columns([m.strengths for m in members], topics)),
            grades=_marks([m.grade_bands for m in members]),
            languages=_marks([m.languages for m in members]),
            locale=_marks([{m.locale} - {""} for m in members]),
            enrollment=np.array([np.nan if m.enrollment is None else m.enrollment for m in members], dtype=float),
            readiness=np.array([np.nan if m.readiness is None else m.readiness for m in members], dtype=float),
        )

    def likeness(self, i: NDArray[np.intp], j: NDArray[np.intp]) -> Floats:
        """Mean likeness, 0 to 1, over what both state of grades, languages, locale and size; 0 where nothing."""
        each = [_overlap(marks[i], marks[j]) for marks in (self.grades, self.languages, self.locale)]
        small = np.minimum(self.enrollment[i][:, None], self.enrollment[j])
        large = np.maximum(self.enrollment[i][:, None], self.enrollment[j])
        each.append(np.where(large == 0, 1.0, small / np.where(large == 0, 1.0, large)))
        stated = sum((~np.isnan(part)).astype(float) for part in each)
        likeness: Floats = sum(np.nan_to_num(part) for part in each) / np.maximum(stated, 1.0)
        return likeness


def _columns(rows: Sequence[Mapping[str, float]], names: Sequence[str]) -> Floats:
    column = {name: k for k, name in enumerate(names)}
    table = np.zeros((len(rows), len(names)))
    for i, row in enumerate(rows):
        for name, value in row.items():
            table[i, column[name]] = value
    return table


def _marks(rows: Sequence[Iterable[str]]) -> Floats:
    sets = [set(row) for row in rows]
    return _columns([dict.fromkeys(row, 1.0) for row in sets], sorted(set().union(*sets)))


def _overlap(a: Floats, b: Floats) -> Floats:
    """Shared marks over all marks of both (Jaccard), NaN where one of the two has none."""
    shared, size_a, size_b = a @ b.T, a.sum(axis=1)[:, None], b.sum(axis=1)
    either = np.where((size_a > 0) & (size_b > 0), size_a + size_b - shared, np.nan)
    overlap: Floats = shared / either
    return overlap
