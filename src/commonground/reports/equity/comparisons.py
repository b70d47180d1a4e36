"""What each place is compared with, worked out from what is published and nothing else."""

import functools
import math
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from commonground.engines.measures.comparators import Comparators, Known, Place, School, difference, known_published
from commonground.reports.equity import book as books
from commonground.reports.equity.rows import Compared, Comparisons

_SIGNS = {True: 1, False: -1}
_NAMES = [
    "year", "metric", "level", "entity", "grade", "period", "group", "low", "high", "students_low", "students_high",
]  # fmt: skip


def comparisons(book: books.Book) -> Comparisons:
    """Each school or LEA beside the city or a sector, for the same group, weighted to the grades that it serves."""
    kinds = {name: row["kind"] for name, row in book.metrics.items() if row["kind"] in ("rate", "days", "median")}
    known = _known(book, kinds)
    comparators = Comparators(known)

    @functools.cache  # every page is written in each language
    def compare(metric: str, year: str, place: books.Place, group: str, other: books.Place) -> Compared | None:
        if metric not in kinds:
            return None
        row = book.places.get(place, {})
        school = School(place[1], row.get("sector", ""), row.get("low_grade", ""), row.get("high_grade", ""))
        asked = Place(year, metric, place[0], place[1], books.ALL, group)
        theirs, by_grade = comparators.of(school, asked, *other)
        if theirs is None:
            return None
        mine = known.get(asked)
        text = _share(theirs) if kinds[metric] != "median" else _number(theirs)
        return Compared(text, (theirs.low + theirs.high) / 2, _sure(mine, theirs, kinds[metric]), by_grade)

    return compare


def _sure(mine: Known | None, theirs: Known, kind: str) -> int | None:
    """How sure the difference is; for what is no share of students, only where the told intervals lie apart."""
    if mine is None:
        return None
    low, high = difference(mine, theirs) if kind == "rate" else (0.0, 0.0)
    return 0 if low <= 0 <= high else _SIGNS[low > 0]


def _share(known: Known) -> str:
    low, high = (math.floor(100 * end + 0.5) for end in (known.low, known.high))
    return f"{math.floor(50 * (known.low + known.high) + 0.5)}\u00a0%" if high - low < 2 else f"{low}–{high}\u00a0%"


def _number(known: Known) -> str:
    low, high = (math.floor(end + 0.5) for end in (known.low, known.high))
    return f"{math.floor((known.low + known.high) / 2 + 0.5)}" if high - low < 2 else f"{low}–{high}"


def _known(book: books.Book, metrics: Iterable[str]) -> dict[Place, Known]:
    """The published intervals that pages compare, in all grades. Nothing is known of what is withheld."""
    figures = book.publication.figures.select(_NAMES)
    compared = pc.is_in(figures["metric"], pa.array(list(metrics), pa.string()))
    told = figures.filter(pc.and_(compared, pc.is_valid(figures["low"])))
    shown = told.join(_shown(book), keys=["level", "entity", "year"], join_type="left semi")
    return known_published(row for part in shown.to_batches(max_chunksize=books.BATCH) for row in part.to_pylist())


def _shown(book: books.Book) -> pa.Table:
    """The last year of each place, which its page tells about, and those years of what places are compared with."""
    last = {place: book.latest(place) for place in book.cells}
    own = [(*place, year) for place, year in last.items() if place[0] in ("lea", "school")]
    years = dict.fromkeys(last.values())
    whole = [(*place, year) for place in last if place[0] in ("city", "sector") for year in years]
    names = ("level", "entity", "year")
    columns = zip(names, zip(*own, *whole, strict=True), strict=True) if last else ((name, ()) for name in names)
    return pa.table({name: pa.array(column, pa.string()) for name, column in columns})
