"""A city's high school directory in wide format, as programs: one row a school, numbered columns for its programs.

Seats for general education and for students with disabilities are two hard seat pools of a program. A priority that says
“for up to P% of the seats” becomes a soft pool of that share, filled first. Programs whose admission method names a
judgment by the school (a screen, an audition, a test) are screened.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from commonground.engines.lottery.model import NOT, Program, SeatPool
from commonground.engines.lottery.places.place import Place, Published, Row, label, opened, read_table
from commonground.tables import Column, Limits
from commonground.tables import Row as TableRow

DISABILITY = "students with disabilities"
# A pool is named by its group, as it is when programs.csv is read back, so that published counts find it again.
GENERAL = f"{NOT}{DISABILITY}"
GRADE = "9"
_PROGRAM = re.compile(r"programcode(\d+)")
_PRIORITY = re.compile(r"admissionspriority(\d)(\d+)")
_SHARE = re.compile(r"\s*for up to (\d+) ?% of (?:the )?seats", re.IGNORECASE)
_OFFERS = re.compile(r"(\d+)\s*%")
# Words of admission methods by which a school judges applicants itself; any other method leaves the order to the lottery.
SCREENS = ("screen", "audition", "test", "assessment")


def read_nyc(path: Path) -> Place:
    """The city's ninth-grade programs, with seats, admission methods, priorities and published applicants.

    Raises:
        InputError: the file cannot be read or is not such a directory.
    """
    table = read_table(path, limits=Limits(columns=2000))
    opened(table, (Column("dbn", required=True), Column("programcode1", required=True)))
    numbers = [found[1] for header in table.header if (found := _PROGRAM.fullmatch(header))]
    programs, published, shares = [], {}, {}
    for row in table:
        for number in numbers:
            read = _program(row, number)
            if read is not None:
                program, counts, own = read
                programs.append(program)
                published.update({(program.name, pool): count for pool, count in counts.items()})
                shares[program.name] = own
    return Place(tuple(programs), published, shares, reached=False)


def _count(cell: str) -> int | None:
    return int(cell) if cell.isascii() and cell.isdigit() else None


def _program(row: TableRow, number: str) -> tuple[Program, dict[str, Published], tuple[tuple[str, float], ...]] | None:
    """One program; None when it offers no ninth-grade seats (a program of other grades says so in words)."""
    general = _count(row.get(f"seats9ge{number}"))
    if general is None:
        return None
    special = _count(row.get(f"seats9swd{number}")) or 0
    asked = {
        GENERAL: _count(row.get(f"grade9geapplicants{number}")) or 0,
        DISABILITY: _count(row.get(f"grade9swdapplicants{number}")) or 0,
    }
    priorities = list(_priorities(row, number))
    classes = tuple(dict.fromkeys(label(_SHARE.sub("", text)) for text, _ in priorities))
    pools = [*_shared(general, priorities), SeatPool(DISABILITY, special, DISABILITY, hard=True)]
    program = Program(
        name=row.get(f"programcode{number}") or f"{row['dbn']}-{number}",
        school=row["dbn"],
        grade=GRADE,
        seats=general + special,
        classes=classes,
        pools=tuple(pools),
        screened=any(word in row.get(f"admissionsmethod{number}").casefold() for word in SCREENS),
    )
    counts = _split(program, asked)
    came = max(1, sum(asked.values()))
    offers = min(general, asked[GENERAL])
    own = tuple((label(_SHARE.sub("", text)), (share * offers / came)) for text, share in priorities[:-1])
    rest = max(0.0, 1.0 - sum(share for _, share in own))
    return program, counts, (*own, (classes[-1], rest)) if classes else ()


def _priorities(row: TableRow, number: str) -> Iterator[tuple[str, float]]:
    """The priorities in order, each with the share of offers that went to it (0 when not published)."""
    for place in range(1, 10):
        text = row.get(f"admissionspriority{place}{number}")
        if text:
            share = _OFFERS.match(row.get(f"pct{place}{number}"))
            yield text, int(share[1]) / 100 if share else 0.0


def _shared(seats: int, priorities: list[tuple[str, float]]) -> Iterator[SeatPool]:
    """The general seats: a part set aside for those whose priority reaches so far only, the rest for all."""
    left = seats
    for text, _ in priorities:
        share = _SHARE.search(text)
        if share is not None:
            aside = min(left, seats * int(share[1]) // 100)
            left -= aside
            group = f"{label(_SHARE.sub('', text))}+{GENERAL}"
            yield SeatPool(group, aside, group, hard=True)
    yield SeatPool(GENERAL, left, GENERAL, hard=True)


def _split(program: Program, asked: dict[str, int]) -> dict[str, Published]:
    """Published applicants by pool. Seats set aside have no count of their own; their applicants stand with the general ones."""
    return {pool.name: Published(pool.seats, asked=asked.get(pool.name)) for pool in program.pools}


__all__ = ["Row", "read_nyc"]
