"""Names as numbers: each variable is one integer made of year, quantity, place, grade, period and group."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonground.engines.disclosure.audit.reading import AuditError, Release

Ints = NDArray[np.int64]
Texts = NDArray[np.object_]
PARTS = ("year", "quantity", "place", "grade", "period", "group")


@dataclass(frozen=True, slots=True)
class Keys:
    """Variables as integers, and how many codes each part has. ``part`` and ``replace`` read and change one part."""

    values: Ints
    sizes: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, chosen: NDArray[np.bool_] | Ints) -> "Keys":
        return Keys(self.values[chosen], self.sizes)

    def _unit(self, name: str) -> int:
        return int(np.prod(self.sizes[PARTS.index(name) + 1 :], dtype=np.int64))

    def part(self, name: str) -> Ints:
        return self.values // self._unit(name) % self.sizes[PARTS.index(name)]

    def replace(self, name: str, codes: Ints) -> "Keys":
        return Keys(self.values + (codes - self.part(name)) * self._unit(name), self.sizes)

    def find(self, wanted: "Keys") -> Ints:
        """Where each wanted key is in these sorted ones. Every one is there."""
        return np.searchsorted(self.values, wanted.values)

    @staticmethod
    def join(parts: "Sequence[Keys]") -> "Keys":
        return Keys(np.unique(np.concatenate([part.values for part in parts])), parts[0].sizes)


class Codes:
    """The names in some releases, numbered in the order of their text, and the parents that the small files state."""

    def __init__(self, releases: Sequence[Release]) -> None:
        self.metrics = _by_name(releases, "metrics", "metric")
        self.groups = _by_name(releases, "groups", "group")
        self.entities = {(row["level"], row["entity"]): row for release in releases for row in release.entities}
        populations = sorted({row["population"] or name for name, row in self.metrics.items()})
        self.quantities = [
            *(("students", name) for name in populations),
            *(("numerator", name) for name in sorted(self.metrics)),
        ]
        self._quantity = {name: code for code, name in enumerate(self.quantities)}
        self.names: dict[str, list[str]] = {part: _texts(releases, part) for part in ("year", "grade", "period")}
        self.names["grade"] = sorted({*self.names["grade"], "all"})
        self.names["group"] = sorted({*_texts(releases, "group"), *self.groups, "all"})
        self.places = sorted({*self.entities, *_placed(releases), ("city", "city")})
        self._place = {place: code for code, place in enumerate(self.places)}
        named = [len(self.names[name]) for name in PARTS[3:]]
        self.sizes = (len(self.names["year"]), len(self.quantities), len(self.places), *named)

    def population(self, metric: str) -> str:
        return self._metric(metric)["population"] or metric

    def kind_of(self, release: Release) -> Texts:
        return self._of_metric(release, lambda name: self._metric(name)["kind"])

    def students(self, release: Release) -> Keys:
        """The key of each row's number of students."""
        return self._keys(release, lambda name: self._quantity["students", self.population(name)])

    def numerators(self, release: Release) -> Keys:
        """The key of each row's numerator."""
        return self._keys(release, lambda name: self._quantity["numerator", name])

    def block(self, keys: Keys) -> Ints:
        """One number for each year and population."""
        populations = {name: code for code, name in enumerate(sorted({self.population(name) for name in self.metrics}))}
        of = [populations[name if what == "students" else self.population(name)] for what, name in self.quantities]
        return keys.part("year") * len(populations) + np.asarray(of, dtype=np.int64)[keys.part("quantity")]

    def with_parents(self, keys: Keys) -> Keys:
        """The keys and all that they add up to, so that a total that is not published still links its parts."""
        while True:
            more = Keys.join([keys, *(parents for _, parents in self.splits(keys))])
            if len(more) == len(keys):
                return keys
            keys = more

    def splits(self, keys: Keys) -> Iterator[tuple[Ints, Keys]]:
        """Each way in which variables add up: positions of the children, and the key of the parent of each."""
        for part, flag, parents in self._hierarchies():
            does = self.adds(flag)[keys.part("quantity")]
            parent = parents[keys.part(part)]
            children = np.flatnonzero(does & (parent >= 0))
            yield children, keys[children].replace(part, parent[children])

    def nested(self, keys: Keys) -> tuple[Ints, Ints]:
        """Positions of numerators that lie within another metric's, and of those others."""
        outer = np.full(len(self.quantities), -1, dtype=np.int64)
        for name, row in self.metrics.items():
            if row.get("within") in self.metrics:
                outer[self._quantity["numerator", name]] = self._quantity["numerator", row["within"]]
        container = outer[keys.part("quantity")]
        inner = np.flatnonzero(container >= 0)
        wanted = keys[inner].replace("quantity", container[inner])
        there = np.isin(wanted.values, keys.values)
        return inner[there], keys.find(wanted[there])

    def _hierarchies(self) -> Iterator[tuple[str, str, Ints]]:
        yield "place", "adds_over_entities", self.place_parents()
        grades = self.names["grade"]
        yield "grade", "adds_over_grades", np.where(np.asarray(grades) == "all", -1, grades.index("all"))
        yield from (("group", "adds_over_groups", parents) for parents in self._group_parents())

    def place_parents(self) -> Ints:
        """The place that each place is summed up in, -1 where there is none."""
        return np.asarray([self._place.get(self._above(*place), -1) for place in self.places], dtype=np.int64)

    def _above(self, level: str, entity: str) -> tuple[str, str]:
        row = self.entities.get((level, entity), {})
        if level == "school":
            return "lea", row.get("lea", "")
        return {"lea": ("sector", row.get("sector", "")), "sector": ("city", "city")}.get(level, ("", ""))

    def _group_parents(self) -> Iterator[Ints]:
        """One map for each family (to all) and for each family crossed with another (to that other's groups)."""
        names = self.names["group"]
        code = {name: number for number, name in enumerate(names)}
        families = sorted({family_of(part) for name in names for part in name.split("*") if name != "all"})
        for family in families:
            whole = {name for name in names if _splits_wholly(name, family, names)}
            yield np.asarray([_without(name, family, code) if name in whole else -1 for name in names], dtype=np.int64)

    def adds(self, flag: str) -> NDArray[np.bool_]:
        """Which quantities add up, along the axis of this column of metrics.csv."""
        yes = {name for name, row in self.metrics.items() if row.get(flag, "true").lower() in ("true", "1", "yes")}
        populations = {self.population(name) for name in yes}
        return np.asarray([name in (populations if what == "students" else yes) for what, name in self.quantities])

    def _metric(self, name: str) -> Mapping[str, str]:
        if name not in self.metrics:
            raise AuditError(f"figures.csv has the metric {name!r}, which metrics.csv does not describe.")
        return self.metrics[name]

    def _of_metric(self, release: Release, what: Callable[[str], object]) -> NDArray[np.object_]:
        column = release.figures["metric"].combine_chunks().dictionary_encode()
        values = np.asarray([what(name) for name in column.dictionary.to_pylist()], dtype=object)
        return np.asarray(values[column.indices.to_numpy()], dtype=object)

    def _keys(self, release: Release, quantity: Callable[[str], object]) -> Keys:
        values = _codes(release, "year", self.names["year"])
        values = values * self.sizes[1] + self._of_metric(release, quantity).astype(np.int64)
        values = values * self.sizes[2] + self._places(release)
        for name, size in zip(PARTS[3:], self.sizes[3:], strict=True):
            values = values * size + _codes(release, name, self.names[name])
        return Keys(values, self.sizes)

    def _places(self, release: Release) -> Ints:
        levels, entities = (release.figures[name].to_pylist() for name in ("level", "entity"))
        return np.asarray([self._place[place] for place in zip(levels, entities, strict=True)], dtype=np.int64)


