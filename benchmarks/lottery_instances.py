"""Invented markets of four sizes: `m` schools, each child ranks the `k` it likes best.

A school's appeal is N(0, 1); a child likes it by its appeal plus Gumbel noise. Seats follow LogNormal(0, 0.5) and add up to
about the number of children. Class 0 is a sibling (0.06 a listed school), class 1 the school's zone (each child lives
in one of m / 10 zones), class 2 everyone else. Generator: PCG64, `SeedSequence([20250101, n, m, k])`.
"""

import numpy as np

from commonground.engines.lottery.arrays import Arrays, starts
from commonground.engines.lottery.standing import Standing
from commonground.engines.lottery.tickets import Batch, Tickets

INSTANCES = {"a": (2_000, 50, 5), "b": (20_000, 250, 10), "c": (80_000, 700, 12), "d": (450_000, 65_000, 6)}
# Up to here every child's liking of every school is drawn; above, the same distribution is drawn choice by choice.
MOST_LIKINGS = 100_000_000
CHUNK = 200_000


def choices_of(rng: np.random.Generator, appeal: np.ndarray, n: int, k: int) -> np.ndarray:
    """n x k schools, best first: the k largest of appeal plus Gumbel noise."""
    if n * len(appeal) > MOST_LIKINGS:
        return _choices_one_by_one(rng, appeal, n, k)
    chosen = np.empty((n, k), np.int32)
    rows = max(1, CHUNK // len(appeal))
    for begin in range(0, n, rows):
        liking = appeal + rng.gumbel(size=(min(rows, n - begin), len(appeal)))
        best = np.argpartition(-liking, k - 1, axis=1)[:, :k]
        order = np.argsort(-np.take_along_axis(liking, best, axis=1), axis=1)
        chosen[begin : begin + rows] = np.take_along_axis(best, order, axis=1)
    return chosen


def _choices_one_by_one(rng: np.random.Generator, appeal: np.ndarray, n: int, k: int) -> np.ndarray:
    """The same lists without n x m numbers: the best of Gumbel likings is a school with odds exp(appeal), and so on down."""
    ends = np.cumsum(np.exp(appeal))
    chosen = np.full((n, k), -1, np.int32)
    for place in range(k):
        waiting = np.arange(n)
        while len(waiting):
            pick = np.searchsorted(ends, rng.random(len(waiting)) * ends[-1]).astype(np.int32)
            chosen[waiting, place] = pick
            waiting = waiting[(chosen[waiting, :place] == pick[:, None]).any(axis=1)]
    return chosen


def instance(name: str) -> tuple[Arrays, Tickets]:
    """The arrays of an instance and its tickets."""
    n, m, k = INSTANCES[name]
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([20250101, n, m, k])))
    appeal = rng.normal(size=m)
    chosen = choices_of(rng, appeal, n, k)
    size = rng.lognormal(0, 0.5, m)
    seats = np.maximum(1, np.round(n * size / size.sum())).astype(np.int32)
    zones = max(1, m // 10)
    lives = rng.integers(zones, size=n)
    priority = np.where(chosen % zones == lives[:, None], 1, 2)
    priority[rng.random((n, k)) < 0.06] = 0
    packed = np.array([Standing(1, place, 0).packed() for place in range(3)], dtype=np.uint32)
    names = tuple(f"A{number:07d}" for number in range(n))
    arrays = Arrays(
        choice_start=starts(np.full(n, k, np.int32)),
        choice_program=chosen.ravel(),
        rank_start=np.arange(n * k, dtype=np.int32),
        rank=packed[priority.ravel()],
        pool_start=np.arange(m + 1, dtype=np.int32),
        seat_start=starts(seats),
    )
    return arrays, Tickets(names, Batch.of(names), np.empty(0, np.int64), Batch.of(()))
