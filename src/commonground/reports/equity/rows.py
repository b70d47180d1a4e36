"""What a row of a measure's table says: the place, its comparison, and what changed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from commonground.reports.equity.bars import bar
from commonground.reports.equity.book import ALL, CITY, Book, Cell, Place
from commonground.reports.equity.words import Say, day, knows

SHARES = frozenset({"rate", "days"})


@dataclass(frozen=True, slots=True)
class Compared:
    """What a place is compared with: the text of the other figure, where it lies, and how sure the difference is: -1
    lower, 0 not clear, 1 higher."""

    text: str
    at: float | None
    sure: int | None
    by_grade: bool = True


Comparisons = Callable[
    [str, str, Place, str, Place], Compared | None
]  # of metric, year, place, group, with which place


class Sector(NamedTuple):
    """What the schools of a sector have, and whether the difference is sure, in words; empty where it is not."""

    name: str
    text: str
    sure: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row, ready to show. ``bar`` is empty where nothing is told."""

    name: str
    crossed: bool
    text: str
    told: bool
    students: str
    corrected: str
    bar: Markup
    city: str
    sure: str
    sectors: tuple[Sector, ...]
    change: str


@dataclass(frozen=True, slots=True)
class Beside:
    """One figure among those of several places."""

    text: str
    told: bool
    students: str
    bar: Markup


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the rows of one place in one year and language."""

    book: Book
    say: Say
    language: str
    compare: Comparisons

    def rows(self, place: Place, metric: str, year: str) -> list[Row]:
        groups = [
            group for group in self.book.groups_of(place, metric, year) if self._counts(place, metric, year, group)
        ]
        most = self.scale(place, metric, year, groups)
        return [self._row(place, metric, year, group, most) for group in groups]

    def _counts(self, place: Place, metric: str, year: str, group: str) -> bool:
        """Whether a group is worth a row: not when nobody is in it."""
        cell = self.book.cells[place][metric, year][group]
        return group == ALL or not (cell.status == "missing" or (cell.told and cell.students_high == 0))

    def scale(self, place: Place, metric: str, year: str, groups: list[str]) -> float:
        if self.book.metrics[metric]["kind"] in SHARES:
            return 1.0
        highs = (self.book.cells[place][metric, year][group].high for group in groups)
        return max((high for high in highs if high is not None), default=1.0)

    def beside(self, places: Sequence[Place], metric: str, year: str, group: str, most: float) -> list[Beside]:
        """One group's figure in several places, each with its bar; the line is the city."""
        cells = [self.book.cell(place, metric, year, group) for place in places]
        city = self.book.cell(CITY, metric, year, group)
        mark = city.middle if city and city.told and self.book.metrics[metric]["kind"] != "count" else None
        return [
            self._beside(cell, metric, None if place == CITY else mark, most)
            for place, cell in zip(places, cells, strict=True)
        ]

    def _beside(self, cell: Cell | None, metric: str, mark: float | None, most: float) -> Beside:
        if cell is None:
            return Beside(self.say("empty"), False, "", Markup())
        drawn = bar(cell.low or 0, cell.high or 0, mark, most) if cell.told else Markup()
        return Beside(self.text(cell), cell.told, self._students(cell, metric), drawn)

    def _row(self, place: Place, metric: str, year: str, group: str, most: float) -> Row:
        cell = self.book.cells[place][metric, year][group]
        other = None if place == CITY else self.compare(metric, year, place, group, CITY)
        drawn = bar(cell.low or 0, cell.high or 0, other.at if other else None, most) if cell.told else Markup()
        return Row(
            name=self.group_name(group),
            crossed="*" in group,
            text=self.text(cell),
            told=cell.told,
            students=self._students(cell, metric),
            corrected=self.corrected(cell),
            bar=drawn,
            city=other.text if other else "",
            sure=self._sure(other.sure if other and cell.told else None, "city"),
            sectors=tuple(self._beside_sectors(place, metric, year, group)),
            change=self.change(place, metric, year, group),
        )

    def group_name(self, group: str) -> str:
        row = self.book.groups.get(group)
        return row[f"name_{self.language}"] if row else group

    def text(self, cell: Cell) -> str:
        """What the figure says. A count has no unit; a withheld one says so in words."""
        if cell.status in ("withheld", "missing"):
            return self.say(cell.status)
        return f"{cell.low:,.0f}" if cell.status == "exact" else cell.text

    def corrected(self, cell: Cell) -> str:
        """Since when an earlier report's figure is told otherwise, in words; empty where it is not."""
        return self.say("corrected", date=day(cell.corrected, self.language)) if cell.corrected else ""

    def _students(self, cell: Cell, metric: str) -> str:
        low, high = cell.students_low, cell.students_high
        if self.book.metrics[metric]["kind"] == "count" or low is None or high is None:
            return ""
        return (
            self.say("n_exact", n=f"{low:,.0f}")
            if low == high
            else self.say("n_about", low=f"{low:,.0f}", high=f"{high:,.0f}")
        )

    def _beside_sectors(self, place: Place, metric: str, year: str, group: str) -> Iterator[Sector]:
        told = self.book.cells[place][metric, year][group].told
        for sector in self.book.sectors(place):
            if other := self.compare(metric, year, place, group, sector):
                sure = self._sure(other.sure, "sector") if told and other.sure else ""
                yield Sector(self._sector_name(sector), other.text, sure)

    def _sector_name(self, sector: Place) -> str:
        named = f"sector:{sector[1]}"
        return self.say(named) if knows(named) else self.book.places[sector]["name"]

    def _sure(self, sure: int | None, than: str) -> str:
        return "" if sure is None else self.say({1: f"higher:{than}", -1: f"lower:{than}", 0: "unclear"}[sure])

    def change(self, place: Place, metric: str, year: str, group: str) -> str:
        """What changed since the year before, as far as both figures are told."""
        before = self.book.previous(year)
        old = self.book.cell(place, metric, before, group) if before else None
        new = self.book.cell(place, metric, year, group)
        if not (old and new and old.told and new.told):
            return ""
        return (
            self._share_change(old, new)
            if self.book.metrics[metric]["kind"] in SHARES
            else self._count_change(old, new)
        )

    def _share_change(self, old: Cell, new: Cell) -> str:
        assert None not in (old.low, old.high, new.low, new.high)
        if new.low > old.high:  # type: ignore[operator]
            return self.say("up")
        return self.say("down") if new.high < old.low else self.say("same")  # type: ignore[operator]

    def _count_change(self, old: Cell, new: Cell) -> str:
        if old.low != old.high or new.low != new.high:
            return self._share_change(old, new)
        difference = new.middle - old.middle
        if not difference:
            return self.say("equal")
        return self.say("more" if difference > 0 else "fewer", n=f"{abs(difference):,.0f}")
