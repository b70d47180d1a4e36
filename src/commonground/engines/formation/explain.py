"""Why these together: what a group's members need in common, who can bring what, and what is weak.

Everyone has needs and strengths, so nothing here ranks members or calls one a giver and another a taker.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from commonground.engines.formation.model import Group, Member
from commonground.engines.formation.reasons import Reason, reason
from commonground.engines.formation.score import GroupScore, Scorer

# Thresholds of what is called weak; a page shows them as things to talk about, not as faults.
LATE_CHOICE_RANK = 2  # third choice or later
READINESS_GAP = 0.4
LONG_WAY = {"km": 40.0, "min": 45.0}


@dataclass(frozen=True, slots=True)
class SharedNeed:
    """A topic that at least two members need."""

    topic: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A topic that some members need and others are good at."""

    topic: str
    needed_by: tuple[str, ...]
    offered_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one group belongs together; ids of members throughout. `weak` is empty when nothing stands out."""

    score: GroupScore
    shared: tuple[SharedNeed, ...]
    exchanges: tuple[Exchange, ...]
    weak: tuple[Reason, ...]


def explain(scorer: Scorer, group: Group) -> Explanation:
    """The explanation of one group, most widely shared needs first."""
    index = scorer.market.index()
    members = [scorer.market.members[index[name]] for name in group.members]
    shared = sorted(_shared(members), key=lambda need: (-len(need.members), need.topic))
    exchanges = tuple(sorted(_exchanges(members), key=lambda exchange: exchange.topic))
    score = scorer.group(group)
    weak = [*_unmet(members), *_choices(members, group), *_between(scorer, members, score)]
    if len(shared) == 0:
        weak.append(reason("no_shared_need"))
    return Explanation(score, tuple(shared), exchanges, tuple(weak))


def _shared(members: list[Member]) -> Iterator[SharedNeed]:
    for topic in sorted({topic for member in members for topic in member.needs}):
        who = tuple(member.id for member in members if topic in member.needs)
        if len(who) > 1:
            yield SharedNeed(topic, who)


def _exchanges(members: list[Member]) -> Iterator[Exchange]:
    for topic in {topic for member in members for topic in member.needs}:
        needed = tuple(member.id for member in members if topic in member.needs)
        offered = tuple(member.id for member in members if topic in member.strengths)
        if any(a != b for a in needed for b in offered):
            yield Exchange(topic, needed, offered)


def _unmet(members: list[Member]) -> Iterator[Reason]:
    for member in members:
        for topic in member.needs:
            if not any(topic in other.strengths for other in members if other is not member):
                yield reason("need_unmet", topic=topic, member=member.id, name=member.name)


def _choices(members: list[Member], group: Group) -> Iterator[Reason]:
    for member in members:
        rank = member.rank(group.area)
        if rank is not None and rank >= LATE_CHOICE_RANK:
            yield reason("late_choice", area=group.area, rank=rank + 1, member=member.id, name=member.name)
        elif rank is None and group.area is not None:
            yield reason("unranked_choice", area=group.area, member=member.id, name=member.name)


def _between(scorer: Scorer, members: list[Member], score: GroupScore) -> Iterator[Reason]:
    by_id = {member.id: member for member in members}
    unit = scorer.market.travel.unit
    for pair in score.pairs:
        a, b = by_id[pair.first], by_id[pair.second]
        who = {"first": a.name, "second": b.name, "first_id": a.id, "second_id": b.id}
        if pair.travel > LONG_WAY[unit]:
            yield reason("long_way", **who, travel=pair.travel, unit=unit)
        if a.readiness is not None and b.readiness is not None and abs(a.readiness - b.readiness) > READINESS_GAP:
            yield reason("readiness_gap", **who, gap=abs(a.readiness - b.readiness))
        if a.id in b.bad_with or b.id in a.bad_with:
            yield reason("bad_past", **who)
