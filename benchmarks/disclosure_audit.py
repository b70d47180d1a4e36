"""An attack on a published table of counts, written apart from the code that protects it.

The attacker knows every shown count, how the cells add up, that counts are whole and not negative, and how many students
there are. 1. Linear programs that move many hidden cells at once: whoever moves by its need, in whole numbers, is
protected; place by place first, since what moves within some places moves in the whole. 2. Linear programs for one cell
that move as few others as they can, among more and more places. 3. Integer programs that move many. 4. Two linear
programs for each cell left, and where these end between whole numbers, two integer programs.
"""

from dataclasses import dataclass

import highspy
import numpy as np
from scipy.sparse import csr_matrix, hstack
from scipy.sparse.csgraph import connected_components

WHOLE = 1e-6
ROUNDS = 60
PLACES = (1, 2, 3)  # places attacked together, drawn anew each time
EVERY = 10**9
ALONE = (6, 12, 25, 50, EVERY, EVERY, EVERY)  # then cell by cell
INTEGER = (6, 20, 60, EVERY)  # then, if many are left, with integer programs
LITTLE = 1e-4  # the price of a movement, beside one for each student of the need; up to twice, as chance has it
NEAR = 0.3  # integer programs that move many cells stop so near to the most
FEW = 40  # questions that are asked one by one

Ask = tuple[int, float, float]  # cell, direction, need


@dataclass(frozen=True)
class Finding:
    """`recovered`: hidden cells with one possible count; `under`: sensitive cells with too narrow an interval."""

    recovered: int
    under: int
    programs: int


