"""Protect a problem: the door to the search."""

import time

import numpy as np
from scipy.sparse import csc_matrix, csr_matrix, diags

from commonground.engines.disclosure.suppression.blocks import blocks_of
from commonground.engines.disclosure.suppression.exact import exact
from commonground.engines.disclosure.suppression.large import LIMITS, large
from commonground.engines.disclosure.suppression.model import Compiled, Model, compile_problem
from commonground.engines.disclosure.suppression.outcome import Outcome, moves_matrix
from commonground.engines.disclosure.suppression.problem import Bools, Ints, Pattern, Problem, UnprotectableError
from commonground.engines.disclosure.suppression.watch import Clock, Listener, Watch
from commonground.engines.disclosure.suppression.whole import in_whole_numbers

FEW = 3  # blocks: a model of fewer is searched as a whole
MANY = 500  # cells that one deviation moves, beyond which it explains only cells that share a relation
LINKED = 0.25  # of the relations: a model in which more than these cross blocks is searched as a whole


def suppress(
    problem: Problem, *, seconds: float = 60.0, progress: Listener | None = None, clock: Clock = time.monotonic
) -> Pattern:
    """The cheapest pattern found within `seconds`, or sooner when it is proven cheapest.

    `progress` is told how the search stands, and stops it by returning False; the answer is then the best so far, and
    always protects: with `problem.whole` in whole numbers too, which are asked for last, whatever the time. Raises
    UnprotectableError, naming the cells, where even hiding everything would not do.
    """
    watch = Watch(seconds, progress, clock)
    compiled = compile_problem(problem)
    model = compiled.model
    blocks = blocks_of(model, LIMITS[-1])
    apart = blocks.count > FEW and blocks.linking.sum() < LINKED * model.A.shape[0]
    outcome = large(model, watch) if apart else exact(model, watch)
    if problem.whole and not outcome.hopeless:
        watch.tell("whole numbers", outcome.weight, outcome.bound)
        outcome = in_whole_numbers(model, blocks, outcome)
    if outcome.hopeless:
        raise _unprotectable(problem, compiled, outcome.hopeless)
    return _pattern(problem, compiled, outcome)


def _unprotectable(problem: Problem, compiled: Compiled, hopeless: dict[int, float]) -> UnprotectableError:
    """Names the sensitive cells that need more than what stands for them reaches."""
    model, stands = compiled.model, compiled.stands[problem.sensitive]
    down, up = problem.need_down.copy(), problem.need_up.copy()
    for t, value in hopeless.items():
        needs = down if model.sign[t] < 0 else up
        mine = stands == model.target[t]
        needs[mine] = np.minimum(needs[mine], max(0.0, value))
    stuck = (down < problem.need_down) | (up < problem.need_up)
    return UnprotectableError(problem, problem.sensitive[stuck], down[stuck], up[stuck])


def _pattern(problem: Problem, compiled: Compiled, outcome: Outcome) -> Pattern:
    hidden = outcome.hidden[compiled.stands]
    hidden[problem.sensitive] = True  # also those whose equal is shown: they need nothing, or there would be no pattern
    everywhere = hidden & problem.may_hide
    weight = float(problem.weight[everywhere].sum())
    protects = _protects(problem, compiled, outcome, everywhere)
    return Pattern(everywhere, weight, min(outcome.bound, weight), outcome.proven, protects)


def _protects(problem: Problem, compiled: Compiled, outcome: Outcome, hidden: Bools) -> dict[int, tuple[int, ...]]:
    """Each secondary cell and the sensitive cells whose room to vary runs through it.

    A deviation that moves very many cells answers for many targets at once; of these only neighbours are named.
    """
    model, sensitive = compiled.model, problem.sensitive
    secondary = hidden.copy()
    secondary[sensitive] = False
    cells = np.flatnonzero(secondary)
    users = _users(model, outcome, compiled.stands[sensitive], compiled.stands[cells])
    names = sensitive[users.indices]
    return {
        int(cell): tuple(np.sort(names[start:end]).tolist())
        for cell, start, end in zip(cells, users.indptr[:-1], users.indptr[1:], strict=True)
    }


def _users(model: Model, outcome: Outcome, sensitive: Ints, secondary: Ints) -> csc_matrix:
    """sensitive x secondary: above zero where a deviation that answers for the one moves the other."""
    reached, moved = moves_matrix(outcome.moves, model.n)
    many = len(outcome.moves)
    by_cell = csr_matrix((np.ones(many), (model.target, np.arange(many))), shape=(model.n, many))
    by, moved = (by_cell @ reached)[sensitive].tocsc(), moved[:, secondary]
    wide = np.diff(moved.indptr) > MANY
    near = (abs(model.A[:, sensitive]).T @ abs(model.A[:, secondary])).tocsr()
    users = by[:, ~wide] @ moved[~wide]
    for deviation in np.flatnonzero(wide):
        users = users + diags(by[:, deviation].toarray().ravel()) @ near.multiply(moved[deviation])
    users = csc_matrix(users)
    users.eliminate_zeros()
    users.sort_indices()
    return users
