"""What a search hands over."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_matrix

from commonground.engines.disclosure.suppression.problem import Bools, Ints

EQUAL = 1e-9  # weights this close, relative, count as equal


@dataclass
class Outcome:
    """The best pattern of a model, and the proven lower bound of any pattern's weight.

    `moves`: for every target the cells that some deviations which reach it move. `hopeless`: targets that nothing
    protects, with how far each gets when everything is hidden; only then are there no `moves`.
    """

    hidden: Bools
    weight: float
    bound: float
    moves: list[Ints] = field(default_factory=list)
    hopeless: dict[int, float] = field(default_factory=dict)

    @property
    def proven(self) -> bool:
        return self.weight - self.bound <= EQUAL * max(1.0, self.weight)


def moved(must: Bools, moves: Sequence[Ints | None]) -> Bools:
    """The cells that a pattern needs: those that must be hidden, and those that some deviations move."""
    hidden = must.copy()
    for some in {id(some): some for some in moves if some is not None}.values():
        hidden[some] = True
    return hidden


def moves_matrix(moves: Sequence[Ints | None], n: int) -> tuple[csr_matrix, csr_matrix]:
    """(targets x deviations, deviations x cells): one where the target is reached by it, and where it moves the cell.

    Many targets may share one deviation, and then share its array.
    """
    cells = list({id(some): some for some in moves if some is not None}.values())
    place = {id(some): k for k, some in enumerate(cells)}
    reached = [(t, place[id(some)]) for t, some in enumerate(moves) if some is not None]
    t, by = np.array(reached, np.int64).reshape(-1, 2).T
    joined = np.concatenate([np.zeros(0, np.int64), *cells])
    ends = np.cumsum([0] + [len(some) for some in cells])
    users = csr_matrix((np.ones(len(t)), (t, by)), shape=(len(moves), len(cells)))
    return users, csr_matrix((np.ones(len(joined)), joined, ends), shape=(len(cells), n))
