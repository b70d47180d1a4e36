"""Protect a problem: the door to the search."""

import time

import numpy as np

from commonground.engines.disclosure.suppression.attacker import Attacker
from commonground.engines.disclosure.suppression.exact import exact
from commonground.engines.disclosure.suppression.model import Compiled, Model, compile_problem
from commonground.engines.disclosure.suppression.primal import Witnesses
from commonground.engines.disclosure.suppression.problem import Bools, Pattern, Problem, UnprotectableError
from commonground.engines.disclosure.suppression.watch import Clock, Listener, Watch


def suppress(
    problem: Problem, *, seconds: float = 60.0, progress: Listener | None = None, clock: Clock = time.monotonic
) -> Pattern:
    """The cheapest pattern found within `seconds`, or sooner when it is proven cheapest.

    `progress` is told how the search stands, and stops it by returning False; the answer is then the best so far, and
    always protects. Raises UnprotectableError, naming the cells, where even hiding everything would not do.
    """
    watch = Watch(seconds, progress, clock)
    compiled = compile_problem(problem)
    _refuse_unprotectable(problem, compiled)
    outcome = exact(compiled.model, watch)
    return _pattern(problem, compiled, outcome.hidden, outcome.bound, outcome.proven)


def _refuse_unprotectable(problem: Problem, compiled: Compiled) -> None:
    model = compiled.model
    attacker = Attacker(model)
    attacker.show((~model.never).astype(float))
    reach = {}
    for t, (cell, sign) in enumerate(zip(model.target, model.sign, strict=True)):
        value, _ = attacker.reach(t)
        if not attacker.reached(t, value):
            reach[int(cell), int(sign)] = max(0.0, value)
    if not reach:
        return
    stuck = {cell for cell, _ in reach}
    at = np.array([i for i, c in enumerate(problem.sensitive) if int(compiled.stands[c]) in stuck])
    cells = problem.sensitive[at]
    down = [reach.get((int(compiled.stands[c]), -1), d) for c, d in zip(cells, problem.need_down[at], strict=True)]
    up = [reach.get((int(compiled.stands[c]), 1), u) for c, u in zip(cells, problem.need_up[at], strict=True)]
    raise UnprotectableError(problem, cells, np.array(down), np.array(up))


def _pattern(problem: Problem, compiled: Compiled, hidden: Bools, bound: float, proven: bool) -> Pattern:
    everywhere = hidden[compiled.stands] & problem.may_hide
    weight = float(problem.weight[everywhere].sum())
    return Pattern(everywhere, weight, min(bound, weight), proven, _protects(problem, compiled, hidden))


def _protects(problem: Problem, compiled: Compiled, hidden: Bools) -> dict[int, tuple[int, ...]]:
    """Each secondary cell and the sensitive cells whose room to vary runs through it."""
    model: Model = compiled.model
    witnesses = Witnesses(Attacker(model))
    witnesses.check(hidden)
    cells_of: dict[int, list[int]] = {}
    for cell in problem.sensitive:
        cells_of.setdefault(int(compiled.stands[cell]), []).append(int(cell))
    primary = np.isin(np.arange(len(problem.value)), problem.sensitive)
    found = {}
    for cell in np.flatnonzero(hidden[compiled.stands] & ~primary & problem.may_hide):
        users = {int(c) for c in model.target[witnesses.uses[:, compiled.stands[cell]]]}
        found[int(cell)] = tuple(sorted(c for user in users for c in cells_of.get(user, ())))
    return found
