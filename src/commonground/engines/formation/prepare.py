"""Making the compiled loops ready before a clock runs.

The loops of the search become machine code on first use. On a new machine that takes 10 to 30 seconds and is kept on disk;
later processes load it in about one. A search that met this inside its own time would have that much less of it, so every door
to the search calls `prepare` first.
"""

import time
from functools import cache

import numpy as np

from commonground.engines.formation.columns import Columns
from commonground.engines.formation.instance import Arrays, Instance
from commonground.engines.formation.large import Task
from commonground.engines.formation.odd import broken_sets
from commonground.engines.formation.search import Watch, search
from commonground.engines.formation.smooth import relax_smoothly
from commonground.engines.formation.state import first_state

MEMBERS = 12
PLENTY = 1e6  # seconds: this search ends by itself


@cache
def prepare() -> None:
    """Compile every loop, or load it, by forming groups of twelve invented members in every way that the search knows."""
    pair = np.random.default_rng(0).random((MEMBERS, MEMBERS))
    instance = Instance(
        pair=pair + pair.T,
        size_min=2,
        size_max=3,
        cost=np.zeros((MEMBERS, 2)),
        leave=np.full(MEMBERS, 1.0),
        kind=np.arange(MEMBERS) % 2,
        kind_min=np.ones(2, np.int64),
    )
    arrays = Arrays.of(instance)
    search(instance, seed=0, watch=Watch(PLENTY, time.monotonic, lambda now: True))
    state = first_state(arrays, None, 0)
    relax_smoothly(
        arrays, state.columns(), state.fair_prices(), go_on=lambda bound: True, still=lambda: True, work=10**6
    )
    circle = np.array([[0, 1, -1], [1, 2, -1], [2, 0, -1]])
    halves = Columns(circle, np.full(3, 2), np.zeros(3, np.int64), np.zeros(3))
    broken_sets(halves, np.full(3, 0.5), MEMBERS, 1)
    Task.of(instance, arrays, 10.0).anneal(100, 0, lambda: True)
