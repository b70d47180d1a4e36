"""What the pages of a draft show: its groups as cards, its score in parts, who has no group and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from django.http import Http404
from numpy.typing import NDArray

from commonground.engines.formation import (
    Member,
    Rules,
    Solution,
    explain,
    group_violations,
    pairs,
    violations,
)
from commonground.formats.formed import Formed
from commonground.site.directory.models import Organization
from commonground.site.formation import plan as plans
from commonground.site.formation.models import Draft, Round, Search, Version
from commonground.site.formation.plan import Plan, Planned
from commonground.site.formation.queries.basis import basis_of
from commonground.site.formation.queries.summary import way
from commonground.site.formation.queries.wording import PARTS, Wording


def the_draft(pk: int) -> Draft:
    try:
        return Draft.objects.select_related("round__agency", "current__by").get(pk=pk)
    except Draft.DoesNotExist:
        raise Http404 from None


def the_search(pk: int) -> Search:
    try:
        return Search.objects.select_related("round__agency", "result", "base__draft").get(pk=pk)
    except Search.DoesNotExist:
        raise Http404 from None


def wished(rules: Rules, wishes: Mapping[str, Any], plan: Plan, known: Iterable[str]) -> Rules:
    """The round's rules with what staff decided about a draft; members who withdrew since are left out of every decision."""
    here = frozenset(known)
    kept = frozenset(wishes.get("kept", ()))
    together = tuple(pinned for members in wishes.get("together", ()) if len(pinned := frozenset(members) & here) > 1)
    apart = [tuple(pair) for pair in wishes.get("apart", ()) if set(pair) <= here]
    return replace(
        rules,
        fixed=tuple(planned.group for planned in plan if planned.number in kept),
        together=together,
        forbidden=rules.forbidden | pairs(*((first, second) for first, second in apart)),
        must_place=frozenset(wishes.get("placed", ())) & here,
    )


@dataclass(frozen=True)
class MemberView:
    """One member on a card: names and links, never a rank."""

    id: str
    organization: Organization
    member: Member
    pinned: bool


@dataclass(frozen=True)
class TopicLine:
    """A topic, who needs it and who can share; one of the two may be everybody."""

    topic: str
    needed_by: list[str]
    offered_by: list[str]


@dataclass(frozen=True)
class Card:
    """One group as staff see it."""

    planned: Planned
    area: str
    members: list[MemberView]
    shared: list[TopicLine]
    exchanges: list[TopicLine]
    longest: float
    unit: str
    weak: list[str]
    broken: list[str]
    kept: bool
    points: float

    @property
    def number(self) -> int:
        return self.planned.number

    @property
    def longest_way(self) -> str:
        return way(self.longest, self.unit)


