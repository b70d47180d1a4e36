"""Reports that correct earlier ones, as an outsider reads them: the first data as one table, each correction as another.

A row of ``corrected`` "2026-10-01" is told of the data of that day. Rows of the same year and population that are not marked
stand as an earlier report told them: of the corrected data they say nothing. Two tables that were told of one year are
kept apart here by the year's name. The outsider may also believe that a place none of whose figures was corrected, nor any of
a place within it, did not change: that is one more table, left out where the figures contradict it.

A corrected total that is the earlier total and the corrections told of its parts follows from these, and is not asked.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from commonground.engines.disclosure.audit.reading import MARK, NUMBERS, AuditError, Release, joined_keys, numbers
from commonground.engines.disclosure.audit.verdict import Finding, Requirement

Row = dict[str, Any]
Place = tuple[str, str]
Block = tuple[str, str]
BELIEVED = ", nothing else"
CLOSE = 1e-6  # published ends have six digits
WHERE = ("metric", "level", "entity", "grade", "period", "group")


def edition_name(year: str, day: str, believed: bool) -> str:
    """What a year is called whose data were corrected on a day; `plain_year` undoes it."""
    return f"{year}{MARK}{day}{BELIEVED if believed else ''}"


def plain_year(name: str) -> str:
    return name.partition(MARK)[0]


def readable(name: str) -> str:
    year, mark, day = name.partition(MARK)
    return f"{year}, corrected {day}" if mark else year


class Editions:
    """The releases, and the blocks (a year and a population) that some of them correct."""

    def __init__(self, releases: Sequence[Release]) -> None:
        self.releases = releases
        self.kind = {row["metric"]: row["kind"] for release in releases for row in release.metrics}
        self.population = {
            row["metric"]: row["population"] or row["metric"] for release in releases for row in release.metrics
        }
        self.days: dict[Block, set[str]] = {}
        for release in releases:
            for row in _marked(release):
                if self.kind.get(row["metric"]) != "signed_count":
                    self.days.setdefault(self.block(row["year"], row["metric"]), set()).add(row["corrected"])

    def block(self, year: str, metric: str) -> Block:
        return year, self.population.get(metric, metric)

    def read(self, believing: bool, certain: bool) -> list[Release]:
        """All tables, apart: each correction with what an outsider may believe, and with only what is ``certain``.

        Raises AuditError where an earlier release is needed that was not given.
        """
        if not self.days:
            return list(self.releases)
        blocks = [self._blocks(release) for release in self.releases]
        found = [self._first(release, mine) for release, mine in zip(self.releases, blocks, strict=True)]
        for block in sorted(self.days):
            found += self._later(block, [mine.get(block, []) for mine in blocks], believing, certain)
        return found

    def _blocks(self, release: Release) -> dict[Block, list[Row]]:
        """The rows of each corrected block."""
        figures = release.figures
        pairs = figures.select(["year", "metric"]).group_by(["year", "metric"]).aggregate([]).to_pylist()
        wanted = [MARK.join(row.values()) for row in pairs if self.block(row["year"], row["metric"]) in self.days]
        names = pc.binary_join_element_wise(figures["year"], figures["metric"], MARK)
        found: dict[Block, list[Row]] = {}
        for row in figures.filter(pc.is_in(names, pa.array(wanted, pa.string()))).to_pylist():
            found.setdefault(self.block(row["year"], row["metric"]), []).append(row)
        return found

    def _first(self, release: Release, blocks: Mapping[Block, list[Row]]) -> Release:
        """A release without the blocks that it corrects."""
        gone = {block for block, rows in blocks.items() if _newest(rows)}
        pairs = zip(release.figures["year"].to_pylist(), release.figures["metric"].to_pylist(), strict=True)
        kept = [self.block(*pair) not in gone for pair in pairs]
        return replace(release, figures=release.figures.filter(pa.array(kept, pa.bool_())))

    def _later(self, block: Block, told: Sequence[list[Row]], believing: bool, certain: bool) -> Iterator[Release]:
        """The block once for each day on which it was corrected."""
        days = ["", *sorted(self.days[block])]
        states = {day: self._state(block, day, told) for day in days}
        for before, day in pairwise(days):
            release = next(one for one, rows in zip(self.releases, told, strict=True) if rows and _newest(rows) == day)
            edition = _Edition(states[day], states[before], day, self.kind, _above(release))
            if believing:
                yield edition.read(release, believing=True)
            if certain:
                yield edition.read(release, believing=False, everywhere=not believing)

    def told_small(self, requirement: Requirement) -> Iterator[Finding]:
        """Corrections of few students that figures told anew show by themselves, each beside all that was told before."""
        blocks = [self._blocks(release) for release in self.releases] if self.days else []
        for block in sorted(self.days):
            days = ["", *sorted(self.days[block])]
            states = [self._state(block, day, [mine.get(block, []) for mine in blocks]) for day in days]
            for at, day in enumerate(days[1:], 1):
                last = _Edition(states[at], states[at - 1], day, self.kind, _above(self.releases[0]))
                yield from last.small(states[:at], requirement)

    def _state(self, block: Block, day: str, told: Sequence[list[Row]]) -> list[Row]:
        """All that the reports tell which hold the corrections until this day and no later ones."""
        found = {_key(row): row for rows in told if rows and _newest(rows) == day for row in rows}
        if not found:
            which = f"as corrected on {day}" if day else "as first published"
            raise AuditError(
                f"Figures of {block[0]} were corrected, so that two reports must be looked at together. Name also the report "
                f"that tells {block[1]} of {block[0]} {which}."
            )
        return list(found.values())


def _newest(rows: Iterable[Row]) -> str:
    return max((row["corrected"] for row in rows), default="")


@dataclass(frozen=True, slots=True)
class _Edition:
    """A block as corrected on a ``day``: its ``rows``, and those of the release ``before``."""

    rows: list[Row]
    before: list[Row]
    day: str
    kind: Mapping[str, str]
    above: Mapping[Place, Place]

    def read(self, release: Release, believing: bool, everywhere: bool = False) -> Release:
        """As a table of its own. Asked is for places of which something was corrected, or for all ``everywhere``."""
        changed = self._touched()
        touched = changed if believing else {_place(row) for row in self.rows}
        follow, closed = self._follow(), self._closed()
        rows: list[Row] = []
        told: list[Row] = []
        judged: list[bool] = []
        for row in [*self.rows, *self._absent(touched)]:
            if _key(row) in follow:
                continue
            new = row["corrected"] == self.day
            believed = new or _place(row) not in touched
            named = row | {"year": edition_name(row["year"], self.day, believing)}
            rows.append(named if believed else _blank(named))
            told.append(_blank(row) if new else row)
            asked = everywhere or _place(row) in changed
            judged.append((new or (asked and not believed)) and _place(row) not in closed)
        schema = release.figures.schema
        return replace(
            release,
            figures=pa.Table.from_pylist(rows, schema),
            before=pa.Table.from_pylist(told, schema),
            judged=np.array(judged, dtype=np.bool_),
        )

    def _touched(self) -> set[Place]:
        """Places of which something was corrected, and those that hold them."""
        found = set()
        for row in self.rows:
            if row["corrected"] == self.day:
                found |= set(self._roofs(_place(row))) | {_place(row)}
        return found

    def small(self, earlier: Sequence[list[Row]], requirement: Requirement) -> Iterator[Finding]:
        """Figures told anew whose correction can only be that of a few students. Totals that follow are left out."""
        follow, seen = self._follow(), set()
        for state in earlier:
            old, places = {_key(row): row for row in state}, {_place(row) for row in state}
            for row in self.rows:
                key = _key(row)
                if row["corrected"] != self.day or key in follow or _place(row) not in places:
                    continue
                for part in ("students", "numerator"):
                    now, then = _told(row, part), _told(old[key], part) if key in old else (0.0, 0.0)
                    if now and then and (key, part) not in seen:
                        change = np.array([now[0] - then[1]]), np.array([now[1] - then[0]])
                        if not requirement.may_be_no_small_change(*change)[0]:
                            seen.add((key, part))
                            verdict = "recovered" if change[0] == change[1] else "under-protected"
                            year = readable(edition_name(row["year"], self.day, believed=False))
                            yield Finding((year, *key), part, *now, *now, verdict)

    def _closed(self) -> set[Place]:
        """Places at which nobody is left, so that nobody is in any group there."""
        everybody = {"group": "all", "grade": "all", "period": "year"}
        none = (row for row in self.rows if row["corrected"] == self.day and self._is_count(row) and row["high"] == 0)
        return {_place(row) for row in none if all(row[name] == all_ for name, all_ in everybody.items())}

    def _roofs(self, place: Place) -> Iterator[Place]:
        while place in self.above:
            place = self.above[place]
            yield place

    def _absent(self, touched: set[Place]) -> Iterator[Row]:
        """Rows that are nowhere to be seen at a place that changed: such a group may have come there since."""
        have = {_key(row) for row in self.rows}
        groups: dict[tuple[str, ...], set[str]] = {}
        for row in self.rows:
            groups.setdefault((row["metric"], row["version"]), set()).add(row["group"])
        planes = {
            (_place(row), row["metric"], row["version"], row["grade"], row["period"]): row
            for row in self.rows
            if _place(row) in touched
        }
        nobody = dict.fromkeys(NUMBERS, 0.0) | {"corrected": "", "status": "exact"}
        for (_, metric, version, *_rest), row in planes.items():
            for group in sorted(groups[metric, version]):
                if _key(other := row | nobody | {"group": group}) not in have:
                    yield other

    def _follow(self) -> set[tuple[str, ...]]:
        """Totals that are the earlier ones and the corrections told of their parts."""
        old = {_key(row): row for row in self.before}
        new = {_key(row): row for row in self.rows if self._is_count(row) and row["corrected"] == self.day}
        roofs = {self.above[_place(row)] for row in self.rows if _place(row) in self.above}
        change: dict[tuple[str, ...], float] = {}
        for key, row in new.items():
            if _place(row) not in roofs and row["low"] is not None:
                by = row["low"] - ((old.get(key) or {}).get("low") or 0.0)
                for level, entity in self._roofs(_place(row)):
                    total = _key(row | {"level": level, "entity": entity})
                    change[total] = change.get(total, 0.0) + by
        places = {_place(row) for row in self.before}
        nobody = {"low": 0.0}
        return {
            key
            for key, by in change.items()
            if key in new and new[key]["low"] is not None and _place(new[key]) in places
            if (last := old.get(key, nobody)["low"]) is not None and new[key]["low"] == last + by
        }

    def _is_count(self, row: Row) -> bool:
        return self.kind[row["metric"]] == "count"


def _key(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(row[name] for name in WHERE)


def _place(row: Mapping[str, Any]) -> Place:
    return row["level"], row["entity"]


def _told(row: Mapping[str, Any], part: str) -> tuple[float, float] | None:
    low, high = row[f"{part}_low"], row[f"{part}_high"]
    withheld = low is None or high is None or (part == "numerator" and row["low"] is None)
    return None if withheld else (low, high)


def _blank(row: Row) -> Row:
    return row | dict.fromkeys(NUMBERS) | {"status": "withheld"}


def _marked(release: Release) -> list[Row]:
    marked = pc.not_equal(release.figures["corrected"], "")
    columns = ["year", "metric", "corrected"]
    return list(release.figures.filter(marked).select(columns).group_by(columns).aggregate([]).to_pylist())


def _above(release: Release) -> dict[Place, Place]:
    """The place that contains each place."""
    found: dict[Place, Place] = {}
    for row in release.entities:
        place = (row["level"], row["entity"])
        if row["level"] == "school" and row["lea"]:
            found[place] = ("lea", row["lea"])
        elif row["level"] == "lea" and row["sector"]:
            found[place] = ("sector", row["sector"])
        elif row["level"] == "sector":
            found[place] = ("city", "city")
    return found


def newest_truth(editions: Editions, releases: Sequence[Release], truth: pa.Table) -> pa.Table:
    """``truth``, which is that of the newest data, with years named as in ``releases``; without what it contradicts."""
    if len(editions.releases) < 2:
        return truth
    wrong = _contradicted(editions, truth)
    parts = [_of_blocks(editions, truth, lambda block: block not in wrong and block not in editions.days)]
    newest = max(str(release.manifest.get("made", "")) for release in editions.releases)
    for release in releases:
        for name in release.figures["year"].unique().to_pylist() if release.before is not None else ():
            year, _, day = name.partition(MARK)
            mine = {editions.block(year, metric) for metric in release.figures["metric"].unique().to_pylist()}
            part = _of_blocks(editions, truth, mine.__contains__)
            part = part.set_column(
                part.column_names.index("year"), "year", pa.array([name] * part.num_rows, pa.string())
            )
            counted = pa.array(sorted(name for name, kind in editions.kind.items() if kind == "count"), pa.string())
            if day.startswith(newest) and not _wrong(release.figures, joined_keys(part), part, counted).any():
                parts.append(part)
    return pa.concat_tables([part.cast(truth.schema) for part in parts])


def needed(releases: Sequence[Release], known: pa.Table) -> list[Release]:
    """Without the tables of what is certain, where the true one is among those that an outsider may believe: then they say
    less."""
    true = set(known["year"].unique().to_pylist())
    kept = []
    for release in releases:
        names = [] if release.before is None else release.figures["year"].unique().to_pylist()
        if not names or not all(f"{name}{BELIEVED}" in true for name in names):
            kept.append(release)
    return kept


def _of_blocks(editions: Editions, truth: pa.Table, chosen: Callable[[Block], bool]) -> pa.Table:
    pairs = zip(truth["year"].to_pylist(), truth["metric"].to_pylist(), strict=True)
    wanted = {pair: chosen(editions.block(*pair)) for pair in _pairs(truth)}
    return truth.filter(pa.array([wanted[pair] for pair in pairs], pa.bool_()))


def _contradicted(editions: Editions, truth: pa.Table) -> set[Block]:
    """Blocks told by several releases that stand although the data are others now: what was behind them is not known."""
    told = [_pairs(release.figures) for release in editions.releases]
    again = {pair for pair in set().union(*told) if sum(pair in one for one in told) > 1}
    found = set()
    keys = joined_keys(truth)
    for release in editions.releases:
        counted = {name for name, kind in editions.kind.items() if kind == "count"}
        wrong = _wrong(release.figures, keys, truth, pa.array(sorted(counted), pa.string()))
        found |= {editions.block(*pair) for pair in _pairs(release.figures.filter(pa.array(wrong))) & again}
    return found


def _pairs(figures: pa.Table) -> set[tuple[str, str]]:
    rows = figures.select(["year", "metric"]).group_by(["year", "metric"]).aggregate([]).to_pylist()
    return {(row["year"], row["metric"]) for row in rows}


def _wrong(told: pa.Table, keys: pa.Array, truth: pa.Table, counted: pa.Array) -> NDArray[np.bool_]:
    """Rows that tell what is not so. What is not in ``truth`` is nobody."""
    at = np.asarray(pc.fill_null(pc.index_in(joined_keys(told), value_set=keys), len(keys)), dtype=np.int64)
    value, students = (np.append(numbers(truth[name]), 0.0)[at] for name in ("value", "students"))
    students = np.where(np.asarray(pc.is_in(told["metric"], counted)), value, students)
    wrong = np.zeros(told.num_rows, dtype=np.bool_)
    for true, low, high in ((students, "students_low", "students_high"), (value, "low", "high")):
        with np.errstate(invalid="ignore"):
            wrong |= (true < numbers(told[low]) - CLOSE) | (true > numbers(told[high]) + CLOSE)
    return wrong