def _by_name(releases: Sequence[Release], file: str, key: str) -> dict[str, dict[str, str]]:
    return {row[key]: row for release in releases for row in getattr(release, file)}


def _texts(releases: Sequence[Release], column: str) -> list[str]:
    return sorted({text for release in releases for text in release.figures[column].unique().to_pylist()})


def _placed(releases: Sequence[Release]) -> set[tuple[str, str]]:
    pairs: set[tuple[str, str]] = set()
    for release in releases:
        pairs.update(zip(release.figures["level"].to_pylist(), release.figures["entity"].to_pylist(), strict=True))
    return pairs


def _codes(release: Release, column: str, names: list[str]) -> Ints:
    encoded = release.figures[column].combine_chunks().dictionary_encode()
    number = {name: code for code, name in enumerate(names)}
    of = np.asarray([number[name] for name in encoded.dictionary.to_pylist()], dtype=np.int64)
    return np.asarray(of[encoded.indices.to_numpy()], dtype=np.int64)


def family_of(group: str) -> str:
    """The family of a group: what stands before its colon."""
    return group.partition(":")[0]


def _without(name: str, family: str, code: Mapping[str, int]) -> int:
    """The group that is left when a family is summed up: "disability:yes*race:black" without race is "disability:yes"."""
    parts = name.split("*")
    left = [part for part in parts if family_of(part) != family]
    if len(left) == len(parts) or name == "all":
        return -1
    return code.get("*".join(left) or "all", -1)


def _splits_wholly(name: str, family: str, names: list[str]) -> bool:
    """Whether the groups crossed as this one hold every member of the family, and so add up to what is left."""
    others = {family_of(part) for part in name.split("*")} - {family}
    if not others:
        return True
    members = {
        single
        for single in names
        if family_of(single) == family and "*" not in single and not single.endswith(":unknown")
    }
    alike = (other.split("*") for other in names if {family_of(part) for part in other.split("*")} == others | {family})
    return members <= {part for parts in alike for part in parts}
