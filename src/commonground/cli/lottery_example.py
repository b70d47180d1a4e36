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
    application_rows,
    program_rows,
    rules_text,
)
from commonground.engines.lottery.places.compare import PUBLISHED_COLUMNS, published_rows
from commonground.engines.lottery.places.dc import read_dc
from commonground.engines.lottery.places.invent import ROUNDS, invent, likely_children
from commonground.engines.lottery.places.nyc import read_nyc
from commonground.engines.lottery.places.place import Place

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
