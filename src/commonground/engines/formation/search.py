"""The search for good groups and its bound, on the general form.

1. Build first groups greedily and re-form small neighbourhoods, with what each group pays its members as prices.
2. Column generation from there: its prices bound every set of groups from above, and steer what follows.
3. Re-form neighbourhoods exactly under the final prices; in a market of several regions, where there is time, dive into
   the linear program for a whole set of groups.
4. Again and again: free a region of groups (in small markets all of them), dive into its linear program for a whole set
   of groups there, re-form, keep what is not worse. The longer nothing gets better, the larger the regions.

Every step is measured in rounds of work, and chance comes from the seed, so a search that ends by itself (nothing
better in `PATIENCE` regions, or proven best) gives the same answer on every machine. One that ends by the clock does
not.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from commonground.engines.formation.columns import THREADS, Columns
from commonground.engines.formation.dive import dive
from commonground.engines.formation.instance import Arrays, Flags, Floats, Instance, Ints
from commonground.engines.formation.large import groups_off, is_better, search_large
from commonground.engines.formation.master import Relaxation, relax
from commonground.engines.formation.proof import Proof, pair_prices
from commonground.engines.formation.smooth import relax_smoothly
from commonground.engines.formation.state import LARGEST, State, first_state, near
from commonground.engines.formation.tree import Tree, tolerance

WARM_UPS = 6
ONE_PROGRAM = 2_500  # members up to which one linear program is quick
PROVABLE = 400  # members up to which the search splits into cases to prove the best groups
SMOOTHED = 200  # members from which prices are first smoothed
PATIENCE = 150  # regions without an improvement before the search ends by itself
REGION_MEMBERS, GROWTH = 170, 30  # members of a region, and idle turns after which it is twice as large
DIVE_TIME = 0.2  # of the seconds, after which there is no time for a dive into the whole
WARM_TIME = 0.1  # of the seconds, after which the first groups are good enough to begin with
BOUND_TIME = 0.45  # of the seconds, at most, before the search for groups goes on with the prices it has
WORK = 30_000_000  # stages of one pricing, about ten seconds; more means that listing groups is hopeless
TINY = 1e-7


@dataclass(frozen=True, eq=False)
class Found:
    """Groups with their value, and the proof of `bound`. `ended`: "optimal", "finished", "time" or "stopped"."""

    groups: Columns
    value: float
    alone: Ints
    proof: Proof
    ended: str

    @property
    def bound(self) -> float:
        return self.proof.bound


class Watch:
    """Decides after every round whether to go on, and tells the caller how far the search is."""

    def __init__(
        self, seconds: float, clock: Callable[[], float], tell: "Callable[[Watch], bool]" = lambda now: True
    ) -> None:
        self._clock, self._start, self.seconds, self.tell = clock, clock(), seconds, tell
        self.stopped = False
        self.state: State | None = None
        self.bound = np.inf

    @property
    def elapsed(self) -> float:
        return self._clock() - self._start

    @property
    def late(self) -> bool:
        return self.elapsed >= self.seconds

    def go_on(self) -> bool:
        """Tell the caller; False when it stops the search or the time is over."""
        self.stopped = self.stopped or not self.tell(self)
        return not self.stopped and not self.late

    def still(self) -> bool:
        """Like `go_on`, without telling; for inner loops."""
        return not self.stopped and not self.late

    def note(self, bound: float) -> bool:
        """Note a bound, and decide likewise."""
        self.bound = min(self.bound, bound)
        return self.go_on()

    def lower(self, bound: float) -> bool:
        """Likewise; False also when the time set aside for bounds is over, so that a short search has time for groups."""
        return self.note(bound) and self.elapsed < BOUND_TIME * self.seconds

    def ending(self) -> str:
        return "stopped" if self.stopped else "time" if self.late else "finished"


def search(instance: Instance, *, seed: int, watch: Watch, start: Columns | None = None) -> Found:
    """The best groups found until `watch` ends the search, or until it ends by itself."""
    arrays = Arrays.of(instance)
    state = State.of(arrays, instance.count, start) if start is not None else first_state(arrays, instance.count, seed)
    watch.state = state
    if arrays.size_max > LARGEST or not _alike(instance):
        return _search_large(instance, arrays, state, watch, seed)
    if groups_off(instance.count, state):
        state = search_large(
            instance,
            arrays,
            state,
            seed,
            lambda now: groups_off(instance.count, now) > 0 and watch.go_on(),
            watch.still,
        )
    watch.state = state
    _warm_up(state, watch, seed)
    relaxed = _relax(arrays, instance.count, state, watch)
    if relaxed is None:
        return _search_large(instance, arrays, state, watch, seed)
    state = _improve(state, relaxed, watch, seed)
    proof: Proof = relaxed.leaf(arrays)
    if relaxed.exact and len(arrays.pair) <= PROVABLE:
        state = _regions(arrays, state, relaxed, watch, np.random.default_rng(seed), len(arrays.pair) // 12)
        state, proof = _prove(arrays, instance.count, state, relaxed, watch)
    if not _is_optimal(state, proof.bound):
        state = _regions(arrays, state, relaxed, watch, np.random.default_rng(seed + 1), PATIENCE)
    ended = "optimal" if _is_optimal(state, proof.bound) else watch.ending()
    return Found(state.columns(), state.total(), state.alone(), proof, ended)


def _relax(arrays: Arrays, count: int | None, state: State, watch: Watch) -> Relaxation | None:
    """Prices by smoothing, then, where one linear program is quick, its exact ones from there."""
    prices, start = _fair_prices(state), state.columns()
    work = WORK * max(1, len(prices) // ONE_PROGRAM)
    smooth: Relaxation | None = None
    if count is None and len(prices) > SMOOTHED:
        smooth = relax_smoothly(arrays, start, prices, go_on=watch.lower, still=watch.still, work=work)
        if smooth is None or len(prices) > ONE_PROGRAM or not watch.lower(smooth.bound):
            return smooth
        start = Columns.join([start, smooth.columns], arrays.size_max)
    centre = prices if smooth is None else smooth.prices
    relaxed = relax(arrays, count, start, centre, go_on=watch.lower, still=watch.still, work=work)
    return relaxed if smooth is None or (relaxed is not None and relaxed.bound <= smooth.bound) else smooth


def _prove(arrays: Arrays, count: int | None, state: State, relaxed: Relaxation, watch: Watch) -> tuple[State, Proof]:
    """Split into cases until the best groups are proven, or the watch ends it."""
    tree = Tree(arrays, count, state.columns(), state.total(), watch.note)
    proof = tree.prove(relaxed)
    if tree.value > state.total():
        state = watch.state = State.of(arrays, count, tree.best)
    return state, proof


def _alike(instance: Instance) -> bool:
    """Whether all groups have the same limits of size."""
    return instance.slots is None or set(instance.slots) == {(instance.size_min, instance.size_max)}


def _search_large(instance: Instance, arrays: Arrays, state: State, watch: Watch, seed: int) -> Found:
    """Groups too large to list, or of unlike sizes."""
    proof = pair_prices(arrays)
    watch.bound = proof.bound
    if instance.slots is not None:
        state = State.of(
            arrays, True, state.columns()[np.zeros(0, np.int64)]
        )  # the first groups know nothing of unlike sizes

    def go_on(now: State) -> bool:
        watch.state = now
        return watch.go_on()

    state = search_large(instance, arrays, state, seed, go_on, watch.still)
    ended = "optimal" if _is_optimal(state, proof.bound) else watch.ending()
    return Found(state.columns(), state.total(), state.alone(), proof, ended)


def _warm_up(state: State, watch: Watch, seed: int) -> None:
    """Prices and groups better each other a few times."""
    rounds = 2 * len(state.where) // 3 + 20
    for turn in range(WARM_UPS):
        prices = _fair_prices(state) + 1.0
        state.reform(prices, near(state.arrays, prices), rounds, seed * 1000 + turn)
        if not watch.go_on() or watch.elapsed > WARM_TIME * watch.seconds:
            return


def _fair_prices(state: State) -> Floats:
    """What the groups pay to each. Members that must have a group and have none would look endlessly cheap, and near to
    everybody; they count as ordinary ones."""
    prices = state.fair_prices()
    placed = prices[state.size[state.where] > 1]
    if len(placed):
        prices[prices < -3.0 * np.abs(placed).max()] = placed.mean()
    return prices


def _improve(state: State, relaxed: Relaxation, watch: Watch, seed: int) -> State:
    """Re-form neighbourhoods under the final prices; where regions will be parts of the market, dive into the whole first.

    Left out where the machine has been slow so far: regions better any groups step by step, and a dive is one long step.
    """
    if _is_optimal(state, relaxed.bound) or not watch.go_on():
        return state
    everyone, close = np.arange(len(state.where)), near(state.arrays, relaxed.prices)
    state.reform(relaxed.prices, close, len(everyone) + 20, seed * 1000 + 99)
    if not 2 * REGION_MEMBERS < len(everyone) <= ONE_PROGRAM or watch.elapsed > DIVE_TIME * watch.seconds:
        return state
    rng, start = np.random.default_rng(seed), relaxed.columns
    columns = dive(state.arrays, everyone, state.count, start, relaxed.prices, rng=rng, go_on=watch.still)
    fresh = state.copy()
    fresh.replace(everyone, columns)
    for turn in range(WARM_UPS):
        fresh.reform(relaxed.prices, close, len(everyone) // 2 + 20, seed * 1000 + 100 + turn)
        if is_better(state.count, fresh, state):
            state = watch.state = fresh.copy()
        if not watch.go_on():
            break
    return state


def _regions(
    arrays: Arrays, state: State, relaxed: Relaxation, watch: Watch, rng: np.random.Generator, patience: int
) -> State:
    """Free two far regions at a time and dive into both, until nothing gets better `patience` times in a row."""
    idle, close = 0, near(arrays, relaxed.prices)
    with ThreadPoolExecutor(THREADS) as pool:
        while idle < patience and watch.go_on() and not _is_optimal(state, relaxed.bound):
            most = int(REGION_MEMBERS * (1 + idle / GROWTH))
            regions = _pick_regions(state, relaxed.prices, close, rng, most)
            seeds = rng.integers(2**31, size=len(regions))
            before = state.total()
            dives = pool.map(partial(_redive, arrays, state, relaxed, close, watch), regions, seeds)
            for region, columns in zip(regions, list(dives), strict=True):
                fresh = state.copy()
                fresh.replace(region, columns)
                fresh.reform(relaxed.prices, close, 100, int(rng.integers(2**31)), scope=region)
                even = not groups_off(state.count, fresh) and fresh.total() > state.total() - TINY
                if even or is_better(state.count, fresh, state):
                    state = watch.state = fresh
            idle = 0 if state.total() > before + TINY else idle + 1
    return state


def _redive(
    arrays: Arrays, state: State, relaxed: Relaxation, close: Ints, watch: Watch, region: Ints, seed: int
) -> Columns:
    open_ = _flags(len(state.where), region)
    now = state.columns()
    start = Columns.join([relaxed.columns[relaxed.columns.inside(open_)], now[now.inside(open_)]], arrays.size_max)
    count = int(now.inside(open_).sum()) if state.count is not None else None
    return dive(arrays, region, count, start, relaxed.prices, rng=np.random.default_rng(seed), go_on=watch.still)


def _pick_regions(state: State, prices: Floats, close: Ints, rng: np.random.Generator, most: int) -> list[Ints]:
    """Members of two disjoint regions of whole groups, `most` in each, grown around a group that loses much against the
    prices."""
    n = len(state.where)
    losses = state.losses(prices)
    taken = np.zeros(n, bool)
    most = min(most, n if n < 2 * REGION_MEMBERS else n // 2)
    regions = []
    for _ in range(1 if most == n else THREADS):
        seeds = rng.integers(n, size=3)
        first = int(seeds[np.argmax(losses[state.where[seeds]])])
        region = _grow_region(state, close, first, most, taken, rng)
        if len(region):
            regions.append(region)
    return regions


def _grow_region(state: State, close: Ints, first: int, most: int, taken: Flags, rng: np.random.Generator) -> Ints:
    queue, inside = [first], np.zeros(len(taken), bool)
    while queue and inside.sum() < most:
        member = queue.pop(int(rng.integers(len(queue))))
        if taken[member]:
            continue
        s = state.where[member]
        mates = state.slots[s, : state.size[s]]
        taken[mates] = inside[mates] = True
        queue.extend(int(i) for mate in mates for i in close[mate, :8] if not taken[i])
    return np.flatnonzero(inside)


def _flags(n: int, members: Ints) -> Flags:
    flags = np.zeros(n, bool)
    flags[members] = True
    return flags


def _is_optimal(state: State, bound: float) -> bool:
    return bound - state.total() <= tolerance(bound)