class Attack:
    """What an attacker can tell about the hidden cells of one table."""

    def __init__(self, count: np.ndarray, relations: csr_matrix, hidden: np.ndarray) -> None:
        self.cells = np.flatnonzero(hidden)
        self.count = count[self.cells]
        self.most = float(count.max()) - self.count  # nobody has more students than there are
        part = relations[:, self.cells].tocsr()
        self.part = part[np.flatnonzero(np.diff(part.indptr))]
        self.programs = 0
        self.moved = np.zeros(len(self.cells), bool)
        self._lp = self._model(integer=False)
        self._sparing: highspy.Highs | None = None

    def in_whole_numbers(self) -> "Attack":
        """The same attack by integer programs."""
        self._lp = self._model(integer=True)
        self._lp.setOptionValue("mip_rel_gap", NEAR)
        return self

    def _model(self, *, integer: bool) -> highspy.Highs:
        lp, n = self._empty(self.part), len(self.cells)
        lp.setOptionValue("presolve", "choose")
        lp.changeColsBounds(n, np.arange(n, dtype=np.int32), -self.count, self.most)
        if integer:
            lp.setOptionValue("time_limit", 20.0)
            lp.changeColsIntegrality(n, np.arange(n, dtype=np.int32), np.full(n, highspy.HighsVarType.kInteger))
        return lp

    def _empty(self, part: csr_matrix) -> highspy.Highs:
        lp, (m, n) = highspy.Highs(), part.shape
        for option, value in (("output_flag", False), ("threads", 1), ("presolve", "off")):
            lp.setOptionValue(option, value)
        lp.addCols(
            n, np.zeros(n), np.zeros(n), np.zeros(n), 0, np.zeros(n, np.int32), np.zeros(0, np.int32), np.zeros(0)
        )
        start, index = part.indptr[:-1].astype(np.int32), part.indices.astype(np.int32)
        lp.addRows(m, np.zeros(m), np.zeros(m), part.nnz, start, index, part.data)
        return lp

    def together(self, at: np.ndarray, need: np.ndarray, sign: float) -> np.ndarray:
        """Which of these cells move by their need when all are pushed at once, in whole numbers."""
        n, lp = len(self.cells), self._lp
        low, high, aim = -self.count.copy(), self.most.copy(), np.zeros(n)
        aim[at] = -sign / need
        (high if sign > 0 else low)[at] = sign * need
        every = np.arange(n, dtype=np.int32)
        lp.changeColsCost(n, every, aim)
        lp.changeColsBounds(n, every, low, high)
        x = self._whole(self._run(lp))
        self.moved |= np.abs(x) > 0.5
        return np.asarray(sign * x[at] >= need - WHOLE)

    def alone(self, at: int, need: float, sign: float, rng: np.random.Generator) -> np.ndarray:
        """Movements of all cells, in whole numbers, that move this one by its need if they can, and few others."""
        x = self._whole(
            self._little(self._sparing_one(), at, need, sign, LITTLE * (1 + rng.random(2 * len(self.cells))))
        )
        self.moved |= np.abs(x) > 0.5
        return x

    def _sparing_one(self) -> highspy.Highs:
        if self._sparing is None:
            self._sparing = self._twofold()
        return self._sparing

    def _twofold(self) -> highspy.Highs:
        """Each cell twice, for up and for down, so that not to move is a corner."""
        return self._empty(hstack([self.part, -self.part]).tocsr())

    def _little(self, lp: highspy.Highs, at: int, need: float, sign: float, price: np.ndarray) -> np.ndarray:
        n, most, price = len(self.cells), np.concatenate([self.most, self.count]), price.copy()
        ahead, back = (at, n + at) if sign > 0 else (n + at, at)
        most[ahead], most[back], price[ahead] = need, 0.0, -1.0
        every = np.arange(2 * n, dtype=np.int32)
        lp.clearSolver()
        lp.changeColsCost(2 * n, every, price)
        lp.changeColsBounds(2 * n, every, np.zeros(2 * n), most)
        y = self._run(lp)
        return y[:n] - y[n:]

    def reach(self, at: int, need: float, sign: float) -> float:
        """How far one cell moves in whole numbers, at most its need."""
        n = 2 * len(self.cells)
        x = self._little(self._sparing_one(), at, need, sign, np.zeros(n))
        most = np.floor(sign * x[at] + WHOLE)
        x = self._whole(x)
        if sign * x[at] < most - WHOLE:
            lp = self._twofold()
            lp.setOptionValue("presolve", "choose")
            lp.setOptionValue("time_limit", 20.0)
            lp.changeColsIntegrality(n, np.arange(n, dtype=np.int32), np.full(n, highspy.HighsVarType.kInteger))
            x = np.round(self._little(lp, at, need, sign, np.full(n, LITTLE)))
        self.moved |= np.abs(x) > 0.5
        return float(sign * x[at])

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

    def _run(self, lp: highspy.Highs) -> np.ndarray:
        self.programs += 1
        lp.run()
        x = np.array(lp.getSolution().col_value)
        return x if len(x) == lp.getNumCol() else np.zeros(lp.getNumCol())


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
    attack, rng = Attack(count, relations, hidden), np.random.default_rng(seed)
    under = {cell for cell in needs if not hidden[cell]}
    bare = len(under)
    open_ = [(cell, sign, need) for cell, (down, up) in needs.items() for sign, need in ((-1.0, down), (1.0, up))]
    open_ = [ask for ask in open_ if hidden[ask[0]] and ask[2] > 0]
    places = np.unique(place)
    for size, left in STEPS:
        if left is _left_whole and len(open_) <= FEW:
            break
        for chunk in np.array_split(rng.permutation(places), max(1, len(places) // size)):
            inside = hidden & np.isin(place, chunk)
            here = [ask for ask in open_ if inside[ask[0]]]
            if here:
                some = Attack(count, relations, inside)
                done = set(here) - set(left(some, here, rng))
                open_ = [ask for ask in open_ if ask not in done]
                attack.moved[np.isin(attack.cells, some.cells[some.moved])] = True
                attack.programs += some.programs
    for cell, sign, need in open_:
        if attack.reach(int(np.searchsorted(attack.cells, cell)), need, sign) < need - WHOLE:
            under.add(cell)
    stuck = [at for at in np.flatnonzero(~attack.moved) if attack.reach(at, 1.0, 1.0) < 1 > attack.reach(at, 1.0, -1.0)]
    return Finding(bare + len(stuck), len(under), attack.programs)


def _left(attack: Attack, asked: list[Ask], rng: np.random.Generator) -> list[Ask]:
    """What pushing many cells at once does not show to be protected."""
    rest: list[Ask] = []
    for sign in (-1.0, 1.0):
        rest += _pushed(attack, [ask for ask in asked if ask[1] == sign], sign, rng)
    return rest


def _left_alone(attack: Attack, asked: list[Ask], rng: np.random.Generator) -> list[Ask]:
    """What asking for one cell after the other does not show to be protected; one answer often settles others."""
    at = np.searchsorted(attack.cells, [cell for cell, _, _ in asked])
    sign, need = np.array([[sign, need] for _, sign, need in asked]).T
    open_ = np.ones(len(asked), bool)
    for k in range(len(asked)):
        if open_[k]:
            x = attack.alone(int(at[k]), need[k], sign[k], rng)
            open_ &= sign * x[at] < need - WHOLE
    return [asked[k] for k in np.flatnonzero(open_)]


def _left_whole(attack: Attack, asked: list[Ask], rng: np.random.Generator) -> list[Ask]:
    """The same with integer programs that push many cells at once."""
    return _left(attack.in_whole_numbers(), asked, rng)


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
    + [(size, _left_whole) for size in INTEGER]
)
