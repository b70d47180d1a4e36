"""Invented applicants for a real place: nobody is real, but demand follows the published counts.

1. Children come in *crowds*: those of one grade who belong to one group that seats are set aside for, or to none.
2. A child lists the programs that win an exponential race in which each runs at a speed of exp(its appeal to the crowd), the
   same as liking them by appeal plus Gumbel noise; list lengths are geometric.
3. Appeals start from the published demand of the crowd's own seats, program by program. A few times over, demand is counted as
   the place counts it (drawing the lottery, if it counts only who came so far), and appeals, lengths and sizes of crowds are moved
   to bring the two together.

What the files do not tell stays a guess: who ranks which programs together, and who among those turned away had priority.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from commonground.engines.lottery.draw import Lottery
from commonground.engines.lottery.model import NOT, Application, Choice, Market, Program, Rules, SeatPool, terms_of
from commonground.engines.lottery.places.place import Place, oldest_first
from commonground.engines.lottery.results import Result

ROUNDS = 10
MOST_CHOICES = 12
CHUNK = 4_000_000
# How much of a gap one round closes: less than all, for the crowds' moves push each other.
STEP, SIZE_STEP = 0.8, 0.4


@dataclass
class _Crowd:
    """Children of one grade and one group (None: of none) while their wishes are fitted.

    `programs`: places in the market of the grade's programs; `target`: how many of the crowd should come to each.
    """

    grade: str
    group: str | None
    programs: NDArray[np.int64]
    target: NDArray[np.float64]
    size: float = field(init=False)
    children: int = 0
    appeal: NDArray[np.float64] = field(init=False)
    mean_length: float = 0.0

    def __post_init__(self) -> None:
        self.appeal = np.log(self.target + 0.5)
        self.size = float(self.target.sum())

    def move(self, seen: NDArray[np.float64]) -> None:
        """Bring demand closer to the target: program by program, in each child's list, and in the number of children."""
        self.appeal += STEP * np.log((self.target + 1) / (seen + 1))
        self.appeal = np.clip(self.appeal - self.appeal.max(), -12, 0)
        ratio = (self.target.sum() + 1) / (seen.sum() + 1)
        self.mean_length = min(float(MOST_CHOICES), max(1.0, self.mean_length * ratio**STEP))
        self.size *= ratio**SIZE_STEP


def invent(place: Place, children: int, seed: str, tell: Callable[[int], None] = lambda done: None) -> Market:
    """A market of the place's programs with invented applicants.

    Args:
        seed: any words; the same give the same applicants. tell: called with 1 after every round.
    """
    shares = _groups(place)
    crowds = _crowds(place, shares)
    grades = oldest_first(program.grade for program in place.programs)
    rules = Rules(grades=grades, groups=tuple(sorted(shares)), most_choices=MOST_CHOICES, rehearsal=True)
    _spread(crowds, children)
    for crowd in crowds:
        crowd.mean_length = min(float(len(crowd.programs)), max(1.0, crowd.target.sum() / max(1, crowd.children)))
    for _ in range(ROUNDS):
        seen = _reached(place, crowds, rules, seed) if place.reached else _listed(place, crowds, seed)
        for crowd, row in zip(crowds, seen, strict=True):
            crowd.move(row[crowd.programs])
        _spread(crowds, children)
        tell(1)
    return Market(place.programs, tuple(_applications(place, crowds, seed)), rules)


def _crowds(place: Place, shares: Mapping[str, float]) -> list[_Crowd]:
    """Every grade's crowds that somebody belongs to."""
    grades: dict[str, list[int]] = {}
    for at, program in enumerate(place.programs):
        grades.setdefault(program.grade, []).append(at)
    found = []
    for grade, programs in grades.items():
        for group in (None, *shares):
            target = np.array([_target(place, place.programs[at], group, shares) for at in programs])
            if target.any() or group is None:
                found.append(_Crowd(grade, group, np.array(programs), target))
    return found


def _spread(crowds: Sequence[_Crowd], children: int) -> None:
    """Divide the children among the crowds by their sizes."""
    sizes = np.array([crowd.size for crowd in crowds])
    ends = np.round(np.cumsum(sizes) / (sizes.sum() or 1.0) * children).astype(int)
    for crowd, count in zip(crowds, np.diff(ends, prepend=0).tolist(), strict=True):
        crowd.children = count


def _own_group(pool: SeatPool) -> str | None:
    """The group that a pool is set aside for, where one label says it."""
    terms = terms_of(pool.group) if pool.group else []
    return terms[0] if len(terms) == 1 and not terms[0].startswith(NOT) else None


def _groups(place: Place) -> dict[str, float]:
    """Groups that seat pools are set aside for, with the share of children who belong to each.

    The share is that of the group's pool in the demand of the programs that have one. Labels that are a program's own
    priorities belong to a choice, not to a child.
    """
    own: dict[str, float] = {}
    whole: dict[str, float] = {}
    for program in place.programs:
        for pool in program.pools:
            group = _own_group(pool)
            if group is not None:
                own[group] = own.get(group, 0.0) + place.published[program.name, pool.name].demand
                whole[group] = whole.get(group, 0.0) + place.demand(program)
    return {group: part / whole[group] if whole[group] else 0.0 for group, part in own.items()}


