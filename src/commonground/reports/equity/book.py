"""A publication as pages need it: by place, metric, year and group."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow.compute as pc

from commonground.engines.disclosure.publication import Publication

Place = tuple[str, str]
ALL = "all"
CITY: Place = ("city", "city")


@dataclass(frozen=True, slots=True)
class Cell:
    """What is published of one figure. ``low`` and ``high`` are None where nothing is."""

    status: str
    low: float | None
    high: float | None
    students_low: float | None
    students_high: float | None
    text: str

    @property
    def told(self) -> bool:
        return self.low is not None and self.high is not None

    @property
    def middle(self) -> float:
        assert self.low is not None and self.high is not None
        return (self.low + self.high) / 2


@dataclass(slots=True)
class Book:
    """Everything that pages show. ``cells[place][metric, year, group]`` are the figures of a whole year and all grades;
    ``months[place][metric, year]`` those of single months for all students."""

    publication: Publication
    metrics: Mapping[str, Mapping[str, Any]]
    groups: Mapping[str, Mapping[str, str]]
    places: Mapping[Place, Mapping[str, str]]
    years: tuple[str, ...]
    cells: Mapping[Place, Mapping[tuple[str, str, str], Cell]]
    months: Mapping[Place, Mapping[tuple[str, str], Mapping[str, Cell]]]
    withheld: int = 0
    of: int = 0
    order: Mapping[str, int] = field(default_factory=dict)

    def of_level(self, level: str) -> list[Place]:
        """Places of a level by name: never by any figure."""
        found = [place for place in self.places if place[0] == level and place in self.cells]
        return sorted(found, key=lambda place: (self.places[place]["name"].casefold(), place[1]))

    def latest(self, place: Place) -> str | None:
        """The last year for which the place has figures."""
        return max((year for _, year, _ in self.cells.get(place, {})), default=None)

    def previous(self, year: str) -> str | None:
        """The school year before, where the report has it."""
        before = str(int(year) - 1)
        return before if before in self.years else None

    def title(self, language: str) -> str:
        manifest = self.publication.manifest
        return (manifest.title_es or manifest.title) if language == "es" else manifest.title

    def metrics_of(self, place: Place, year: str) -> Iterator[str]:
        """Metrics that the place has figures of, in the order of the rules."""
        there = {metric for metric, when, _ in self.cells[place] if when == year}
        return (metric for metric in self.metrics if metric in there)

    def groups_of(self, place: Place, metric: str, year: str) -> list[str]:
        """All students first, then family by family, crossings last."""
        there = [group for name, when, group in self.cells[place] if (name, when) == (metric, year)]
        return sorted(there, key=lambda group: self.order.get(group, len(self.order)))


def open_book(publication: Publication) -> Book:
    """Index a publication."""
    metrics = _latest_metrics(publication)
    groups = {row["group"]: row for row in publication.groups.to_pylist()}
    places = {(row["level"], row["entity"]): row for row in publication.entities.to_pylist()}
    figures = publication.figures
    book = Book(publication, metrics, groups, places, tuple(sorted(publication.manifest.years)), {}, {})
    book.cells = _cells(figures.filter(pc.and_(pc.equal(figures["grade"], ALL), pc.equal(figures["period"], "year"))))
    book.months = _months(
        figures.filter(pc.and_(pc.not_equal(figures["period"], "year"), pc.equal(figures["group"], ALL)))
    )
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


_NAMES = ("status", "low", "high", "students_low", "students_high", "text")


def _cells(figures: Any) -> dict[Place, dict[tuple[str, str, str], Cell]]:
    columns = [figures[name].to_pylist() for name in ("level", "entity", "metric", "year", "group", *_NAMES)]
    found: dict[Place, dict[tuple[str, str, str], Cell]] = defaultdict(dict)
    for level, entity, metric, year, group, *told in zip(*columns, strict=True):
        found[level, entity][metric, year, group] = Cell(*told)
    return dict(found)


def _months(figures: Any) -> dict[Place, dict[tuple[str, str], dict[str, Cell]]]:
    whole = figures.filter(pc.equal(figures["grade"], ALL))
    columns = [whole[name].to_pylist() for name in ("level", "entity", "metric", "year", "period", *_NAMES)]
    found: dict[Place, dict[tuple[str, str], dict[str, Cell]]] = defaultdict(dict)
    for level, entity, metric, year, period, *told in zip(*columns, strict=True):
        found[level, entity].setdefault((metric, year), {})[period] = Cell(*told)
    return dict(found)
