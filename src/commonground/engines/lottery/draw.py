"""One draw from start to end: numbers, then grade by grade from the oldest child down, then linked groups.

1. Every ticket gets its number from the seed.
2. Grades are drawn in the order of the rules, oldest first. A child whose older sibling has just been matched to a school
   gains the label that the rules name at every choice of that school.
3. Inside a grade, deferred acceptance seats the children.
4. Where the rules say that linked children are placed together and a group is parted, the seat of the member who did
   best is given up, for the others could not follow, and the grade is drawn again without it. A guaranteed seat is never given
   up. Each round gives up a seat for good, so this ends.
"""

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from commonground.engines.lottery.arrays import NOT_ELIGIBLE, Arrays, Ranker, compile_market, labels_at
from commonground.engines.lottery.checked import grade_order
from commonground.engines.lottery.kernel import Seating, seat
from commonground.engines.lottery.model import Linked, Market, Numbers, older_ones
from commonground.engines.lottery.sha256 import Words
from commonground.engines.lottery.tickets import Tickets, turns


@dataclass(frozen=True, slots=True, eq=False)
class Gains:
    """What children of one grade gain where an older sibling is matched; row by row.

    If child `older[r]` is matched to school `school[r]`, choice `choice[r]` stands at `rank[r]` in pool entry `entry[r]`.
    """

    older: NDArray[np.int32]
    school: NDArray[np.int32]
    choice: NDArray[np.int32]
    entry: NDArray[np.int32]
    rank: NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """The outcome of one draw, in the order of the market's applications.

    `numbers` and `turn`: one row a ticket (an application, or a choice when numbers differ by school). `choice`: index of
    the choice each child got, -1 for none. `pool`: the seat pool, -1 for none. `arrays` hold the standings as they were in
    the end; `gained` marks choices where an older sibling's match counted, `given_up` those given up by a linked group.
    """

    arrays: Arrays
    numbers: Words
    turn: NDArray[np.uint32]
    by_choice: bool
    choice: NDArray[np.int32]
    pool: NDArray[np.int32]
    gained: frozenset[int]
    given_up: frozenset[int]

    def ticket(self, application: int, choice: int) -> int:
        """The row of `numbers` and `turn` that counts for an application at one of its choices."""
        return choice if self.by_choice else application


