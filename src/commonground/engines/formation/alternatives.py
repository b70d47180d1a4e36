"""Several distinct sets of groups for one market, to compare side by side."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from commonground.engines.formation.compiling import merged_pins
from commonground.engines.formation.model import Group, Market, Rules
from commonground.engines.formation.reasons import RuleError
from commonground.engines.formation.score import Scorer
from commonground.engines.formation.solution import Solution
from commonground.engines.formation.solve import Listener, solve

SHARE = 0.34  # of the groups of each earlier solution that the next one must not repeat


def alternatives(
    market: Market,
    rules: Rules,
    count: int = 3,
    *,
    seconds: float = 60.0,
    seed: int = 0,
    on_progress: Listener | None = None,
) -> tuple[Solution, ...]:
    """Up to `count` distinct solutions, the best first; `seconds` is for all of them together.

    1. Solve. 2. Part two members of about a third of the groups, and solve again from the groups that remain. 3. Report
    every alternative under the unchanged rules, with the bound and certificate of the first: they hold for all.
    Fewer come back where the rules leave no other solution.
    """
    found = [solve(market, rules, seconds=seconds / count, seed=seed, on_progress=on_progress)]
    rng = np.random.default_rng(seed)
    apart = rules
    for turn in range(1, count):
        if found[-1].status == "stopped":
            break
        apart = replace(apart, forbidden=apart.forbidden | _partings(rules, found[-1].groups, rng))
        try:
            other = solve(
                market, apart, seconds=seconds / count, seed=seed + turn, on_progress=on_progress, start=found[-1]
            )
        except RuleError:
            break  # the partings leave nothing: what was found is all there is to compare
        found.append(_under(market, rules, found[0], other))
    distinct = [
        one for k, one in enumerate(found) if not any(set(one.groups) == set(other.groups) for other in found[:k])
    ]
    return tuple(sorted(distinct, key=lambda solution: -solution.score))


def _partings(rules: Rules, groups: Sequence[Group], rng: np.random.Generator) -> set[frozenset[str]]:
    """Pairs to keep apart: two members, not pinned to each other, of every group drawn."""
    pins = merged_pins(rules)
    free = [group for group in groups if group not in rules.fixed]
    partings = set()
    for place in rng.permutation(len(free))[: max(1, int(SHARE * len(free)))]:
        first, second = rng.permutation(free[place].members)[:2].tolist()
        if not any({first, second} <= pin for pin in pins):
            partings.add(frozenset((first, second)))
    return partings


def _under(market: Market, rules: Rules, first: Solution, other: Solution) -> Solution:
    score = Scorer(market, rules).total(other.groups)
    status = (
        "optimal" if first.bound - score <= 1e-6 * max(1.0, abs(score)) else other.status.replace("optimal", "finished")
    )
    return replace(other, score=score, bound=max(first.bound, score), certificate=first.certificate, status=status)
