"""After the draw: seats are accepted, declined and given back, and each free seat goes to the right child.

A child holds at most one seat and may have offers for better ones. A program fills a freed seat the way it chose in the
draw: pool by pool in precedence order, each pool takes whoever stands first in its line. That may be a child who waits, and is
made an offer; or one who sits in a later pool of the same program, who then changes pools and frees that seat instead. So the
children at a program are those whom it would have chosen had the child who left never asked (in slot-specific choice nobody
is turned away because somebody left: Kominers & Sönmez 2016), and nobody ever loses a seat to a move.

Accepting gives back the old seat, which may free the next one; the child then waits only where it would still rather be.
Declining, or letting an offer expire, keeps the old seat and leaves that line. A late application draws its number from the
same seed (so nobody else's changes); the rules say whether it stands behind all who applied on time or in its place.

Nothing is changed in place: each step returns the new state and what followed from it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from commonground.engines.lottery.arrays import labels_at
from commonground.engines.lottery.draw import Drawn
from commonground.engines.lottery.model import Application, Numbers, Program, Rules, older_ones
from commonground.engines.lottery.results import Reason, Result
from commonground.engines.lottery.standing import standing
from commonground.engines.lottery.tickets import number_of

# Packed standing, lottery number: compared from the left, smaller first.
Key = tuple[int, str]
Keys = Mapping[str, Mapping[str, Key]]  # application -> pool -> key
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
class Shift:
    """A child stays at its program but now sits in, or is offered a seat of, an earlier pool."""

    application: str
    program: str
    pool: str


Moved = list[Offer | Shift]


@dataclass(frozen=True, slots=True)
class State:
    """Who holds which seat, who waits where, which offers are open.

    `keys`: program -> application -> its key before each pool that is open to it, for all who hold a seat there or wait.
    `offers`: (application, program) -> pool. `free`: seats of every pool that are neither held nor offered. `gone`: who left.
    """

    rules: Rules
    programs: Mapping[str, Program]
    applications: Mapping[str, Application]
    held: Mapping[str, Seat]
    keys: Mapping[str, Keys]
    free: Mapping[Seat, int]
    offers: Mapping[tuple[str, str], str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()

    def holds(self, application: str, program: str) -> bool:
        """Does the child sit at this program?"""
        return application in self.held and self.held[application][0] == program

    def line(self, program: str, pool: str) -> list[tuple[Key, str]]:
        """The waiting list before a pool, first in line first: (key, application). Who has an open offer still waits."""
        own = self.keys[program].items()
        return sorted((keys[pool], who) for who, keys in own if pool in keys and not self.holds(who, program))

    def position(self, application: str, program: str, pool: str) -> int | None:
        """A child's place in the line before a pool, from 1; None when it does not wait there."""
        line = [who for _, who in self.line(program, pool)]
        return line.index(application) + 1 if application in line else None


def after_draw(result: Result) -> State:
    """The state right after the draw: matched children hold their seats, the others wait."""
    market, drawn, arrays = result.market, result.drawn, result.drawn.arrays
    keys: dict[str, dict[str, dict[str, Key]]] = {program.name: {} for program in market.programs}
    entries = [(choice, pool) for choice, pool, _ in result.waiting]
    seated = drawn.choice[drawn.choice >= 0].tolist()
    entries += [(choice, pool) for choice in seated for pool in result.lines.pools(choice)]
    for choice, pool in entries:
        rank = _rank(drawn, choice, pool)
        if result.lines.key(choice, pool) is None:
            continue
        at = int(arrays.owner[choice])
        program, seat_pool = result.pools[pool]
        own = keys[program.name].setdefault(market.applications[at].number, {})
        own[seat_pool.name] = (rank, result.number(at, choice))
    held = {
        application.number: (got, str(result.pool_of(at)))
        for at, application in enumerate(market.applications)
        if (got := result.program_of(at)) is not None
    }
    return State(
        rules=market.rules,
        programs={program.name: program for program in market.programs},
        applications={application.number: application for application in market.applications},
        held=held,
        keys=keys,
        free={(cutoff.program.name, cutoff.pool.name): cutoff.pool.seats - cutoff.filled for cutoff in result.cutoffs},
    )


def _rank(drawn: Drawn, choice: int, pool: int) -> int:
    begin = int(drawn.arrays.pool_start[drawn.arrays.choice_program[choice]])
    return int(drawn.arrays.rank[drawn.arrays.rank_start[choice] + pool - begin])


def accept(state: State, application: str, program: str) -> tuple[State, Moved]:
    """Take an offered seat and give back the old one; for a seat that the child holds already, confirm it."""
    if state.holds(application, program):
        return state, []
    pool = _offer(state, application, program)
    offers = {key: value for key, value in state.offers.items() if key != (application, program)}
    old = state.held.get(application)
    state = replace(state, offers=offers, held={**state.held, application: (program, pool)})
    listed = [choice.program for choice in state.applications[application].choices]
    state, freed = _leave(state, application, listed[listed.index(program) + 1 :])
    return _fill(_give_back(state, [*freed, *([old] if old else [])]), [program for program, _ in [*freed, *_one(old)]])


def decline(state: State, application: str, program: str) -> tuple[State, Moved]:
    """Refuse an offered or matched seat, or let it expire: the child keeps what else it has and no longer waits there."""
    if state.holds(application, program):
        old = state.held[application]
        held = {number: seat for number, seat in state.held.items() if number != application}
        state, _ = _leave(replace(state, held=held), application, [program])
        return _fill(_give_back(state, [old]), [program])
    _offer(state, application, program)
    state, freed = _leave(state, application, [program])
    return _fill(_give_back(state, freed), [program])


