"""An invented city's enrollment counts: schools by race (7) and disability (2), with all margins, from one seed.

Sizes are log-normal around 362 students, so 240 schools have about 87,000. A school's mix of races leans from the city's
by a Dirichlet draw, as in real cities; about 18 % have a disability. With `lea`, about half of the schools belong to one
district and the others to charter LEAs of one to twelve schools; with `grades`, counts are by grade as well.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

RACES = ("american_indian", "asian", "black", "hispanic", "multiracial", "pacific_islander", "white")
MIX = np.array([0.003, 0.02, 0.60, 0.20, 0.035, 0.002, 0.14])
SPANS = ((0, 6), (0, 9), (6, 9), (9, 13), (0, 13))  # grades of a school: the first, and one after the last
SHARES = np.array([0.45, 0.15, 0.15, 0.2, 0.05])
LEANING, DISABLED, SIZE, SPREAD = 6.0, 0.18, 362.0, 0.45
MINIMUM, SHARE, LEAST = 10, 0.3, 3


@dataclass(frozen=True)
class City:
    """Published cells: `count`, what they are of (`place`, race, disability, grade; -1 is all), and their relations."""

    count: np.ndarray
    axes: np.ndarray  # cells x 4
    relations: csr_matrix
    levels: np.ndarray  # of each cell: 0 city, 1 LEA, 2 school

    @property
    def students(self) -> int:
        return int(self.count[(self.axes == -1).all(axis=1)][0])

    @property
    def everybody(self) -> np.ndarray:
        """The rows of all students."""
        return (self.axes[:, 1:3] == -1).all(axis=1)

    @property
    def shown(self) -> np.ndarray:
        """What is told in any case: zeros, and rows of all students that have enough.

        A grade of few students cannot be hidden alone, and one of 11, 9 of them with a disability, leaves the 9 no room
        when it is told. Where there is such a grade, rows of all students of one grade may be hidden as well.
        """
        kept = self.everybody & (self.count >= MINIMUM)
        by_grade = self.everybody & (self.axes[:, 3] >= 0)
        if (self.count[by_grade] < MINIMUM - 1 + LEAST).any():
            kept &= ~by_grade
        return (self.count == 0) | kept

    @property
    def primary(self) -> np.ndarray:
        """Cells of 1 to 9 students."""
        return np.flatnonzero((self.count > 0) & (self.count < MINIMUM))

    @property
    def names(self) -> list[str]:
        return [":".join(f"{at + 1:05d}" for at in place) for place in self.axes.tolist()]

    def needs(self) -> tuple[np.ndarray, np.ndarray]:
        """How far below and above its count each primary cell must seem possible, in whole students."""
        value = self.count[self.primary]
        wide = np.maximum(LEAST, np.ceil(SHARE * value))
        return np.minimum(wide, value), wide


def city(schools: int, seed: int, *, lea: bool = False, grades: bool = False) -> City:
    rng = np.random.default_rng(seed)
    children = _children(schools, rng, grades)
    owner = _leas(schools, rng) if lea else None
    return _published(children, owner, grades)


def _children(schools: int, rng: np.random.Generator, grades: bool) -> np.ndarray:
    """Students by school, race, disability (no, yes) and grade (one when grades are not asked for)."""
    size = np.maximum(30, rng.lognormal(np.log(SIZE) - SPREAD**2 / 2, SPREAD, schools)).round().astype(int)
    out = np.zeros((schools, len(RACES), 2, 13 if grades else 1), np.int64)
    for school in range(schools):
        mix = rng.dirichlet(LEANING * MIX)
        disabled = rng.beta(DISABLED * 25, (1 - DISABLED) * 25)
        first, last = SPANS[rng.choice(len(SPANS), p=SHARES)] if grades else (0, 1)
        share = mix[:, None, None] * np.array([1 - disabled, disabled])[None, :, None]
        share = np.repeat(share, last - first, axis=2) * rng.dirichlet(np.full(last - first, 60.0))
        out[school, :, :, first:last] = rng.multinomial(size[school], share.ravel()).reshape(share.shape)
    return out


def _leas(schools: int, rng: np.random.Generator) -> np.ndarray:
    """The LEA of each school."""
    owner = np.zeros(schools, np.int64)
    at, lea = schools // 2, 0
    while at < schools:
        lea += 1
        many = min(schools - at, 1 + int(rng.geometric(0.45)) - 1 + int(rng.random() < 0.1) * 6)
        owner[at : at + max(1, many)] = lea
        at += max(1, many)
    return owner


def _published(children: np.ndarray, owner: np.ndarray | None, grades: bool) -> City:
    """All cells that are published (a place's cells of a grade it does not have are not), and how they add up."""
    schools = len(children)
    leas = 0 if owner is None else int(owner.max()) + 1
    places = [children.sum(axis=0)]
    places += [] if owner is None else [children[owner == lea].sum(axis=0) for lea in range(leas)]
    below = [np.arange(1, leas + 1) if leas else np.arange(1, schools + 1)]
    below += [] if owner is None else [1 + leas + np.flatnonzero(owner == lea) for lea in range(leas)]
    cube = np.concatenate([np.array(places), children])
    for axis in (1, 2, 3) if grades else (1, 2):
        cube = np.concatenate([cube, cube.sum(axis=axis, keepdims=True)], axis=axis)
    here = np.broadcast_to(cube[:, -1:, -1:, :] > 0, cube.shape)
    number = np.where(here, np.cumsum(here.ravel()).reshape(here.shape) - 1, -1)
    sums = [_sums(number, axis) for axis in ((1, 2, 3) if grades else (1, 2))]
    sums.append([(number[place].ravel(), number[kids].reshape(len(kids), -1).T) for place, kids in enumerate(below)])
    axes = np.argwhere(here)
    for axis in (1, 2, 3):
        many = cube.shape[axis] - 1
        axes[:, axis] = np.where(axes[:, axis] == many, -1, axes[:, axis])
    level = np.where(axes[:, 0] == 0, 0, np.where(axes[:, 0] <= leas, 1, 2))
    axes[:, 0] = np.where(axes[:, 0] == 0, -1, axes[:, 0])
    return City(cube[here].astype(float), axes, _matrix(sums, int(here.sum())), level)


def _sums(number: np.ndarray, axis: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """(totals, parts of each) along one axis, whose last entry is the total."""
    moved = np.moveaxis(number, axis, -1)
    flat = moved.reshape(-1, moved.shape[-1])
    return [(flat[:, -1], flat[:, :-1])]


def _matrix(sums: list[list[tuple[np.ndarray, np.ndarray]]], cells: int) -> csr_matrix:
    rows, columns, data, row = [], [], [], 0
    for family in sums:
        for totals, parts in family:
            for total, kids in zip(totals, parts, strict=True):
                kids = kids[kids >= 0]
                if total < 0 or not len(kids):
                    continue
                rows.append(np.full(len(kids) + 1, row))
                columns.append(np.append(kids, total))
                data.append(np.append(np.ones(len(kids)), -1.0))
                row += 1
    joined = [np.concatenate(part) for part in (rows, columns, data)]
    return csr_matrix((joined[2], (joined[0], joined[1])), shape=(row, cells))