class Table:
    """Everything a page about drafts of one round needs, read once: the members, the rules, the scorer and the names."""

    def __init__(self, round: Round) -> None:
        basis = basis_of(round)
        self.round = round
        self.market, self.rules, self.scorer = basis.market, basis.rules, basis.scorer
        self.ids, self.members, self.organizations = basis.ids, basis.members, basis.organizations
        self.fingerprint = basis.fingerprint
        self._basis = basis

    @property
    def pairs(self) -> NDArray[np.float64]:
        """The points of every pair of members, of all parts together; rows and columns by `row`."""
        return self._basis.pairs

    @property
    def row(self) -> Mapping[str, int]:
        return self.market.index()

    @cached_property
    def wording(self) -> Wording:
        return Wording(self.round, self.organizations)

    @property
    def unit(self) -> str:
        return self.market.travel.unit

    def plan(self, version: Version) -> Plan:
        return plans.from_json(version.groups, self.ids)

    def gone(self, version: Version) -> list[str]:
        """Names of members of the version who have withdrawn their sign-up since."""
        numbers = [int(member) for row in version.groups for member in row["members"] if member not in self.ids]
        return sorted(Organization.objects.filter(pk__in=numbers).values_list("name", flat=True))

    def score(self, plan: Plan) -> float:
        return self.scorer.total(plans.groups(plan))

    def parts(self, plan: Plan) -> list[tuple[str, float]]:
        """The score by its parts, under the names that staff know."""
        found = self.scorer.parts(plans.groups(plan))
        return [(str(label), found[part]) for part, label in PARTS.items()]

    def broken(self, plan: Plan, wishes: Mapping[str, Any]) -> list[str]:
        """Every rule and decision that the whole plan breaks, as sentences."""
        rules = wished(self.rules, wishes, plan, self.ids)
        return self.wording.say_all(violations(self.market, rules, plans.groups(plan)))

    def cards(self, version: Version, some: Iterable[Planned] | None = None) -> list[Card]:
        """The groups of a version as cards: all of them, or those that a page shows."""
        kept = frozenset(version.wishes.get("kept", ()))
        pinned = {member for members in version.wishes.get("together", ()) for member in members}
        return [self.card(planned, kept, pinned) for planned in (self.plan(version) if some is None else some)]

    def with_member(self, plan: Plan, words: str) -> Plan:
        """The groups that have a member whose name holds these words."""
        wanted = words.casefold()
        return tuple(
            planned for planned in plan if any(wanted in self.members[name].name.casefold() for name in planned.members)
        )

    def card(self, planned: Planned, kept: frozenset[int] = frozenset(), pinned: Iterable[str] = ()) -> Card:
        told = explain(self.scorer, planned.group)
        fixed = frozenset(pinned)
        return Card(
            planned=planned,
            area=self.wording.area(planned.area),
            members=[self.view(name, name in fixed) for name in self.by_name(planned.members)],
            shared=[TopicLine(self.wording.topic(need.topic), self.names(need.members), []) for need in told.shared],
            exchanges=[
                TopicLine(self.wording.topic(each.topic), self.names(each.needed_by), self.names(each.offered_by))
                for each in told.exchanges
            ],
            longest=max((pair.travel for pair in told.score.pairs), default=0.0),
            unit=self.unit,
            weak=self.wording.say_all(told.weak),
            broken=self.wording.say_all(group_violations(self.market, self.rules, planned.group)),
            kept=planned.number in kept,
            points=told.score.total,
        )

    def view(self, name: str, pinned: bool = False) -> MemberView:
        return MemberView(name, self.organizations[name], self.members[name], pinned)

    def by_name(self, members: Iterable[str]) -> list[str]:
        return sorted(members, key=lambda name: (self.members[name].name, name))

    def names(self, members: Iterable[str]) -> list[str]:
        return sorted(self.members[name].name for name in members)

    def unplaced(self, version: Version) -> list[tuple[MemberView, list[str]]]:
        """Who has no group, with the rules that are in the way as far as they are known."""
        told = {row["member"]: row["reasons"] for row in version.unplaced}
        must = frozenset(version.wishes.get("placed", ()))
        left = self.scorer.unplaced(plans.groups(self.plan(version)))
        return [
            (self.view(name, name in must), self.wording.say_all(told.get(name, []))) for name in self.by_name(left)
        ]


def formed(table: Table, version: Version) -> Formed:
    """A version as the engine made it, with the rules that it had: the round's, and what staff had decided by then."""
    assert version.certificate is not None
    rules = wished(table.rules, version.wishes, table.plan(version), table.ids)
    return Formed(table.market, rules, Solution.from_json(version.certificate))


@dataclass(frozen=True)
class Preview:
    """What a change by hand would do: points by part, and the rules it would break."""

    after: Plan
    before_score: float
    after_score: float
    parts: list[tuple[str, float]]
    broken: list[str]
    cards_before: list[Card]
    cards_after: list[Card]

    @property
    def change(self) -> float:
        return self.after_score - self.before_score


def preview(table: Table, version: Version, after: Plan) -> Preview:
    plan = table.plan(version)
    change = table.scorer.compare(plans.groups(plan), plans.groups(after))
    before_score = table.score(plan)
    rules = wished(table.rules, version.wishes, plan, table.ids)
    old = set(table.wording.say_all(violations(table.market, rules, plans.groups(plan))))
    new = table.wording.say_all(violations(table.market, rules, plans.groups(after)))
    return Preview(
        after=after,
        before_score=before_score,
        after_score=before_score + change.total,
        parts=[(str(label), change.parts[part]) for part, label in PARTS.items() if abs(change.parts[part]) > 0.005],
        broken=[why for why in new if why not in old],
        cards_before=[table.card(each) for each in plan if each not in after],
        cards_after=[table.card(each) for each in after if each not in plan],
    )


@dataclass(frozen=True)
class Column:
    """One draft beside others."""

    draft: Draft
    version: Version
    score: float
    parts: list[tuple[str, float]]
    groups: int
    placed: int
    unplaced: int
    longest: float
    broken: int
    cards: list[Card]


def column(table: Table, draft: Draft) -> Column:
    assert draft.current is not None
    plan = table.plan(draft.current)
    cards = table.cards(draft.current)
    placed = sum(len(planned.members) for planned in plan)
    return Column(
        draft=draft,
        version=draft.current,
        score=table.score(plan),
        parts=table.parts(plan),
        groups=len(plan),
        placed=placed,
        unplaced=len(table.market) - placed,
        longest=max((card.longest for card in cards), default=0.0),
        broken=len(table.broken(plan, draft.current.wishes)),
        cards=cards,
    )
