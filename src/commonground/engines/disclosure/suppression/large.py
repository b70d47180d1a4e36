"""Large models: cheapest pattern of every block, then what the links between blocks still give away.

1. Blocks, each protected as cheaply as possible by itself: their weights add up to a lower bound.
2. All blocks' patterns together are attacked; targets that fall short take the cheapest further cells, and cells that
   are no longer needed there are shown again. This first pattern is found whatever the time; the rest heeds the clock.
3. An integer program over all blocks' inequalities, the blocks' own bounds, and the inequalities of the attacks that
   cross blocks; its choice is attacked again, until it protects everything (then it is a cheapest pattern) or time ends.
"""

import numpy as np

from commonground.engines.disclosure.suppression.attacker import Attacker
from commonground.engines.disclosure.suppression.blocks import Blocks, blocks_of
from commonground.engines.disclosure.suppression.cuts import Cut, Pool
from commonground.engines.disclosure.suppression.local import NARROW, Local, Tableau, attacked, cheapest
from commonground.engines.disclosure.suppression.master import solve_mip
from commonground.engines.disclosure.suppression.model import Model
from commonground.engines.disclosure.suppression.outcome import Outcome, moved, moves_matrix
from commonground.engines.disclosure.suppression.primal import Router
from commonground.engines.disclosure.suppression.problem import Bools, Ints
from commonground.engines.disclosure.suppression.regions import DENSE, Region, Survey, Surveyor, beyond
from commonground.engines.disclosure.suppression.watch import Watch

LIMITS = (32, 320)  # cells of a block, from the innermost level outward; a block of the second level has blocks itself
SMALL = 36  # free cells of a block that is not divided further
BLOCKS = 0.4  # of the time: for blocks by themselves
AGAIN = 0.2  # of the time left: to show cells again
CHOOSING = 0.6  # of the time left: for one integer program
PATIENCE, LEAST = 8, 0.1  # times its share by free cells, and seconds, which a single block may take
CROWD = 300  # targets that use a cell, beyond which it stays hidden


