"""Small markets for the tests: drawn at random by hypothesis, or written by hand."""

from hypothesis import strategies as st

from commonground.engines.lottery.draw import Drawn
from commonground.engines.lottery.model import Application, Choice, Market, Program, Rules, SeatPool

LABELS = ("sibling", "zone", "access")
GRADE = "9"


@st.composite
def programs(draw: st.DrawFn, *, pools: bool = True, most: int = 4) -> tuple[Program, ...]:
    """Up to `most` programs, some with seat pools set aside in any precedence, some screened."""
    made = []
    for index in range(draw(st.integers(1, most))):
        parts = draw(st.lists(st.integers(0, 2), min_size=1, max_size=3 if pools else 1))
        classes = tuple(draw(st.lists(st.sampled_from((*LABELS, "zone+sibling")), unique=True, max_size=3)))
        made.append(
            Program(
                name=f"P{index}",
                school=f"S{index // 2}",
                grade=GRADE,
                seats=sum(parts),
                classes=classes,
                pools=tuple(_pool(draw, place, seats, pools) for place, seats in enumerate(parts)),
                screened=draw(st.booleans()) if pools else False,
            )
        )
    return tuple(made)


def _pool(draw: st.DrawFn, place: int, seats: int, pools: bool) -> SeatPool:
    group = draw(st.sampled_from((None, *LABELS))) if pools else None
    own = draw(st.sampled_from((None, ("zone",), ("access", "sibling")))) if pools else None
    return SeatPool(f"pool {place}", seats, group, hard=group is not None and draw(st.booleans()), classes=own)


@st.composite
def markets(
    draw: st.DrawFn, *, pools: bool = True, most: int = 7, guarantees: bool = True, late: bool = True
) -> Market:
    """A market of one grade with up to `most` children, some of whom come late."""
    offered = draw(programs(pools=pools))
    left = {program.name: sum(pool.seats for pool in program.pools if pool.group is None) for program in offered}
    children = []
    for index in range(draw(st.integers(0, most))):
        names = draw(st.lists(st.sampled_from([program.name for program in offered]), unique=True))
        guaranteed = draw(st.sampled_from((None, *left))) if guarantees else None
        if guaranteed is not None and left[guaranteed] == 0:
            guaranteed = None
        if guaranteed is not None:
            left[guaranteed] -= 1
        children.append(
            Application(
                number=f"A{index}",
                grade=GRADE,
                choices=tuple(_choice(draw, name) for name in names),
                labels=draw(st.frozensets(st.sampled_from(LABELS), max_size=1)),
                guaranteed=guaranteed,
                late=draw(st.booleans()) if late else False,
            )
        )
    return Market(offered, tuple(children), Rules(groups=LABELS))


def _choice(draw: st.DrawFn, program: str) -> Choice:
    return Choice(
        program,
        labels=draw(st.frozensets(st.sampled_from(LABELS), max_size=2)),
        school_rank=draw(st.sampled_from((None, 1, 2, 3))),
        eligible=draw(st.sampled_from((True, True, True, False))),
    )


def match_of(market: Market, drawn: Drawn) -> dict[str, tuple[str, str] | None]:
    """Application -> (program, pool) or None."""
    pools = [(program.name, pool.name) for program in market.programs for pool in program.pools]
    return {
        application.number: None if drawn.pool[at] < 0 else pools[drawn.pool[at]]
        for at, application in enumerate(market.applications)
    }


def programs_of(market: Market, drawn: Drawn) -> dict[str, str | None]:
    """Application -> program or None."""
    return {number: place and place[0] for number, place in match_of(market, drawn).items()}


def one_order(market: Market, numbers: list[str]) -> dict[tuple[str, str], int]:
    """The same order of children at every program, as the twin wants it."""
    return {(number, program.name): at for at, number in enumerate(numbers) for program in market.programs}
