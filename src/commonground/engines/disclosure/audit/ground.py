"""What changes of a few students are made of, from the names alone: places, grades, and the groups that one student is in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations, product

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from commonground.engines.disclosure.audit.codes import Codes, Keys, family_of

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
MOST_OPTIONS = 4096  # in one cluster of crossed families; larger ones are left to programs
ALL = "all"


@dataclass(frozen=True, slots=True)
class Lists:
    """Lists of whole numbers (or of rows of them), one behind the other: list i is ``joined[start[i] : start[i + 1]]``."""

    start: Ints
    joined: Ints

    @staticmethod
    def of(lists: Sequence[Sequence[object]], width: int = 0) -> "Lists":
        start = np.concatenate([[0], np.cumsum([len(one) for one in lists], dtype=np.int64)]).astype(np.int64)
        flat = [item for one in lists for item in one]
        return Lists(start, np.asarray(flat, dtype=np.int64).reshape((-1, width) if width else (-1,)))


@dataclass(frozen=True, slots=True)
class Ground:
    """What is the same for all parts of a system.

    ``sizes``: how many places, grades and groups there are. ``above``: the place above each, -1 where none is. ``adds``
    (quantities x 3): whether a quantity adds up over places, grades, groups. ``options``: the groups of one student in each
    cluster of families that are crossed with each other; ``clusters``: where the options of each begin; ``cluster`` of each
    group, -1 for the group of all. ``steps``: rows (group, sign) of a change of one option for another of its cluster.
    """

    sizes: tuple[int, int, int]
    above: Ints
    all_grades: int
    adds: Bools
    cluster: Ints
    clusters: Ints
    options: Lists
    steps: Lists
    single: Bools

    @staticmethod
    def of(codes: Codes) -> "Ground":
        names = codes.names["group"]
        clusters = list(_clusters(names))
        options = [_options(names, families) for families in clusters]
        cluster = np.full(len(names), -1, dtype=np.int64)
        for number, families in enumerate(clusters):
            cluster[[family_of(name.split("*")[0]) in families for name in names]] = number
        return Ground(
            sizes=(codes.sizes[2], codes.sizes[3], codes.sizes[5]),
            above=codes.place_parents(),
            all_grades=codes.names["grade"].index(ALL),
            adds=np.stack(
                [codes.adds(flag) for flag in ("adds_over_entities", "adds_over_grades", "adds_over_groups")], 1
            ),
            cluster=cluster,
            clusters=np.cumsum([0, *(len(some) for some in options)]),
            options=Lists.of([[names.index(name) for name in groups] for some in options for _, groups in some]),
            steps=Lists.of([step for some in options for step in _steps(names, some)], width=2),
            single=np.asarray(["*" not in name for name in names]),
        )

    def holding(self) -> Lists:
        """The options that hold each group."""
        option = np.repeat(np.arange(len(self.options.start) - 1), np.diff(self.options.start))
        return _by(self.options.joined, option, self.sizes[2])

    def offered(self) -> Lists:
        """The steps that move each group up."""
        step = np.repeat(np.arange(len(self.steps.start) - 1), np.diff(self.steps.start))
        up = self.steps.joined[:, 1] > 0
        return _by(self.steps.joined[up, 0], step[up], self.sizes[2])

    def children(self, places: Ints) -> Lists:
        """Those of the places that each place is the sum of."""
        inner = places[self.above[places] >= 0]
        return _by(self.above[inner], inner, self.sizes[0])


def kind_of(keys: Keys) -> Ints:
    """Quantity, place, grade and group of each variable (variables x 4)."""
    return np.stack([keys.part(name) for name in ("quantity", "place", "grade", "group")], axis=1)


def _by(key: Ints, value: Ints, number: int) -> Lists:
    order = np.argsort(key, kind="stable")
    return Lists(np.searchsorted(key[order], np.arange(number + 1)).astype(np.int64), value[order].astype(np.int64))


def _clusters(names: Sequence[str]) -> Iterator[list[str]]:
    """Families that are crossed with each other, directly or by others."""
    families = sorted({family_of(part) for name in names for part in name.split("*") if name != ALL})
    number = {family: at for at, family in enumerate(families)}
    links = [
        (number[family_of(first)], number[family_of(other)])
        for name in names
        for first, *others in [name.split("*")]
        for other in others
    ]
    one, two = np.asarray(links, dtype=np.int64).reshape(-1, 2).T
    matrix = coo_matrix((np.ones(len(links)), (one, two)), shape=(len(families),) * 2)
    _, label = connected_components(matrix, directed=False)
    for cluster in range(label.max(initial=-1) + 1):
        yield [family for family, at in zip(families, label.tolist(), strict=True) if at == cluster]


def _options(names: Sequence[str], families: Sequence[str]) -> list[tuple[tuple[str, ...], list[str]]]:
    """What one student can be in these families: a group of each, and all the groups that follow, crossings last."""
    members = [
        [name for name in names if name != ALL and "*" not in name and family_of(name) == one] for one in families
    ]
    if np.prod([len(some) for some in members]) > MOST_OPTIONS:
        return []
    mine = sorted(
        (name for name in names if name != ALL and family_of(name) in families), key=lambda n: (n.count("*"), n)
    )
    return [(chosen, [name for name in mine if set(name.split("*")) <= set(chosen)]) for chosen in product(*members)]


def _steps(
    names: Sequence[str], options: Sequence[tuple[tuple[str, ...], list[str]]]
) -> Iterator[list[tuple[int, int]]]:
    """Changes of one option for another that differs in one family: what comes and what goes."""
    code = {name: at for at, name in enumerate(names)}
    for (one, come), (other, go) in permutations(options, 2):
        if sum(a != b for a, b in zip(one, other, strict=True)) == 1:
            yield [
                *((code[name], 1) for name in come if name not in go),
                *((code[name], -1) for name in go if name not in come),
            ]