class Large:
    """One large model's search."""

    def __init__(self, model: Model, watch: Watch, limits: tuple[int, ...] = LIMITS) -> None:
        self.model, self.watch, self.limits = model, watch, limits
        self.blocks: Blocks = blocks_of(model, limits[-1])
        self.surveyor = Surveyor(model, self.blocks, watch)
        self.pool = Pool()
        self.hopeless: dict[int, float] = {}
        self.attack_takes = 0.0  # seconds, the last time
        everything = ~model.never
        self.best = Outcome(everything, model.cost(everything), 0.0)

    def run(self) -> Outcome:
        fixed = np.flatnonzero(self.blocks.label[self.model.target] < 0)
        if len(fixed):
            self.best.hopeless = dict.fromkeys(fixed.tolist(), 0.0)
            return self.best
        hidden, bound = self._locally()
        self.best.bound = bound
        survey = self._attacked(hidden)
        self._tell("joining")
        if not self.hopeless:
            self._exactly(survey)
        self.best.hopeless = {} if self.best.moves else self.hopeless
        return self.best

    def _attacked(self, hidden: Bools) -> Survey:
        """What the pattern leaves open; mended, it is kept if it is the best. The first is mended whatever the time."""
        begin = self.watch.passed()
        survey = self.surveyor.survey(hidden)
        if not (self.best.moves and self.watch.over()):
            self._keep(*self._mended(hidden, survey))
        self.attack_takes = self.watch.passed() - begin
        return survey

    def _tell(self, stage: str) -> None:
        self.watch.tell(stage, self.best.weight, self.best.bound)

    def _locally(self) -> tuple[Bools, float]:
        """All blocks' cheapest patterns, and the sum of their bounds."""
        model, hidden, bound = self.model, self.model.must.copy(), 0.0
        blocks = self.watch.until(BLOCKS * self.watch.left())
        size = np.array([model.free[cells].sum() for cells in self.blocks.cells], float)
        rest = np.maximum(np.cumsum(size[::-1])[::-1], 1.0)
        for number, (cells, rows) in enumerate(zip(self.blocks.cells, self.blocks.rows, strict=True)):
            part = model.part(cells, rows)
            share = min(1.0, PATIENCE * size[number] / rest[number])
            local = self._block(part, self.watch.until(max(share * blocks.left(), LEAST)))
            hidden[cells] |= local.hidden
            bound += local.bound
            for cut in local.pool.cuts:
                self.pool.add(Cut(cells[cut.cells], cut.coefficient))
            self._value_cut(part, cells, local.bound)
            if number % 50 == 0:
                self._tell("blocks")
        settled = float(model.weight[model.must & (self.blocks.label < 0)].sum())
        return hidden, bound + settled

    def _block(self, part: Model, watch: Watch) -> Local:
        if len(self.limits) < 2 or part.free.sum() <= SMALL:
            return cheapest(part, watch)
        inner = Large(part, watch, self.limits[:-1])
        outcome = inner.run()
        return Local(outcome.hidden, outcome.bound, inner.pool)

    def _value_cut(self, part: Model, cells: Ints, bound: float) -> None:
        """The block's free cells weigh at least its bound less what must be hidden anyway."""
        rest = bound - part.cost(part.must)
        if rest > NARROW * max(1.0, bound):
            at = np.flatnonzero(part.free & (part.weight > 0))
            self.pool.add(Cut(cells[at], np.minimum(part.weight[at] / rest, 1.0)))

    def _keep(self, hidden: Bools, survey: Survey) -> None:
        """Keep what protects and is cheaper. Cells that no deviation moves are shown: nobody's room runs through them."""
        if survey.lacking:
            return
        hidden = hidden & moved(self.model.must, survey.moves)
        weight = self.model.cost(hidden)
        if weight < self.best.weight or not self.best.moves:
            self.best = Outcome(hidden, weight, self.best.bound, [m for m in survey.moves if m is not None])

    def _mended(self, hidden: Bools, survey: Survey) -> tuple[Bools, Survey]:
        """The pattern with what its lacking targets need, and without what they made superfluous."""
        mended = hidden.copy()
        routes = Survey(list(survey.moves))
        if routes.lacking:
            self._routed(routes.lacking, mended, routes)
        if routes.lacking:
            self._asked_of_everything(mended, routes)
        if routes.lacking:
            return mended, routes
        survey = self.surveyor.survey(mended, survey, routes)
        return self._shown_again(mended, survey, np.unique(self.blocks.label[mended & ~hidden]))

    def _routed(self, targets: list[int], hidden: Bools, routes: Survey) -> None:
        """Hide the cheapest further cells that let each target move, where any do."""
        whole = self.surveyor.whole()
        part, cells, router = whole.part, whole.cells, Router(whole.part)
        for t in targets:
            if routes.moves[t] is not None:
                continue
            x = router.route(t, hidden[cells], part.weight)
            if x is None:
                continue
            moved = cells[beyond(part, x)]
            hidden[moved] = True
            for other in np.flatnonzero(part.sign * x[part.target] >= part.need * (1 - NARROW)):
                if routes.moves[other] is None:
                    routes.moves[other] = moved

    def _asked_of_everything(self, hidden: Bools, survey: Survey) -> None:
        """What no route was found for: hide whatever moves, or give it up."""
        attacker = Attacker(self.model)
        attacker.show((~self.model.never).astype(float))
        for t in survey.lacking:
            value, x = attacker.reach(t)
            if attacker.reached(t, value):
                survey.moves[t] = beyond(self.model, x)
                hidden[survey.moves[t]] = True
            else:
                self.hopeless[t] = value

    def _shown_again(self, hidden: Bools, survey: Survey, changed: Ints) -> tuple[Bools, Survey]:
        """Try to show each secondary cell of the changed blocks, dearest first, if every target that uses it can do without."""
        model, users, whole = self.model, Users(survey, self.model.n), self.surveyor.whole()
        tries = np.flatnonzero(hidden & model.free & np.isin(self.blocks.label, changed))
        watch = self.watch.until(AGAIN * self.watch.left())
        for cell in tries[np.lexsort((tries, -model.weight[tries]))]:
            affected = users.of(int(cell))
            if affected is None or watch.over():
                continue
            hidden[cell] = False
            fresh = self._renewed(whole, affected, hidden)
            hidden[cell] = fresh is None
            for t, moves in (fresh or {}).items():
                users.renew(t, moves)
        return hidden, survey

    def _renewed(self, whole: Region, users: list[int], hidden: Bools) -> dict[int, Ints] | None:
        """New deviations of these targets; None when one of them falls short."""
        below, above = whole.part.bounds(hidden[whole.cells].astype(float))
        found = {}
        for t in users:
            value, x, _ = whole.program.reach(t, below, above)
            if value < self.model.need[t] * (1 - NARROW):
                return None
            found[t] = whole.cells[beyond(whole.part, x)]
        return found

    def _exactly(self, survey: Survey) -> None:
        """Integer programs over everything, each answered by an attack."""
        model = self.model
        low, high = model.must.astype(float), (~model.never).astype(float)
        open_, tableau = True, Tableau(model) if model.n <= DENSE else None
        for cut in survey.cuts:
            self.pool.add(cut)
        while open_ and self.pool.cuts and not self.best.proven and self.watch.left() > self.attack_takes:
            seconds = min(CHOOSING * self.watch.left(), self.watch.left() - self.attack_takes)
            bound, hidden, exact, _ = solve_mip(
                model.weight, low, high, self.pool.cuts, seconds=seconds, start=self.best.hidden
            )
            self.best.bound = max(self.best.bound, min(bound, self.best.weight))
            survey = self._attacked(hidden)
            self._tell("choosing")
            found = sum(self.pool.add(cut) for cut in survey.cuts)
            found += attacked(tableau, hidden, self.pool)[0] if tableau else 0
            open_ = found > 0 or not exact


class Users:
    """For each cell the targets whose deviations move it."""

    def __init__(self, survey: Survey, n: int) -> None:
        self.survey = survey
        reached, moved = moves_matrix(survey.moves, n)
        self._reached, self._moved = reached.tocsc(), moved.tocsc()
        self._since: dict[int, set[int]] = {}

    def of(self, cell: int) -> list[int] | None:
        """None where there are too many to ask them all again."""
        by = self._moved.indices[self._moved.indptr[cell] : self._moved.indptr[cell + 1]]
        ranges = [(self._reached.indptr[k], self._reached.indptr[k + 1]) for k in by.tolist()]
        if sum(end - start for start, end in ranges) > CROWD:
            return None
        before = {int(t) for start, end in ranges for t in self._reached.indices[start:end]}
        return sorted(t for t in before | self._since.get(cell, set()) if self._uses(t, cell))

    def renew(self, t: int, moves: Ints) -> None:
        self.survey.moves[t] = moves
        for cell in moves.tolist():
            self._since.setdefault(cell, set()).add(t)

    def _uses(self, t: int, cell: int) -> bool:
        moves = self.survey.moves[t]
        assert moves is not None
        at = int(np.searchsorted(moves, cell))
        return at < len(moves) and int(moves[at]) == cell


def large(model: Model, watch: Watch, limits: tuple[int, ...] = LIMITS) -> Outcome:
    """The best pattern found within the time, with its bound, or the targets that nothing protects."""
    return Large(model, watch, limits).run()
