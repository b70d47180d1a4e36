"""After the draw: seats are accepted, declined and given back, and each free seat goes to the right child.

A child holds at most one seat and may have offers for better ones. A freed seat of a pool is offered to the child who
stands first in that pool's line among those who wait for the program, by the same standings and numbers as in the
draw. Accepting gives back the old seat, which may free the next one; the child then waits only where it would still
rather be. Declining, or letting an offer expire, keeps the old seat and leaves that line. A late application draws its
number from the same seed (so nobody else's changes) and stands behind all who applied on time, or, where the rules
say so, in its place among them.

Nothing is changed in place: each step returns the new state and the offers that it made.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from commonground.engines.lottery.arrays import labels_at
from commonground.engines.lottery.checked import without_a_pool
from commonground.engines.lottery.model import OPEN, Application, Market, Numbers, Program, SeatPool
from commonground.engines.lottery.results import Reason, Result
from commonground.engines.lottery.standing import standing
from commonground.engines.lottery.tickets import number_of

# Late or not, packed standing, lottery number: compared from the left, smaller first.
Key = tuple[bool, int, str]
Seat = tuple[str, str]  # program, pool


class MoveError(ValueError):
    """A move that does not fit the present state; the message says what the state is."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A seat offered to a child."""

    application: str
    program: str
    pool: str


@dataclass(frozen=True, slots=True)
class State:
    """Who holds which seat, who waits where, which offers are open.

    `waiting`: program -> application -> its key before each of the program's pools that is open to it. `offers`:
    (application, program) -> pool. `free`: seats of every pool that are neither held nor offered.
    """

    programs: Mapping[str, Program]
    applications: Mapping[str, Application]
    held: Mapping[str, Seat]
    waiting: Mapping[str, Mapping[str, Mapping[str, Key]]]
    free: Mapping[Seat, int]
    offers: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def position(self, application: str, program: str, pool: str) -> int | None:
        """A child's place in the line before a pool, from 1; None when it does not wait there."""
        own = self.waiting[program].get(application, {}).get(pool)
        if own is None:
            return None
        return 1 + sum(pool in keys and keys[pool] < own for keys in self.waiting[program].values())


def after_draw(result: Result) -> State:
    """The state right after the draw: matched children hold their seats, the others wait."""
    market = result.market
    waiting: dict[str, dict[str, dict[str, Key]]] = {program.name: {} for program in market.programs}
    for choice, pool, _ in result.waiting:
        at = int(result.drawn.arrays.owner[choice])
        program, seat_pool = result.pools[pool]
        begin = int(result.drawn.arrays.pool_start[result.drawn.arrays.choice_program[choice]])
        rank = int(result.drawn.arrays.rank[result.drawn.arrays.rank_start[choice] + pool - begin])
        keys = waiting[program.name].setdefault(market.applications[at].number, {})
        keys[seat_pool.name] = (False, rank, result.number(at, choice))
    held = {
        application.number: (got, str(result.pool_of(at)))
        for at, application in enumerate(market.applications)
        if (got := result.program_of(at)) is not None
    }
    return State(
        programs={program.name: program for program in market.programs},
        applications={application.number: application for application in market.applications},
        held=held,
        waiting=waiting,
        free={(cutoff.program.name, cutoff.pool.name): cutoff.pool.seats - cutoff.filled for cutoff in result.cutoffs},
    )


def accept(state: State, application: str, program: str) -> tuple[State, list[Offer]]:
    """Take an offered seat and give back the old one."""
    pool = _offer(state, application, program)
    offers = {key: value for key, value in state.offers.items() if key != (application, program)}
    old = state.held.get(application)
    state = replace(state, offers=offers, held={**state.held, application: (program, pool)})
    listed = [choice.program for choice in state.applications[application].choices]
    worse = listed[listed.index(program) :]
    state, freed = _leave(state, application, worse)
    return _fill(_give_back(state, [*freed, *([old] if old else [])]))


def decline(state: State, application: str, program: str) -> tuple[State, list[Offer]]:
    """Refuse an offered seat, or let the offer expire: the child keeps what it has and no longer waits there."""
    _offer(state, application, program)
    state, freed = _leave(state, application, [program])
    return _fill(_give_back(state, freed))


expire = decline


def withdraw(state: State, application: str) -> tuple[State, list[Offer]]:
    """Leave altogether: the seat, the offers and every line."""
    if application not in state.applications:
        raise MoveError(f"There is no application {application}.")
    old = state.held.get(application)
    held = {number: seat for number, seat in state.held.items() if number != application}
    programs = [choice.program for choice in state.applications[application].choices]
    state, freed = _leave(replace(state, held=held), application, programs)
    return _fill(_give_back(state, [*freed, *([old] if old else [])]))


