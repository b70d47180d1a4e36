"""An attack on a published table of counts, written apart from the code that protects it.

The attacker knows every shown count, how the cells add up, that counts are whole and not negative, and how many students
there are. 1. Linear programs that move many hidden cells at once: whoever moves by its need, in whole numbers, is
protected; place by place first, since what moves within some places moves in the whole. 2. Linear programs for one cell
that move as few others as they can, among more and more places. 3. The same in the whole table; where one ends between
whole numbers, an integer program in the places that it moved. 4. For each ask left a linear program, and where it ends
between whole numbers, an integer program in the whole table. Chunks of places are asked on all cores at once.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import highspy
import numpy as np
from scipy.sparse import csr_matrix, hstack
from scipy.sparse.csgraph import connected_components

WHOLE = 1e-6
ROUNDS = 60
PLACES = (1, 2, 3)  # places attacked together, drawn anew each time
ALONE = (6, 12, 25, 50)  # then cell by cell
AGAIN = 3  # times in the whole table, at prices drawn anew each time
LITTLE = 1e-4  # the price of a movement, beside one for each student of the need; up to twice, as chance has it
PATIENCE = 20.0  # seconds for one integer program, and for the last one of a cell so many times that
LAST = 3
EVERY = 10**9
CORES = os.cpu_count() or 1
SEVERAL = 60  # places from which on all cores are asked

Ask = tuple[int, float, float]  # cell, direction, need
Answer = tuple[list[Ask], np.ndarray, int]  # what is shown to be protected, cells that moved, programs solved
_REMEMBERED: list["Table"] = []  # by each process: its table


@dataclass(frozen=True)
class Finding:
    """`recovered`: hidden cells with one possible count; `under`: sensitive cells with too narrow an interval.

    `undecided`: those of `under` for which integer programs ended without a table and without a proof.
    """

    recovered: int
    under: int
    undecided: int
    programs: int


@dataclass(frozen=True)
class Table:
    """What is published: counts, how they add up, which are hidden, and the place of each."""

    count: np.ndarray
    relations: csr_matrix
    hidden: np.ndarray
    place: np.ndarray


@dataclass(frozen=True)
class Task:
    """Some asks, where only cells of these places move."""

    left: Callable[["Attack", list[Ask], np.random.Generator], list[Ask]]  # tells what it could not show
    places: np.ndarray
    asked: list[Ask]
    seed: int


class Attack:
    """What an attacker can tell about the hidden cells of one table, where only cells of some places move."""

    def __init__(self, table: Table, places: np.ndarray) -> None:
        self.cells = np.flatnonzero(table.hidden & np.isin(table.place, places))
        self.place = table.place[self.cells]
        self.count = table.count[self.cells]
        self.most = float(table.count.max()) - self.count  # nobody has more students than there are
        part = table.relations[:, self.cells].tocsr()
        self.part = part[np.flatnonzero(np.diff(part.indptr))]
        self.programs = 0
        self.moved = np.zeros(len(self.cells), bool)
        self._many: highspy.Highs | None = None
        self._sparing: highspy.Highs | None = None

    def together(self, at: np.ndarray, need: np.ndarray, sign: float) -> np.ndarray:
        """Which of these cells move by their need when all are pushed at once, in whole numbers."""
        self._many = self._many or _program(self.part, presolve="choose")
        low, high, aim = -self.count.copy(), self.most.copy(), np.zeros(len(self.cells))
        aim[at] = -sign / need
        (high if sign > 0 else low)[at] = sign * need
        x = self._noted(self._whole(self._solved(self._many, aim, low, high)))
        return np.asarray(sign * x[at] >= need - WHOLE)

    def alone(
        self, at: int, need: float, sign: float, rng: np.random.Generator, *, integer: bool = False
    ) -> np.ndarray:
        """Movements of all cells, in whole numbers, that move this one by its need if they can, and few others.

        With `integer`, an integer program follows where the linear one ends between whole numbers.
        """
        price = LITTLE * (1 + rng.random(2 * len(self.cells)))
        between = self._little(self._one(), at, need, sign, price)
        x = self._whole(between)
        if integer and sign * x[at] < need - WHOLE <= sign * between[at]:
            x = self._around(between, at, need, sign)
        return self._noted(x)

    def reaches(self, at: int, need: float, sign: float) -> tuple[bool, bool]:
        """Whether one cell moves by its need or more in whole numbers, and whether that answer is sure."""
        x = self._little(self._one(), at, need, sign, np.zeros(2 * len(self.cells)))
        if sign * x[at] < need - WHOLE:
            return False, True
        x, sure = self._whole(x), True
        if sign * x[at] < need - WHOLE:
            x, sure = self._integer(np.ones(len(self.cells), bool), at, need, sign, LAST * PATIENCE)
        return bool(sign * self._noted(x)[at] >= need - WHOLE), sure

    def _one(self) -> highspy.Highs:
        self._sparing = self._sparing or _program(_twofold(self.part))
        return self._sparing

    def _around(self, between: np.ndarray, at: int, need: float, sign: float) -> np.ndarray:
        """Whole numbers in the places where the fractions are."""
        moved = np.isin(self.place, self.place[np.abs(between) > WHOLE])
        return self._integer(moved, at, need, sign, PATIENCE)[0]

    def _integer(
        self, moving: np.ndarray, at: int, need: float, sign: float, seconds: float
    ) -> tuple[np.ndarray, bool]:
        """Whole numbers for the cells that may move, by which this one moves by its need or more; else whether none do.

        More than the need may be possible where the need itself is not: some cells move by twos only.
        """
        some = np.flatnonzero(moving)
        lp, n = _program(_twofold(self.part[:, some]), presolve="choose"), len(some)
        lp.setOptionValue("time_limit", seconds)
        lp.changeColsIntegrality(2 * n, np.arange(2 * n, dtype=np.int32), np.full(2 * n, highspy.HighsVarType.kInteger))
        least, most = np.zeros(2 * n), np.concatenate([self.most[some], self.count[some]])
        where = int(np.searchsorted(some, at))
        ahead, back = (where, n + where) if sign > 0 else (n + where, where)
        least[ahead], most[back] = need, 0.0
        y, x = np.round(self._solved(lp, np.full(2 * n, LITTLE), least, most)), np.zeros(len(self.cells))
        x[some] = y[:n] - y[n:]
        known = lp.getModelStatus() in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible)
        if lp.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            x[:] = 0.0
        return x, known

    def _little(self, lp: highspy.Highs, at: int, need: float, sign: float, price: np.ndarray) -> np.ndarray:
        """Movements in the twofold program."""
        n, most, price = len(self.cells), np.concatenate([self.most, self.count]), price.copy()
        ahead, back = (at, n + at) if sign > 0 else (n + at, at)
        most[ahead], most[back], price[ahead] = min(need, most[ahead]), 0.0, -1.0
        y = self._solved(lp, price, np.zeros(2 * n), most)
        return y[:n] - y[n:]

    def _whole(self, x: np.ndarray) -> np.ndarray:
        """The movements that are whole numbers and share no relation with others that are not; the rest stay at zero."""
        broken = np.abs(x - np.round(x)) > WHOLE
        if not broken.any():
            return np.round(x)
        at = np.flatnonzero(np.abs(x) > WHOLE)
        part = self.part[:, at]
        _, label = connected_components(part.T @ part, directed=False)
        whole = ~np.isin(label, label[broken[at]])
        out = np.zeros(len(x))
        out[at[whole]] = np.round(x[at[whole]])
        return out

    def _noted(self, x: np.ndarray) -> np.ndarray:
        self.moved |= np.abs(x) > 0.5
        return x

    def _solved(self, lp: highspy.Highs, cost: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        self.programs += 1
        n = len(cost)
        every = np.arange(n, dtype=np.int32)
        lp.clearSolver()
        lp.changeColsCost(n, every, cost)
        lp.changeColsBounds(n, every, low, high)
        lp.run()
        x = np.array(lp.getSolution().col_value)
        return x if len(x) == n else np.zeros(n)


def _twofold(part: csr_matrix) -> csr_matrix:
    """Each cell twice, for up and for down, so that not to move is a corner."""
    return hstack([part, -part]).tocsr()


def _program(part: csr_matrix, presolve: str = "off") -> highspy.Highs:
    lp, (m, n) = highspy.Highs(), part.shape
    for option, value in (("output_flag", False), ("threads", 1), ("presolve", presolve)):
        lp.setOptionValue(option, value)
    lp.addCols(n, np.zeros(n), np.zeros(n), np.zeros(n), 0, np.zeros(n, np.int32), np.zeros(0, np.int32), np.zeros(0))
    start, index = part.indptr[:-1].astype(np.int32), part.indices.astype(np.int32)
    lp.addRows(m, np.zeros(m), np.zeros(m), part.nnz, start, index, part.data)
    return lp


def audit(
    count: np.ndarray,
    relations: csr_matrix,
    hidden: np.ndarray,
    needs: dict[int, tuple[float, float]],
    place: np.ndarray,
    seed: int = 0,
) -> Finding:
    """`needs`: for each sensitive cell how far below and above its count it must seem possible. Shown ones are bare.

    `place` of each cell: what moves within some places moves in the whole, so the attack begins place by place.
    """
    table, rng = Table(count, relations, hidden, place), np.random.default_rng(seed)
    attack = Attack(table, np.unique(place))
    bare = {cell for cell in needs if not hidden[cell]}
    open_ = [(cell, sign, need) for cell, (down, up) in needs.items() for sign, need in ((-1.0, down), (1.0, up))]
    open_ = [ask for ask in open_ if hidden[ask[0]] and ask[2] > 0]
    with _asking(table) as answers:
        for size, left in STEPS:
            done: set[Ask] = set()
            for reached, moved, programs in answers(_tasks(table, size, left, open_, rng)):
                done.update(reached)
                attack.moved[np.searchsorted(attack.cells, moved)] = True
                attack.programs += programs
            open_ = [ask for ask in open_ if ask not in done]
    under, undecided = _narrow(attack, open_)
    still = np.flatnonzero(~attack.moved)
    stuck = [at for at in still if not (attack.reaches(at, 1.0, 1.0)[0] or attack.reaches(at, 1.0, -1.0)[0])]
    return Finding(len(bare) + len(stuck), len(under | bare), len(undecided - bare), attack.programs)


def _narrow(attack: Attack, open_: list[Ask]) -> tuple[set[int], set[int]]:
    """The cells that do not reach their needs, and those of them of which that is not proven."""
    under: set[int] = set()
    proven: set[int] = set()
    for cell, sign, need in open_:
        reached, sure = attack.reaches(int(np.searchsorted(attack.cells, cell)), need, sign)
        if not reached:
            under.add(cell)
            proven |= {cell} if sure else set()
    return under, under - proven


def _tasks(
    table: Table, size: int, left: Callable[..., list[Ask]], open_: list[Ask], rng: np.random.Generator
) -> Iterator[Task]:
    """The asks in chunks of so many places drawn by chance; fewer chunks than cores share their asks out."""
    places = rng.permutation(np.unique(table.place))
    chunks = np.array_split(places, max(1, len(places) // size))
    shares = -(-CORES // len(chunks))
    for chunk in chunks:
        inside = table.hidden & np.isin(table.place, chunk)
        here = [ask for ask in open_ if inside[ask[0]]]
        for share in range(shares):
            if here[share::shares]:
                yield Task(left, chunk, here[share::shares], int(rng.integers(2**32)))


@contextmanager
def _asking(table: Table) -> Iterator[Callable[[Iterable[Task]], Iterator[Answer]]]:
    """What answers tasks: other processes, where there are many places."""
    if len(np.unique(table.place)) < SEVERAL:
        yield partial(map, partial(_answer, table))
        return
    with ProcessPoolExecutor(CORES, multiprocessing.get_context("spawn"), _remember, (table,)) as pool:
        yield partial(pool.map, _answer_remembered)


def _remember(table: Table) -> None:
    _REMEMBERED.append(table)


def _answer_remembered(task: Task) -> Answer:
    return _answer(_REMEMBERED[-1], task)


def _answer(table: Table, task: Task) -> Answer:
    attack = Attack(table, task.places)
    left = set(task.left(attack, task.asked, np.random.default_rng(task.seed)))
    return [ask for ask in task.asked if ask not in left], attack.cells[attack.moved], attack.programs


def _left(attack: Attack, asked: list[Ask], rng: np.random.Generator) -> list[Ask]:
    """What pushing many cells at once does not show to be protected."""
    rest: list[Ask] = []
    for sign in (-1.0, 1.0):
        rest += _pushed(attack, [ask for ask in asked if ask[1] == sign], sign, rng)
    return rest


def _left_alone(attack: Attack, asked: list[Ask], rng: np.random.Generator, *, integer: bool = False) -> list[Ask]:
    """What asking for one cell after the other does not show to be protected; one answer often settles others."""
    at = np.searchsorted(attack.cells, [cell for cell, _, _ in asked])
    sign, need = np.array([[sign, need] for _, sign, need in asked]).T
    open_ = np.ones(len(asked), bool)
    for k in range(len(asked)):
        if open_[k]:
            x = attack.alone(int(at[k]), need[k], sign[k], rng, integer=integer)
            open_ &= sign * x[at] < need - WHOLE
    return [asked[k] for k in np.flatnonzero(open_)]


def _pushed(attack: Attack, open_: list[Ask], sign: float, rng: np.random.Generator) -> list[Ask]:
    share = 1.0
    for _ in range(ROUNDS):
        chosen = np.flatnonzero(rng.random(len(open_)) < share)
        if len(chosen):
            at = np.searchsorted(attack.cells, [open_[k][0] for k in chosen])
            done = attack.together(at, np.array([open_[k][2] for k in chosen]), sign)
            gone = set(chosen[done].tolist())
            open_ = [ask for k, ask in enumerate(open_) if k not in gone]
            share = share if len(gone) > 0.2 * len(chosen) else share / 2
        if not open_ or share * len(open_) < 1:
            break
    return open_


STEPS = (
    [(size, _left) for size in PLACES]
    + [(size, _left_alone) for size in ALONE]
    + [(EVERY, partial(_left_alone, integer=True))] * AGAIN
)
