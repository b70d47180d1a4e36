"""What earlier releases told of the figures that are about to be published: an outsider keeps old reports."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from commonground.engines.disclosure.protect.rows import Told
from commonground.engines.disclosure.publication import Publication

_KEY = ("year", "metric", "level", "entity", "grade", "period", "group")
_TEXTS = ("status", "text", "reason")
_NUMBERS = ("low", "high", "students_low", "students_high")


def told_before(figures: pa.Table, releases: Sequence[Publication]) -> Told:
    """What the releases told of each row of ``figures``. The narrowest interval of any of them counts, a figure that any
    told is told, and one that all withheld is withheld."""
    told = Told.nothing(figures.num_rows)
    if not releases or not figures.num_rows:
        return told
    keys = _keys(figures)
    for release in releases:
        known = _keys(release.figures)
        at = pc.index_in(keys, value_set=known)
        rows = np.flatnonzero(np.asarray(pc.is_valid(at)))
        places = np.asarray(at.drop_null(), np.int64)
        _merge(told, rows, release.figures, places)
    return told


def _keys(figures: pa.Table) -> pa.Array:
    joined = pc.binary_join_element_wise(*(figures[name] for name in _KEY), "\x1f")
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined


def _merge(told: Told, rows: np.ndarray, figures: pa.Table, places: np.ndarray) -> None:
    texts = {name: np.array(figures[name].take(places).to_pylist(), object) for name in _TEXTS}
    numbers = {name: np.asarray(pc.fill_null(figures[name].take(places), np.nan), float) for name in _NUMBERS}
    first = told.status[rows] == ""
    shown = texts["status"] != "withheld"
    width = numbers["high"] - numbers["low"]
    narrower = shown & ~(told.high[rows] - told.low[rows] <= width)
    better = first | narrower
    for name in _TEXTS:
        getattr(told, name)[rows[better]] = texts[name][better]
    for name in ("low", "high"):
        getattr(told, name)[rows[better]] = numbers[name][better]
    counted = ~np.isnan(numbers["students_low"])
    told.students_low[rows[counted]] = np.fmax(told.students_low[rows[counted]], numbers["students_low"][counted])
    told.students_high[rows[counted]] = np.fmin(told.students_high[rows[counted]], numbers["students_high"][counted])