class Lottery:
    """A market made ready to be drawn, once or a thousand times."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.arrays = compile_market(market)
        self.tickets = Tickets.of(market)
        self.by_choice = market.rules.numbers is Numbers.PER_SCHOOL
        schools = {name: at for at, name in enumerate(dict.fromkeys(program.school for program in market.programs))}
        self._school = np.array([schools[program.school] for program in market.programs], dtype=np.int32)
        self._grades = self._children_by_grade()
        self._gains = self._find_gains(schools)
        self._links = self._find_links()

    @property
    def plain(self) -> bool:
        """No child's standing depends on another's match, so all grades can be drawn at once."""
        return not self._gains and not self._links

    def draw(self, seed: str) -> Drawn:
        """Draw with the numbers that a seed gives."""
        numbers = self.tickets.numbers(seed)
        return self.draw_in_order(turns(numbers, self.tickets.names), numbers)

    def draw_in_order(self, turn: NDArray[np.uint32], numbers: Words) -> Drawn:
        """Draw with given places in the lottery, one a ticket, 0 first."""
        if self.plain:
            seating = seat(self.arrays, turn, Seating.empty(self.arrays), by_choice=self.by_choice)
            return self._drawn(self.arrays, numbers, turn, seating, frozenset(), frozenset())
        arrays = replace(self.arrays, rank=self.arrays.rank.copy())
        seating = Seating.empty(arrays)
        gained: set[int] = set()
        given_up: set[int] = set()
        for grade, children in self._grades.items():
            gained |= self._apply_gains(grade, arrays, seating)
            seat(arrays, turn, seating, by_choice=self.by_choice, children=children)
            given_up |= self._place_together(grade, arrays, turn, seating)
        return self._drawn(arrays, numbers, turn, seating, frozenset(gained), frozenset(given_up))

    def _drawn(
        self, arrays: Arrays, numbers: Words, turn: NDArray[np.uint32], seating: Seating,
        gained: frozenset[int], given_up: frozenset[int],
    ) -> Drawn:  # fmt: skip
        choice, pool = seating.matched(arrays)
        return Drawn(arrays, numbers, turn, self.by_choice, choice, pool, gained, given_up)

    def _children_by_grade(self) -> dict[str, NDArray[np.int32]]:
        order = grade_order(self.market.programs, self.market.rules)
        found: dict[str, list[int]] = {grade: [] for grade in order}
        for at, application in enumerate(self.market.applications):
            found.setdefault(application.grade, []).append(at)
        return {grade: np.array(children, dtype=np.int32) for grade, children in found.items()}

    def _find_gains(self, schools: dict[str, int]) -> dict[str, Gains]:
        label = self.market.rules.sibling_offered
        if label is None:
            return {}
        index = {application.number: at for at, application in enumerate(self.market.applications)}
        by_number = {application.number: application for application in self.market.applications}
        programs = {program.name: program for program in self.market.programs}
        ranker = Ranker(programs)
        rows: dict[str, list[tuple[int, int, int, int, int]]] = defaultdict(list)
        for at, application in enumerate(self.market.applications):
            if not application.older_siblings:
                continue
            older = [index[number] for number in older_ones(application, by_number)]
            late = self.market.rules.behind(application)
            for x, choice in enumerate(application.choices, start=int(self.arrays.choice_start[at])):
                promised = choice.program == application.guaranteed
                ranks = ranker.ranks(choice, labels_at(application, choice) | {label}, promised, late)
                begin = int(self.arrays.rank_start[x])
                school = schools[programs[choice.program].school]
                rows[application.grade].extend(
                    (who, school, x, begin + k, rank) for who in older for k, rank in enumerate(ranks)
                )
        return {grade: _gains(found) for grade, found in rows.items()}

    def _apply_gains(self, grade: str, arrays: Arrays, seating: Seating) -> set[int]:
        gains = self._gains.get(grade)
        if gains is None:
            return set()
        matched = seating.matched(arrays)[0][gains.older]
        program = arrays.choice_program[np.maximum(matched, 0)]
        counts = (matched >= 0) & (self._school[program] == gains.school)
        arrays.rank[gains.entry[counts]] = gains.rank[counts]
        return set(gains.choice[counts].tolist())

    def _find_links(self) -> dict[str, list[list[int]]]:
        if self.market.rules.linked is not Linked.TOGETHER:
            return {}
        groups: dict[tuple[str, str], list[int]] = defaultdict(list)
        for at, application in enumerate(self.market.applications):
            if application.linked is not None:
                groups[application.grade, application.linked].append(at)
        found: dict[str, list[list[int]]] = defaultdict(list)
        for (grade, _), members in groups.items():
            if len(members) > 1:
                found[grade].append(members)
        return dict(found)

    def _place_together(self, grade: str, arrays: Arrays, turn: NDArray[np.uint32], seating: Seating) -> set[int]:
        given_up: set[int] = set()
        while True:
            matched = seating.matched(arrays)[0]
            parted = [self._to_give_up(members, arrays, matched) for members in self._links.get(grade, [])]
            now = {choice for choice in parted if choice is not None}
            if not now:
                return given_up
            given_up |= now
            for x in now:
                program = arrays.choice_program[x]
                begin = arrays.rank_start[x]
                pools = arrays.pool_start[program + 1] - arrays.pool_start[program]
                arrays.rank[begin : begin + pools] = NOT_ELIGIBLE
            seating.clear(arrays, self._pools_of(grade, arrays))
            seat(arrays, turn, seating, by_choice=self.by_choice, children=self._grades[grade])

    def _to_give_up(self, members: list[int], arrays: Arrays, matched: NDArray[np.int32]) -> int | None:
        """The choice that a parted group gives up: that of the member who got the highest on its list."""
        seated = [at for at in members if matched[at] >= 0]
        schools = {int(self._school[arrays.choice_program[matched[at]]]) for at in seated}
        if len(seated) == len(members) and len(schools) == 1:
            return None
        free = [at for at in seated if not self._holds_guarantee(at, arrays, matched)]
        if not free:
            return None
        best = min(free, key=lambda at: (matched[at] - arrays.choice_start[at], self.market.applications[at].number))
        return int(matched[best])

    def _holds_guarantee(self, at: int, arrays: Arrays, matched: NDArray[np.int32]) -> bool:
        held = self.market.programs[int(arrays.choice_program[matched[at]])]
        return held.name == self.market.applications[at].guaranteed

    def _pools_of(self, grade: str, arrays: Arrays) -> NDArray[np.int32]:
        """The seat pools of one grade. Its programs are its own, so emptying them touches no other grade."""
        grades = np.array([program.grade == grade for program in self.market.programs])
        return np.flatnonzero(np.repeat(grades, np.diff(arrays.pool_start))).astype(np.int32)


def _gains(rows: list[tuple[int, int, int, int, int]]) -> Gains:
    older, school, choice, entry, rank = np.array(rows, dtype=np.int64).T
    return Gains(
        older.astype(np.int32),
        school.astype(np.int32),
        choice.astype(np.int32),
        entry.astype(np.int32),
        rank.astype(np.uint32),
    )


def draw(market: Market, seed: str) -> Drawn:
    """Draw a market once."""
    return Lottery(market).draw(seed)
