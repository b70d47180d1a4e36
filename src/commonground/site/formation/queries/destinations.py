"""Where a member of a draft could go, and what each place would do to the score.

With a thousand members there are some thousand places. What each would change follows from the points of all pairs, which are
worked out once; only the best are looked at closely, for the rules that they would break.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from commonground.engines.formation import Group, group_violations
from commonground.site.formation import plan as plans
from commonground.site.formation.models import Version
from commonground.site.formation.plan import Plan, Planned
from commonground.site.formation.queries.drafts import MemberView, Table

MOST_OF_A_KIND = 20  # exchanges, groups that could take the member, groups that could but for a rule
MOST_LOOKED_AT = 60  # for the rules that they would break, the best first

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Destination:
    """One thing that could be done with a member, and what it would do."""

    to: Planned | None
    swap: MemberView | None
    change: float
    broken: list[str]


def destinations(table: Table, version: Version, member: str) -> list[Destination]:
    """The best groups, exchanges with another member, and no group at all; what breaks no rule first, then by points.

    Exchanges that would break a rule that is kept now are left out.
    """
    plan = table.plan(version)
    home = plans.home_of(plan, member)
    moves = [_move(table, home, member, to) for to in _best_groups(table, plan, home, member)]
    out = [_move(table, home, member, None)] if home else []
    found = [*moves, *out, *_exchanges(table, plan, home, member)]
    possible = [each for each in found if isfinite(each.change)]  # between some there is no way at all
    return sorted(possible, key=lambda each: (bool(each.broken), -each.change))


def _best_groups(table: Table, plan: Plan, home: Planned | None, member: str) -> list[Planned]:
    """Other groups that gain most by this member; those that have room count apart from those that are full."""
    others = [each for each in plan if each is not home]
    gain = {each.number: _joining(table, member, each) for each in others}
    others.sort(key=lambda each: -gain[each.number])
    full = {each.number for each in others if len(each.members) >= table.rules.size_max}
    room = [each for each in others if each.number not in full]
    return [*room[:MOST_OF_A_KIND], *[each for each in others if each.number in full][:MOST_OF_A_KIND]]


def _joining(table: Table, member: str, group: Planned) -> float:
    return float(table.pairs[table.row[member], _rows(table, group.members)].sum()) + _choice(table, member, group)


def _rows(table: Table, members: Iterable[str]) -> list[int]:
    return [table.row[name] for name in members]


def _choice(table: Table, member: str, group: Planned | None) -> float:
    return table.scorer.choice_points(table.members[member], group.area) if group else 0.0


def _exchanges(table: Table, plan: Plan, home: Planned | None, member: str) -> list[Destination]:
    """The best exchanges that break no further rule."""
    best = sorted(_all_exchanges(table, plan, home, member), key=lambda each: -each[0])[:MOST_LOOKED_AT]
    found: list[Destination] = []
    for _points, there, other in best:
        before = tuple(each for each in (home, there) if each)
        after = plans.swapped(before, member, other)
        if not _newly_broken(table, before, after):
            found.append(_told(table, before, after, there, table.view(other)))
        if len(found) == MOST_OF_A_KIND:
            break
    return found


def _all_exchanges(
    table: Table, plan: Plan, home: Planned | None, member: str
) -> Iterator[tuple[float, Planned | None, str]]:
    """Every exchange with one member of another group, or with one who has none: its points, the group, the other."""
    here = [name for name in home.members if name != member] if home else []
    lost = _between(table, [member], here)[0] + _choice(table, member, home)
    left_out = table.scorer.unplaced(plans.groups(plan)) if home else ()
    nobody = [(None, (other,)) for other in left_out]
    for there, others in [*((each, each.members) for each in plan if each is not home), *nobody]:
        known = list(others)
        inside = table.pairs[np.ix_(_rows(table, known), _rows(table, known))].sum(axis=1)
        coming = _between(table, known, here)
        mine = table.pairs[table.row[member], _rows(table, known)]
        for k, other in enumerate(known):
            moved = float(coming[k]) + _choice(table, other, home) - lost
            if there:
                moved += float(mine.sum() - mine[k] - inside[k])
                moved += _choice(table, member, there) - _choice(table, other, there)
            yield moved, there, other


def _between(table: Table, some: Sequence[str], others: Sequence[str]) -> Floats:
    """The points of each of `some` with all of `others` together."""
    found: Floats = table.pairs[np.ix_(_rows(table, some), _rows(table, others))].sum(axis=1)
    return found


def _move(table: Table, home: Planned | None, member: str, to: Planned | None) -> Destination:
    before = tuple(each for each in (home, to) if each)
    return _told(table, before, plans.moved(before, member, to.number if to else None), to, None)


def _told(table: Table, before: Plan, after: Plan, to: Planned | None, swap: MemberView | None) -> Destination:
    """What changes in the one or two groups that change; all others stay as they are."""
    change = table.scorer.compare(plans.groups(before), plans.groups(after))
    return Destination(to, swap, change.total, _newly_broken(table, before, after))


def _newly_broken(table: Table, before: Plan, after: Plan) -> list[str]:
    """The rules that the changed groups break, and did not break before."""
    old = set(_broken(table, [each.group for each in before]))
    return [why for why in _broken(table, [each.group for each in after]) if why not in old]


def _broken(table: Table, groups: Sequence[Group]) -> list[str]:
    return [table.wording.say(why) for group in groups for why in group_violations(table.market, table.rules, group)]
