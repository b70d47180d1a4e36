"""The same market drawn many times, for chances: one thread a core, since the kernels run outside Python's lock."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from commonground.engines.lottery.arrays import Arrays
from commonground.engines.lottery.kernel import Seating, seat
from commonground.engines.lottery.tickets import Tickets

Kept = TypeVar("Kept")


def repeated_draws(
    arrays: Arrays,
    tickets: Tickets,
    seeds: Sequence[str],
    *,
    keep: Callable[[Seating], Kept],
    by_choice: bool = False,
    workers: int = 1,
) -> list[Kept]:
    """Draw once for every seed and keep of each draw only what `keep` takes from it, in the order of the seeds."""

    def one(seed: str) -> Kept:
        return keep(seat(arrays, tickets.turns(seed), Seating.empty(arrays), by_choice=by_choice))

    if workers == 1:
        return [one(seed) for seed in seeds]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(one, seeds))
