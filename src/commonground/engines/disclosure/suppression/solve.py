"""Protect a problem: the door to the search."""

import time
from collections.abc import Sequence

import numpy as np

from commonground.engines.disclosure.suppression.attacker import Attacker
from commonground.engines.disclosure.suppression.blocks import blocks_of
from commonground.engines.disclosure.suppression.exact import exact
from commonground.engines.disclosure.suppression.large import LIMITS, large
from commonground.engines.disclosure.suppression.model import Compiled, compile_problem
from commonground.engines.disclosure.suppression.outcome import Outcome
from commonground.engines.disclosure.suppression.problem import Bools, Pattern, Problem, UnprotectableError
from commonground.engines.disclosure.suppression.watch import Clock, Listener, Watch

FEW = 3  # blocks: a model of fewer is searched as a whole
LINKED = 0.25  # of the relations: a model in which more than these cross blocks is searched as a whole


def suppress(
    problem: Problem, *, seconds: float = 60.0, progress: Listener | None = None, clock: Clock = time.monotonic
) -> Pattern:
    """The cheapest pattern found within `seconds`, or sooner when it is proven cheapest.

    `progress` is told how the search stands, and stops it by returning False; the answer is then the best so far, and
    always protects. Raises UnprotectableError, naming the cells, where even hiding everything would not do.
    """
    watch = Watch(seconds, progress, clock)
    compiled = compile_problem(problem)
    model = compiled.model
    blocks = blocks_of(model, LIMITS[-1])
    if blocks.count > FEW and blocks.linking.sum() < LINKED * model.A.shape[0]:
        outcome = large(model, watch)
        _refuse_unprotectable(problem, compiled, outcome.hopeless)
    else:
        _refuse_unprotectable(problem, compiled, range(len(model.target)))
        outcome = exact(model, watch)
    return _pattern(problem, compiled, outcome)


def _refuse_unprotectable(problem: Problem, compiled: Compiled, doubtful: Sequence[int]) -> None:
    model = compiled.model
    attacker = Attacker(model)
    attacker.show((~model.never).astype(float))
    reach = {}
    for t in doubtful:
        value, _ = attacker.reach(t)
        if not attacker.reached(t, value):
            reach[int(model.target[t]), int(model.sign[t])] = max(0.0, value)
    if not reach:
        return
    stuck = {cell for cell, _ in reach}
    at = np.array([i for i, c in enumerate(problem.sensitive) if int(compiled.stands[c]) in stuck])
    cells = problem.sensitive[at]
    down = [reach.get((int(compiled.stands[c]), -1), d) for c, d in zip(cells, problem.need_down[at], strict=True)]
    up = [reach.get((int(compiled.stands[c]), 1), u) for c, u in zip(cells, problem.need_up[at], strict=True)]
    raise UnprotectableError(problem, cells, np.array(down), np.array(up))


def _pattern(problem: Problem, compiled: Compiled, outcome: Outcome) -> Pattern:
    everywhere = outcome.hidden[compiled.stands] & problem.may_hide
    weight = float(problem.weight[everywhere].sum())
    protects = _protects(problem, compiled, outcome, everywhere)
    return Pattern(everywhere, weight, min(outcome.bound, weight), outcome.proven, protects)


def _protects(problem: Problem, compiled: Compiled, outcome: Outcome, hidden: Bools) -> dict[int, tuple[int, ...]]:
    """Each secondary cell and the sensitive cells whose room to vary runs through it."""
    sensitive_of: dict[int, list[int]] = {}
    for cell in problem.sensitive:
        sensitive_of.setdefault(int(compiled.stands[cell]), []).append(int(cell))
    users: dict[int, set[int]] = {}
    for target, moves in zip(compiled.model.target, outcome.moves, strict=True):
        for cell in moves:
            users.setdefault(int(cell), set()).update(sensitive_of.get(int(target), ()))
    hidden = hidden.copy()
    hidden[problem.sensitive] = False
    return {int(c): tuple(sorted(users.get(int(compiled.stands[c]), ()))) for c in np.flatnonzero(hidden)}