def _target(place: Place, program: Program, group: str | None, shares: Mapping[str, float]) -> float:
    """How many of a group should come to a program: its own pool's demand, else its share of the pools open to it.

    Children of a group who wait for its pool wait for the open seats too, so they are counted there a second time.
    """
    counts = {pool.name: place.published[program.name, pool.name] for pool in program.pools}
    own = {_own_group(pool): counts[pool.name] for pool in program.pools if _own_group(pool) is not None}
    if group in own:
        return float(own[group].demand)
    found = 0.0
    for pool in program.pools:
        if _own_group(pool) is not None:
            continue
        closed = {term.removeprefix(NOT) for term in terms_of(pool.group or "") if term.startswith(NOT)}
        if group in closed:
            continue
        sharing = sum(shares[other] for other in shares if other not in closed and other not in own)
        twice = sum(count.waiting or 0 for other, count in own.items() if other not in closed)
        part = shares[group] if group is not None else max(0.0, 1.0 - sharing)
        found += part * max(0, counts[pool.name].demand - min(twice, counts[pool.name].waiting or 0))
    return found


def _generator(seed: str, crowd: _Crowd) -> np.random.Generator:
    """Invented children need no public proof, so a library's generator will do; the draw never uses it."""
    digest = hashlib.sha256(f"{seed}|{crowd.grade}|{crowd.group or ''}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))


def _lists(crowd: _Crowd, rng: np.random.Generator) -> list[list[int]]:
    """Each child's programs, best first."""
    count = len(crowd.programs)
    most = min(MOST_CHOICES, count)
    slowness = np.exp(-crowd.appeal).astype(np.float32)
    lengths = np.clip(rng.geometric(1 / crowd.mean_length, crowd.children), 1, most)
    rows = max(1, CHUNK // count)
    lists: list[list[int]] = []
    for begin in range(0, crowd.children, rows):
        times = rng.standard_exponential((min(rows, crowd.children - begin), count), dtype=np.float32) * slowness
        best = np.argpartition(times, most - 1, axis=1)[:, :most]
        order = np.argsort(np.take_along_axis(times, best, axis=1), axis=1)
        chosen = crowd.programs[np.take_along_axis(best, order, axis=1)].tolist()
        lists += [own[:length] for own, length in zip(chosen, lengths[begin:].tolist(), strict=False)]
    return lists


def _applications(place: Place, crowds: Sequence[_Crowd], seed: str) -> list[Application]:
    """The children of all crowds, one crowd after the other."""
    known: dict[tuple[str, str | None, int | None], Choice] = {}
    numbered: Counter[str] = Counter()
    made: list[Application] = []
    groups = _groups(place)
    shares = {name: [row for row in own if row[0] not in groups] for name, own in place.shares.items()}
    for crowd in crowds:
        rng = _generator(seed, crowd)
        labels = frozenset() if crowd.group is None else frozenset({crowd.group})
        for own in _lists(crowd, rng):
            choices = []
            for program, (first, second) in zip(
                (place.programs[x] for x in own), rng.random((len(own), 2)), strict=True
            ):
                rank = 1 + int(second * 1000) if program.screened else None
                key = (program.name, _priority(shares.get(program.name, ()), first), rank)
                if key not in known:
                    known[key] = Choice(key[0], frozenset() if key[1] is None else frozenset({key[1]}), rank)
                choices.append(known[key])
            numbered[crowd.grade] += 1
            number = f"{crowd.grade}-{numbered[crowd.grade]:05}"
            made.append(Application(number, crowd.grade, tuple(choices), labels))
    return made


def _priority(shares: Sequence[tuple[str, float]], luck: float) -> str | None:
    for name, share in shares:
        if luck < share:
            return name
        luck -= share
    return None


def _listed(place: Place, crowds: Sequence[_Crowd], seed: str) -> list[NDArray[np.float64]]:
    """How many of each crowd rank each program."""
    found = []
    for crowd in crowds:
        listed = [program for own in _lists(crowd, _generator(seed, crowd)) for program in own]
        counts = np.bincount(np.array(listed, dtype=np.int64), minlength=len(place.programs))
        found.append(counts.astype(float))
    return found


def _reached(place: Place, crowds: Sequence[_Crowd], rules: Rules, seed: str) -> NDArray[np.float64]:
    """How many of each crowd come to each program's line in a draw: they rank it and get nothing better."""
    market = Market(place.programs, tuple(_applications(place, crowds, seed)), rules)
    result, programs = Result(market, Lottery(market).draw(seed)), len(place.programs)
    arrays = result.drawn.arrays
    came = np.arange(arrays.choices) <= result.reached[arrays.owner]
    crowd = np.repeat(np.arange(len(crowds)), [crowd.children for crowd in crowds])[arrays.owner]
    counts = np.bincount(crowd[came] * programs + arrays.choice_program[came], minlength=len(crowds) * programs)
    return counts.reshape(len(crowds), programs).astype(float)


def likely_children(place: Place) -> int:
    """A number of applicants that fits the published demand when nothing better is known: two and a half lines a child."""
    return max(1, math.ceil(sum(place.demand(program) for program in place.programs) / (2.5 if place.reached else 7.0)))
