"""Bundles with their reports: all files that a command writes, and that `verify` makes again."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from commonground.engines.lottery.bundle.chain import MOVES, Moves, link, root_of_bundle
from commonground.engines.lottery.bundle.contents import PLACE, REPORT, Contents, as_json, table
from commonground.engines.lottery.places.compare import PUBLISHED_COLUMNS, compare, published_rows, read_published
from commonground.engines.lottery.places.place import Published, Row
from commonground.engines.lottery.report import report_files
from commonground.engines.lottery.report.moves import moves_report_files


class RehearsalError(ValueError):
    """Real children's counts may not stand beside published ones, program by program."""


def draw_files(made: Contents, title: str, published: Mapping[Row, Published] | None = None) -> dict[str, bytes]:
    """A draw's bundle: its files, its report, and the published counts that the report compares with.

    Raises:
        RehearsalError: published counts are given, but the rules do not say that the children are invented.
    """
    if published is not None and not made.market.rules.rehearsal:
        raise RehearsalError(
            "Published counts are for rehearsals: beside them the report shows exact counts, which could point at a child. "
            "Leave out --published; or, if every applicant is invented, write “rehearsal = true” in the rules."
        )
    files = {**made.files(), REPORT: as_json({"title": title})}
    if published is not None:
        files[PLACE] = table(PUBLISHED_COLUMNS, published_rows(published))
    return {**files, **report_files(made, title, [] if published is None else compare(made.result, published))}


def moves_files(moves: Moves, title: str, previous: Mapping[str, bytes]) -> dict[str, bytes]:
    """A bundle of moves: the bundle before, the events, what came of them, and the report."""
    report = moves_report_files(moves, title, root_of_bundle(previous))
    return {**link(previous, MOVES), **moves.files(), REPORT: as_json({"title": title}), **report}


def title_of(files: Mapping[str, bytes]) -> str:
    """The title that a bundle's report was given.

    Raises:
        ValueError: the record was changed and can no longer be read.
    """
    title = json.loads(files.get(REPORT, b""))["title"]
    if not isinstance(title, str):
        raise ValueError("the title is not a text")
    return title


def published_of(files: Mapping[str, bytes]) -> Mapping[Row, Published] | None:
    """The published counts that a bundle's report was compared with; None when there were none.

    Raises:
        InputError: they were changed and can no longer be read.
    """
    if PLACE not in files:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "place.csv"
        path.write_bytes(files[PLACE])
        return read_published(path)