def apply_late(
    state: State, application: Application, seed: str, *, numbers: Numbers = Numbers.SINGLE, in_place: bool = False
) -> tuple[State, list[Offer]]:
    """A late application joins the lines of all its choices; a seat that is free is offered at once."""
    if application.number in state.applications:
        raise MoveError(f"Application {application.number} is already there.")
    waiting = {program: dict(lines) for program, lines in state.waiting.items()}
    for choice in application.choices:
        if choice.program not in state.programs:
            raise MoveError(f"There is no program “{choice.program}”.")
        program = state.programs[choice.program]
        number = number_of(seed, application, program.school if numbers is Numbers.PER_SCHOOL else None)
        keys = {}
        for pool in program.pools:
            place = standing(program, pool, choice, labels_at(application, choice), guaranteed=False)
            if place is not None:
                keys[pool.name] = (not in_place, place.packed(), number)
        if keys:
            waiting[program.name][application.number] = keys
    applications = {**state.applications, application.number: application}
    return _fill(replace(state, waiting=waiting, applications=applications))


def second_round(state: State, market: Market, new: tuple[Application, ...] = ()) -> Market:
    """The market of a second round: everyone still waiting and all new applications, with the seats held guaranteed.

    Where a soft pool's seat went to someone outside its group, that seat is open to all in this round, so that it can be kept.
    A child keeps its seat unless it gets one that it ranked higher. Whether numbers are kept (the rules say it) is a matter
    of the seed: the first round's keeps them, a new one draws them afresh.
    """
    again = []
    for application in state.applications.values():
        seat = state.held.get(application.number)
        listed = [choice.program for choice in application.choices]
        reach = listed.index(seat[0]) + 1 if seat else len(listed)
        open_to = [
            choice for choice in application.choices[:reach]
            if (seat and choice.program == seat[0]) or application.number in state.waiting[choice.program]
        ]  # fmt: skip
        again.append(replace(application, choices=tuple(open_to), guaranteed=seat[0] if seat else None))
    programs = tuple(
        _with_room(program, [a for a in again if a.guaranteed == program.name]) for program in market.programs
    )
    return Market(programs, (*again, *new), market.rules)


def _with_room(program: Program, holders: list[Application]) -> Program:
    """The program with just so many set-aside seats opened that all who hold a seat can keep it."""
    while without_a_pool(program, holders):
        aside = [pool for pool in program.pools if pool.group is not None and pool.seats]
        giver = min(aside, key=lambda pool: (pool.hard, -program.pools.index(pool)))
        pools = [replace(pool, seats=pool.seats - 1) if pool is giver else pool for pool in program.pools]
        free = next((at for at, pool in enumerate(pools) if pool.group is None), None)
        if free is None:
            pools.append(SeatPool(OPEN, 1))
        else:
            pools[free] = replace(pools[free], seats=pools[free].seats + 1)
        program = replace(program, pools=tuple(pools))
    return program


def _offer(state: State, application: str, program: str) -> str:
    pool = state.offers.get((application, program))
    if pool is None:
        raise MoveError(f"Application {application} has no open offer from {program}.")
    return pool


def _leave(state: State, application: str, programs: list[str]) -> tuple[State, list[Seat]]:
    """Leave the lines of these programs and give up their offers; the seats that this frees."""
    freed = [
        (program, state.offers[application, program]) for program in programs if (application, program) in state.offers
    ]
    offers = {key: pool for key, pool in state.offers.items() if key[0] != application or key[1] not in programs}
    waiting = dict(state.waiting)
    for program in programs:
        waiting[program] = {number: keys for number, keys in state.waiting[program].items() if number != application}
    return replace(state, offers=offers, waiting=waiting), freed


def _give_back(state: State, seats: list[Seat]) -> State:
    free = dict(state.free)
    for seat in seats:
        free[seat] += 1
    return replace(state, free=free)


def _fill(state: State) -> tuple[State, list[Offer]]:
    """Offer every free seat to the first in its pool's line, in precedence order, until no line is left before one."""
    free, offers, made = dict(state.free), dict(state.offers), []
    for name, program in state.programs.items():
        for pool in program.pools:
            while free[name, pool.name]:
                line = [
                    (keys[pool.name], number)
                    for number, keys in state.waiting[name].items()
                    if pool.name in keys and (number, name) not in offers
                ]
                if not line:
                    break
                _, number = min(line)
                free[name, pool.name] -= 1
                offers[number, name] = pool.name
                made.append(Offer(number, name, pool.name))
    return replace(state, free=free, offers=offers), made


def reason_to_wait(result: Result, application: int) -> list[tuple[str, str, int]]:
    """Where a child waits after the draw: (program, seat pool, position)."""
    owner = result.drawn.arrays.owner
    return [
        (result.pools[pool][0].name, result.pools[pool][1].name, position)
        for choice, pool, position in result.waiting
        if owner[choice] == application and result.reasons[choice] is Reason.FULL
    ]
