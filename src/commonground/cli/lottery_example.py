"""What `lottery example` does: a market of a real place's shape, with invented applicants."""

import sys
from collections.abc import Callable
from pathlib import Path

import click

from commonground.engines.lottery.bundle.contents import table
from commonground.engines.lottery.bundle.writing import write_folder
from commonground.engines.lottery.files import (
    APPLICATION_COLUMNS,
    PROGRAM_COLUMNS,
    InputError,
    application_rows,
    program_rows,
    rules_text,
)
from commonground.engines.lottery.places.compare import PUBLISHED_COLUMNS, published_rows
from commonground.engines.lottery.places.dc import read_dc
from commonground.engines.lottery.places.invent import ROUNDS, invent, likely_children
from commonground.engines.lottery.places.nyc import read_nyc
from commonground.engines.lottery.places.place import Place, Published, Row
from commonground.tables import read_table

READERS: dict[str, Callable[[Path], Place]] = {"dc": read_dc, "nyc": read_nyc}


def rehearse(place: str, file: Path, applicants: int | None, seed: str, out: Path) -> str:
    """Write the files of a market into a new folder; the answer says what is in it."""
    read = READERS[place](file)
    children = applicants or likely_children(read)
    with click.progressbar(length=ROUNDS, label="Inventing applicants", file=sys.stderr) as bar:
        market = invent(read, children, seed, tell=bar.update)
    write_folder(
        out,
        {
            "programs.csv": table([column.name for column in PROGRAM_COLUMNS], program_rows(market.programs)),
            "applications.csv": table(
                [column.name for column in APPLICATION_COLUMNS], application_rows(market.applications)
            ),
            "rules.toml": rules_text(market.rules).encode(),
            "published.csv": table(PUBLISHED_COLUMNS, published_rows(read.published)),
        },
    )
    seats = sum(program.seats for program in market.programs)
    sizes = f"{len(market.programs)} programs, {len(read.published)} seat pools, {seats} seats"
    return f"{sizes}, {children} invented applicants: {out}"


def read_published(path: Path) -> dict[Row, Published]:
    """The published counts that `lottery example` wrote.

    Raises:
        InputError: the file cannot be read.
    """
    read = read_table(path)
    if read.problems:
        raise InputError(read.problems)

    def count(cell: str) -> int | None:
        return int(cell) if cell.isdigit() else None

    return {
        (row["program"], row["pool"]): Published(
            count(row["seats"]) or 0, count(row["matches"]), count(row["waiting"]), count(row["asked"])
        )
        for row in read
    }
