"""A publication as pages need it: by place, metric, year and group."""

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from commonground.engines.disclosure.publication import Publication

Place = tuple[str, str]
ALL = "all"
CITY: Place = ("city", "city")
BATCH = 20_000  # rows that are looked at together, to spare memory


class Cell(NamedTuple):
    """What is published of one figure. ``low`` and ``high`` are None where nothing is; ``corrected`` is the day from which an
    earlier report's figure is told otherwise, or empty. A tuple, for there are half a million."""

    status: str
    low: float | None
    high: float | None
    students_low: float | None
    students_high: float | None
    text: str
    corrected: str = ""

    @property
    def told(self) -> bool:
        return self.low is not None and self.high is not None

    @property
    def middle(self) -> float:
        assert self.low is not None and self.high is not None
        return (self.low + self.high) / 2


@dataclass(slots=True)
class Book:
    """Everything that pages show. ``cells[place][metric, year][group]`` are the figures of a whole year and all grades;
    ``months[place][metric, year][month]`` those of single months for all students."""

    publication: Publication
    metrics: Mapping[str, Mapping[str, Any]]
    groups: Mapping[str, Mapping[str, str]]
    places: Mapping[Place, Mapping[str, str]]
    years: tuple[str, ...]
    cells: Mapping[Place, Mapping[tuple[str, str], Mapping[str, Cell]]]
    months: Mapping[Place, Mapping[tuple[str, str], Mapping[str, Cell]]]
    withheld: int = 0
    of: int = 0
    order: Mapping[str, int] = field(default_factory=dict)

    def of_level(self, level: str) -> list[Place]:
        """Places of a level by name: never by any figure."""
        found = [place for place in self.places if place[0] == level and place in self.cells]
        return sorted(found, key=lambda place: (self.places[place]["name"].casefold(), place[1]))

    def sectors(self, place: Place) -> list[Place]:
        """The sectors that a school or LEA is compared with: its own first, as far as the report has figures of them."""
        own = ("sector", self.places.get(place, {}).get("sector", ""))
        compared = self.of_level("sector") if place[0] in ("school", "lea") and own in self.cells else []
        return sorted(compared, key=lambda sector: sector != own)

    def latest(self, place: Place) -> str | None:
        """The last year for which the place has figures."""
        return max((year for _, year in self.cells.get(place, {})), default=None)

    def previous(self, year: str) -> str | None:
        """The school year before, where the report has it."""
        before = str(int(year) - 1)
        return before if before in self.years else None

    def title(self, language: str) -> str:
        manifest = self.publication.manifest
        return (manifest.title_es or manifest.title) if language == "es" else manifest.title

    def cell(self, place: Place, metric: str, year: str, group: str) -> Cell | None:
        return self.cells[place].get((metric, year), {}).get(group)

    def metrics_of(self, place: Place, year: str) -> Iterator[str]:
        """Metrics that the place has figures of, in the order of the rules."""
        return (metric for metric in self.metrics if (metric, year) in self.cells[place])

    def groups_of(self, place: Place, metric: str, year: str) -> list[str]:
        """All students first, then family by family, crossings last."""
        return sorted(self.cells[place][metric, year], key=lambda group: self.order.get(group, len(self.order)))


def open_book(publication: Publication) -> Book:
    """Index a publication."""
    metrics = _latest_metrics(publication)
    groups = {row["group"]: row for row in publication.groups.to_pylist()}
    places = {(row["level"], row["entity"]): row for row in publication.entities.to_pylist()}
    figures = publication.figures
    book = Book(publication, metrics, groups, places, tuple(sorted(publication.manifest.years)), {}, {})
    whole = figures.filter(pc.equal(figures["grade"], ALL))
    yearly = pc.equal(whole["period"], "year")
    book.cells = _indexed(whole.filter(yearly), "group")
    book.months = _indexed(whole.filter(pc.and_(pc.invert(yearly), pc.equal(whole["group"], ALL))), "period")
    book.withheld = pc.sum(pc.equal(figures["status"], "withheld")).as_py() or 0
    book.of = figures.num_rows - (pc.sum(pc.equal(figures["status"], "missing")).as_py() or 0)
    book.order = {group: number for number, group in enumerate(_ordered(groups))}
    return book


def _latest_metrics(publication: Publication) -> dict[str, dict[str, Any]]:
    """The last version of each metric, in the order of the rules."""
    found: dict[str, dict[str, Any]] = {}
    for row in publication.metrics.to_pylist():
        if row["metric"] not in found or row["effective"] >= found[row["metric"]]["effective"]:
            found[row["metric"]] = row
    return found


def _ordered(groups: Mapping[str, Mapping[str, str]]) -> list[str]:
    names = list(groups)
    return sorted(names, key=lambda name: (name != ALL, "*" in name, name.endswith(":unknown"), names.index(name)))


def _indexed(figures: pa.Table, last: str) -> dict[Place, dict[tuple[str, str], dict[str, Cell]]]:
    """The figures by place, then by metric and year, then by the column ``last``."""
    found: dict[Place, dict[tuple[str, str], dict[str, Cell]]] = defaultdict(lambda: defaultdict(dict))
    for part in figures.to_batches(max_chunksize=BATCH):
        keys = [_texts(part[name]) for name in ("level", "entity", "metric", "year", last)]
        told = (part[name].to_pylist() for name in Cell._fields[1:-2])
        cells = map(Cell, _texts(part["status"]), *told, _texts(part["text"]), _texts(part["corrected"]))
        for level, entity, metric, year, name, cell in zip(*keys, cells, strict=True):
            found[level, entity][metric, year][name] = cell
    return {place: dict(cells) for place, cells in found.items()}


def _texts(column: pa.Array) -> Iterator[str]:
    """The column's texts, each kept once: a million rows say the same few words."""
    return map(sys.intern, pc.fill_null(column, "").to_pylist())