expire = decline


def withdraw(state: State, application: str) -> tuple[State, Moved]:
    """Leave altogether: the seat, the offers and every line."""
    _present(state, application)
    old = state.held.get(application)
    held = {number: seat for number, seat in state.held.items() if number != application}
    programs = [choice.program for choice in state.applications[application].choices]
    state, freed = _leave(replace(state, held=held, gone=state.gone | {application}), application, programs)
    return _fill(_give_back(state, [*freed, *_one(old)]), programs)


def apply_late(state: State, application: Application, seed: str) -> tuple[State, Moved]:
    """A late application joins the lines of all its choices; a seat that is free is offered at once."""
    if application.number in state.applications:
        raise MoveError(f"Application {application.number} is already there.")
    application = replace(application, late=True)
    keys = {**state.keys}
    for choice in application.choices:
        if choice.program not in state.programs:
            raise MoveError(f"There is no program “{choice.program}”.")
        program = state.programs[choice.program]
        number = number_of(seed, application, program.school if state.rules.numbers is Numbers.PER_SCHOOL else None)
        labels = labels_at(application, choice) | _gained(state, application, program)
        own = {}
        for pool in program.pools:
            place = standing(program, pool, choice, labels, False, state.rules.behind(application))
            if place is not None:
                own[pool.name] = (place.packed(), number)
        if own:
            keys[program.name] = {**keys[program.name], application.number: own}
    applications = {**state.applications, application.number: application}
    return _fill(replace(state, keys=keys, applications=applications), [c.program for c in application.choices])


def _gained(state: State, application: Application, program: Program) -> frozenset[str]:
    """The label that a late child gains where an older sibling holds a seat at the moment it applies."""
    label = state.rules.sibling_offered
    seats = [state.held[older] for older in older_ones(application, state.applications) if older in state.held]
    there = any(state.programs[seat[0]].school == program.school for seat in seats)
    return frozenset({label}) if label is not None and there else frozenset()


def _present(state: State, application: str) -> None:
    if application not in state.applications:
        raise MoveError(f"There is no application {application}.")
    if application in state.gone:
        raise MoveError(f"Application {application} has withdrawn.")


def _offer(state: State, application: str, program: str) -> str:
    _present(state, application)
    if program not in state.programs:
        raise MoveError(f"There is no program “{program}”.")
    pool = state.offers.get((application, program))
    if pool is None:
        raise MoveError(f"Application {application} has no open offer from {program}, and no seat there.")
    return pool


def _one(seat: Seat | None) -> list[Seat]:
    return [] if seat is None else [seat]


def _leave(state: State, application: str, programs: list[str]) -> tuple[State, list[Seat]]:
    """Leave the lines of these programs and give up their offers; the offered seats that this frees."""
    freed = [
        (program, state.offers[application, program]) for program in programs if (application, program) in state.offers
    ]
    offers = {key: pool for key, pool in state.offers.items() if key[0] != application or key[1] not in programs}
    keys = {**state.keys}
    for program in programs:
        if application in keys[program]:
            keys[program] = {number: own for number, own in keys[program].items() if number != application}
    return replace(state, offers=offers, keys=keys), freed


def _give_back(state: State, seats: list[Seat]) -> State:
    free = {**state.free}
    for seat in seats:
        free[seat] += 1
    return replace(state, free=free)


def _fill(state: State, programs: Iterable[str]) -> tuple[State, Moved]:
    """Let these programs fill their free seats, pool by pool in precedence order."""
    moved: Moved = []
    for name in dict.fromkeys(programs):
        for at in range(len(state.programs[name].pools)):
            while (step := _next_in(state, name, at)) is not None:
                state = _moved(state, step)
                moved.append(step)
    return state, moved


def _next_in(state: State, name: str, at: int) -> Offer | Shift | None:
    """Who takes a free seat of a program's pool: the first of those who wait and those who sit in its later pools."""
    pools = [pool.name for pool in state.programs[name].pools]
    pool = pools[at]
    if not state.free[name, pool]:
        return None
    asking = []
    for number, keys in state.keys[name].items():
        sits = state.held[number][1] if state.holds(number, name) else state.offers.get((number, name))
        if pool in keys and (sits is None or pools.index(sits) > at):
            asking.append((keys[pool], number, sits is None))
    if not asking:
        return None
    _, number, waits = min(asking)
    return Offer(number, name, pool) if waits else Shift(number, name, pool)


def _moved(state: State, step: Offer | Shift) -> State:
    seat, at = (step.program, step.pool), (step.application, step.program)
    free, offers, held = {**state.free}, {**state.offers}, {**state.held}
    free[seat] -= 1
    if isinstance(step, Offer):
        offers[at] = step.pool
    elif state.holds(*at):
        free[held[step.application]] += 1
        held[step.application] = seat
    else:
        free[step.program, offers[at]] += 1
        offers[at] = step.pool
    return replace(state, free=free, offers=offers, held=held)


def reason_to_wait(result: Result, application: int) -> list[tuple[str, str, int]]:
    """Where a child waits after the draw: (program, seat pool, position)."""
    owner = result.drawn.arrays.owner
    return [
        (result.pools[pool][0].name, result.pools[pool][1].name, position)
        for choice, pool, position in result.waiting
        if owner[choice] == application and result.reasons[choice] is Reason.FULL
    ]
