"""Changing groups by hand, as values: every change makes a new list and touches nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from commonground.engines.formation import Group


@dataclass(frozen=True)
class Planned:
    """One group of a draft. Its number stays when members come and go, so that decisions about the group stay with it."""

    number: int
    members: tuple[str, ...]
    area: str | None

    @property
    def group(self) -> Group:
        return Group(self.members, self.area)


Plan = tuple[Planned, ...]


def from_json(rows: Iterable[dict[str, Any]], known: Iterable[str] | None = None) -> Plan:
    """The saved groups; with `known`, without members who are gone and without groups that are empty for it."""
    here = None if known is None else frozenset(known)
    plan = (
        Planned(row["id"], tuple(m for m in row["members"] if here is None or m in here), row["area"]) for row in rows
    )
    return tuple(planned for planned in plan if planned.members)


def to_json(plan: Plan) -> list[dict[str, Any]]:
    return [{"id": planned.number, "members": list(planned.members), "area": planned.area} for planned in plan]


def groups(plan: Plan) -> tuple[Group, ...]:
    return tuple(planned.group for planned in plan)


def numbered(found: Sequence[Group], before: Plan = ()) -> Plan:
    """The engine's groups with numbers: each keeps the number of the group that it shares most members with, if any."""
    overlaps = sorted(
        (
            (-len(set(group.members) & set(old.members)), old.number, k)
            for k, group in enumerate(found)
            for old in before
            if set(group.members) & set(old.members)
        ),
    )
    number: dict[int, int] = {}
    for _shared, old_number, k in overlaps:
        if k not in number and old_number not in number.values():
            number[k] = old_number
    fresh = max((old.number for old in before), default=0)
    for k in range(len(found)):
        if k not in number:
            fresh += 1
            number[k] = fresh
    plan = (Planned(number[k], group.members, group.area) for k, group in enumerate(found))
    return tuple(sorted(plan, key=lambda planned: planned.number))


def home_of(plan: Plan, member: str) -> Planned | None:
    return next((planned for planned in plan if member in planned.members), None)


def moved(plan: Plan, member: str, to: int | None) -> Plan:
    """The plan with a member in another group, or in none. A group that loses its last member is gone."""
    without = (replace(each, members=tuple(m for m in each.members if m != member)) for each in plan)
    with_it = (replace(each, members=(*each.members, member)) if each.number == to else each for each in without)
    return tuple(each for each in with_it if each.members)


def swapped(plan: Plan, member: str, other: str) -> Plan:
    """The plan with two members in each other's places; either may be without a group."""

    def exchange(name: str) -> str:
        return {member: other, other: member}.get(name, name)

    return tuple(replace(each, members=tuple(exchange(name) for name in each.members)) for each in plan)
