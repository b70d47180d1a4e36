"""A second round: everyone who holds a seat keeps it or betters it, everyone else who still waits is drawn again.

The rules say whether the first round's numbers are kept. If they are, the seed is the first round's, and a new application
counts as late: it stands behind all who came in time, or in its place by number, as the rules say. If numbers are drawn anew,
the round has a seed of its own and all who wait stand alike.
"""

from collections.abc import Sequence
from dataclasses import replace

from commonground.engines.lottery.checked import without_a_pool
from commonground.engines.lottery.model import OPEN, Application, Market, Program, SeatPool
from commonground.engines.lottery.moves import MoveError, State


def second_round(state: State, new: Sequence[Application] = ()) -> Market:
    """The market of a second round: those who take part, what they still want, and the seats they hold as guaranteed.

    Where a soft pool's seat went to someone outside its group, that seat is open to all in this round, so that it can be kept.

    Raises:
        MoveError: offers are still open. MarketError: the new applications do not fit.
    """
    if state.offers:
        who, program = min(state.offers)
        open_ = f"{len(state.offers)} offers are still open, the first to {who} from {program}."
        raise MoveError(f"{open_} Let each be accepted, declined or expire.")
    again = [
        _again(state, application) for number, application in state.applications.items() if number not in state.gone
    ]
    late = state.rules.keep_numbers
    programs = tuple(
        _with_room(program, [a for a in again if a.guaranteed == program.name]) for program in state.programs.values()
    )
    children = (*again, *(replace(application, late=late) for application in new))
    return Market(programs, children, state.rules)


def _again(state: State, application: Application) -> Application:
    """What a child still wants: the programs where it waits, then the one whose seat it holds."""
    number, seat = application.number, state.held.get(application.number)
    wanted = tuple(choice for choice in application.choices if number in state.keys[choice.program])
    return replace(
        application,
        choices=wanted,
        guaranteed=seat[0] if seat else None,
        older_siblings=tuple(older for older in application.older_siblings if older not in state.gone),
        late=application.late and state.rules.keep_numbers,
    )


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
