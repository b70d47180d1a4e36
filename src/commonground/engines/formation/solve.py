"""Form groups in a market: the door to the search.

1. Refuse rules that cannot be met. 2. Compile the members outside fixed groups. 3. Search. 4. Say who is left and
why, and put score, bound and certificate together.

The search and its compiled loops take seconds to load: only whoever searches waits for them, and no web page does.
"""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from commonground.engines.formation.compiling import Compiled, compile_market
from commonground.engines.formation.feasible import check_rules
from commonground.engines.formation.model import Group, Market, Rules
from commonground.engines.formation.placement import why_unplaced
from commonground.engines.formation.proof import named
from commonground.engines.formation.reasons import RuleError, because
from commonground.engines.formation.score import Scorer
from commonground.engines.formation.solution import Progress, Solution, Unplaced
from commonground.engines.formation.violations import group_violations

if TYPE_CHECKING:
    from commonground.engines.formation.columns import Columns
    from commonground.engines.formation.search import Found, Watch

Listener = Callable[[Progress], bool | None]


def solve(
    market: Market,
    rules: Rules,
    *,
    seconds: float = 60.0,
    seed: int = 0,
    on_progress: Listener | None = None,
    start: Sequence[Group] | Solution | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Solution:
    """The best groups found within `seconds`, or sooner when nothing better is left to find.

    The time begins when the loops are compiled (`prepare`), which on a new machine takes a while.
    `on_progress` is told after every round and stops the search by returning False; the answer is then the best so far.
    `start` are groups to begin from (broken ones are dropped). Raises RuleError where the rules cannot be met, or where
    everybody must have a group and no such set of groups was found.
    """
    from commonground.engines.formation.prepare import prepare
    from commonground.engines.formation.search import Watch, search

    check_rules(market, rules)
    prepare()
    watch = Watch(seconds, clock)
    scorer = Scorer(market, rules)
    compiled = compile_market(market, rules, scorer)
    fixed = sum(scorer.group(group).total for group in rules.fixed)
    watch.tell = _teller(compiled, rules, fixed, on_progress)
    if not compiled.ids:
        return _all_fixed(rules, fixed, seed)
    found = search(compiled.instance, seed=seed, watch=watch, start=_start(market, rules, compiled, start))
    return _solution(market, rules, scorer, compiled, found, fixed, watch, seed)


def _teller(compiled: Compiled, rules: Rules, fixed: float, on_progress: Listener | None) -> Callable[["Watch"], bool]:
    def tell(watch: "Watch") -> bool:
        if on_progress is None:
            return True
        groups: tuple[Group, ...] = ()
        score = None
        if watch.state is not None:
            now = watch.state.columns()
            groups = (*rules.fixed, *_groups(compiled, now))
            left = compiled.instance.leave[watch.state.alone()]
            score = None if np.isinf(left).any() else fixed + float(now.value.sum() - left.sum())
        bound = None if np.isinf(watch.bound) else fixed + watch.bound
        return on_progress(Progress(watch.elapsed, score, bound, groups)) is not False

    return tell


def _groups(compiled: Compiled, columns: "Columns") -> tuple[Group, ...]:
    members = [row[:size].tolist() for row, size in zip(columns.members, columns.size, strict=True)]
    return compiled.groups(members, columns.option.tolist())


def _start(
    market: Market, rules: Rules, compiled: Compiled, start: Sequence[Group] | Solution | None
) -> "Columns | None":
    """Given groups as columns: those whose members are free and that break no rule."""
    if start is None:
        return None
    from commonground.engines.formation.columns import Columns

    groups = start.groups if isinstance(start, Solution) else start
    position = {member: i for i, member in enumerate(compiled.ids)}
    pinned = [set(pin) for pin in rules.together]
    rows, options = [], []
    for group in groups:
        whole = all(not pin & set(group.members) or pin <= set(group.members) for pin in pinned)
        free = all(member in position for member in group.members)
        if free and whole and len(group.members) > 1 and not group_violations(market, rules, group):
            rows.append([position[member] for member in group.members])
            options.append(compiled.areas.index(group.area))
    size = np.array([len(row) for row in rows], np.int64)
    members = np.full((len(rows), compiled.instance.size_max), -1, np.int64)
    for k, row in enumerate(rows):
        members[k, : len(row)] = row
    return Columns(members, size, np.array(options, np.int64), np.zeros(len(rows)))


def _solution(
    market: Market,
    rules: Rules,
    scorer: Scorer,
    compiled: Compiled,
    found: "Found",
    fixed: float,
    watch: "Watch",
    seed: int,
) -> Solution:
    _refuse_missing(market, rules, compiled, found, watch)
    groups = (*rules.fixed, *_groups(compiled, found.groups))
    score = scorer.total(groups)
    index = market.index()
    alone = [market.members[index[member]] for member in scorer.unplaced(groups)]
    return Solution(
        groups=groups,
        unplaced=tuple(Unplaced(member.id, why_unplaced(market, rules, member)) for member in alone),
        score=score,
        bound=max(score, fixed + found.bound),  # equal up to rounding where the groups are proven best
        status=found.ended,
        seconds=watch.elapsed,
        seed=seed,
        certificate={"proof": named(found.proof, compiled.ids, compiled.sectors)},
    )


def _refuse_missing(market: Market, rules: Rules, compiled: Compiled, found: "Found", watch: "Watch") -> None:
    """Raise where a member that must have a group has none."""
    left = [int(i) for i in found.alone if np.isinf(compiled.instance.leave[i])]
    wanted = compiled.instance.count
    if not left and wanted in (None, len(found.groups)):
        return
    if watch.late or watch.stopped or not left:
        raise RuleError("not_found_in_time", seconds=watch.elapsed)
    member = market.members[market.index()[compiled.ids[left[0]]]]
    raise RuleError("no_feasible_groups", **because(why_unplaced(market, rules, member)[0]))


def _all_fixed(rules: Rules, score: float, seed: int) -> Solution:
    nothing: dict[str, object] = {"prices": {}, "count_price": 0.0, "by": "groups"}
    return Solution(rules.fixed, (), score, score, "optimal", 0.0, seed, {"proof": nothing})
