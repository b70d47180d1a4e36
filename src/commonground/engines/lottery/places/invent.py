"""Invented applicants for a real place: nobody is real, but demand follows the published counts.

1. Children are spread over the grades as the published demand is.
2. A child lists the programs that win an exponential race in which each runs at a speed of exp(its appeal), the same as
   liking them by appeal plus Gumbel noise; list lengths are geometric.
3. The appeals start from published demand. A few times over, the lottery is drawn, demand is counted as the place counts
   it, and appeals and lengths are moved to bring the two together.

What the files do not tell stays a guess: who ranks which programs together, and who among those turned away had priority.
"""

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from commonground.engines.lottery.draw import Lottery
from commonground.engines.lottery.model import NOT, Application, Choice, Market, Program, Rules, terms_of
from commonground.engines.lottery.places.place import Place, oldest_first
from commonground.engines.lottery.results import Result

ROUNDS = 6
MOST_CHOICES = 12
CHUNK = 4_000_000


@dataclass
class _Grade:
    """The programs of one grade while appeals and lengths are fitted."""

    programs: list[Program]
    target: NDArray[np.float64]
    children: int
    appeal: NDArray[np.float64] = field(init=False)
    mean_length: float = field(init=False)

    def __post_init__(self) -> None:
        self.appeal = np.log(self.target + 0.5)
        self.mean_length = min(float(len(self.programs)), max(1.0, self.target.sum() / max(1, self.children)))

    def move(self, seen: NDArray[np.float64]) -> None:
        """Bring demand closer to the target, program by program and in sum."""
        self.appeal += 0.8 * np.log((self.target + 1) / (seen + 1))
        self.appeal = np.clip(self.appeal - self.appeal.max(), -12, 0)
        ratio = (self.target.sum() + 1) / (seen.sum() + 1)
        self.mean_length = min(float(MOST_CHOICES), max(1.0, self.mean_length * ratio**0.8))


def invent(place: Place, children: int, seed: str, tell: Callable[[int], None] = lambda done: None) -> Market:
    """A market of the place's programs with invented applicants.

    Args:
        seed: any words; the same give the same applicants. tell: called with 1 after every round.
    """
    grades = _grades(place, children)
    labels = tuple(sorted(_groups(place)))
    rules = Rules(grades=oldest_first(grades), groups=labels, most_choices=MOST_CHOICES, rehearsal=True)
    for _ in range(ROUNDS):
        seen = _reached(place, grades, rules, seed) if place.reached else _listed(grades, seed)
        for grade in grades.values():
            grade.move(np.array([seen[program.name] for program in grade.programs]))
        tell(1)
    return Market(place.programs, tuple(_applications(place, grades, seed)), rules)


def _grades(place: Place, children: int) -> dict[str, _Grade]:
    found: dict[str, list[Program]] = {}
    for program in place.programs:
        found.setdefault(program.grade, []).append(program)
    targets = {grade: np.array([float(place.demand(p)) for p in programs]) for grade, programs in found.items()}
    total = sum(target.sum() for target in targets.values()) or 1.0
    ends = np.round(np.cumsum([target.sum() for target in targets.values()]) / total * children).astype(int)
    sizes = np.diff(ends, prepend=0)
    return {
        grade: _Grade(found[grade], target, int(size))
        for (grade, target), size in zip(targets.items(), sizes, strict=True)
    }


def _groups(place: Place) -> dict[str, float]:
    """Groups that seat pools are set aside for, with the share of children who belong to each.

    The share is that of the group's pool in the demand of the programs that have one. Labels that are a program's own
    priorities belong to a choice, not to a child.
    """
    own: dict[str, float] = {}
    whole: dict[str, float] = {}
    for program in place.programs:
        for pool in program.pools:
            terms = terms_of(pool.group) if pool.group else []
            if len(terms) == 1 and not terms[0].startswith(NOT):
                own[terms[0]] = own.get(terms[0], 0.0) + place.published[program.name, pool.name].demand
                whole[terms[0]] = whole.get(terms[0], 0.0) + place.demand(program)
    return {group: part / whole[group] if whole[group] else 0.0 for group, part in own.items()}


def _generator(seed: str, grade: str) -> np.random.Generator:
    """Invented children need no public proof, so a library's generator will do; the draw never uses it."""
    digest = hashlib.sha256(f"{seed}|{grade}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))


def _lists(grade: _Grade, rng: np.random.Generator) -> list[list[int]]:
    """Each child's programs, best first."""
    count = len(grade.programs)
    most = min(MOST_CHOICES, count)
    slowness = np.exp(-grade.appeal).astype(np.float32)
    lengths = np.clip(rng.geometric(1 / grade.mean_length, grade.children), 1, most)
    rows = max(1, CHUNK // count)
    lists: list[list[int]] = []
    for begin in range(0, grade.children, rows):
        times = rng.standard_exponential((min(rows, grade.children - begin), count), dtype=np.float32) * slowness
        best = np.argpartition(times, most - 1, axis=1)[:, :most]
        order = np.argsort(np.take_along_axis(times, best, axis=1), axis=1)
        chosen = np.take_along_axis(best, order, axis=1).tolist()
        lists += [own[:length] for own, length in zip(chosen, lengths[begin:].tolist(), strict=False)]
    return lists


def _applications(place: Place, grades: dict[str, _Grade], seed: str) -> list[Application]:
    shares = _groups(place)
    known: dict[tuple[str, str | None, int | None], Choice] = {}
    made: list[Application] = []
    for name, grade in grades.items():
        rng = _generator(seed, name)
        lists = _lists(grade, rng)
        luck = rng.random((grade.children, len(shares) + 1))
        for at, own in enumerate(lists):
            labels = frozenset(g for g, share, u in zip(shares, shares.values(), luck[at], strict=False) if u < share)
            draws = rng.random((len(own), 2))
            choices = []
            for program, (first, second) in zip((grade.programs[x] for x in own), draws.tolist(), strict=True):
                rank = 1 + int(second * 1000) if program.screened else None
                key = (program.name, _priority(place, program, first), rank)
                if key not in known:
                    known[key] = Choice(key[0], frozenset() if key[1] is None else frozenset({key[1]}), rank)
                choices.append(known[key])
            made.append(Application(f"{name}-{at + 1:05}", name, tuple(choices), labels))
    return made


def _priority(place: Place, program: Program, luck: float) -> str | None:
    for name, share in place.shares.get(program.name, ()):
        if luck < share:
            return name
        luck -= share
    return None


def _listed(grades: dict[str, _Grade], seed: str) -> dict[str, float]:
    """How many children rank each program."""
    seen: dict[str, float] = {}
    for name, grade in grades.items():
        listed = [x for own in _lists(grade, _generator(seed, name)) for x in own]
        counts = np.bincount(np.array(listed, dtype=np.int64), minlength=len(grade.programs))
        seen.update(zip((program.name for program in grade.programs), counts.astype(float), strict=True))
    return seen


def _reached(place: Place, grades: dict[str, _Grade], rules: Rules, seed: str) -> dict[str, float]:
    """How many children come to each program's line in a draw: they rank it and get nothing better."""
    market = Market(place.programs, tuple(_applications(place, grades, seed)), rules)
    result = Result(market, Lottery(market).draw(seed))
    arrays = result.drawn.arrays
    came = np.arange(arrays.choices) <= result.reached[arrays.owner]
    counts = np.bincount(arrays.choice_program[came], minlength=len(market.programs))
    return {program.name: float(counts[at]) for at, program in enumerate(market.programs)}


def likely_children(place: Place) -> int:
    """A number of applicants that fits the published demand when nothing better is known: two and a half lines a child."""
    return max(1, math.ceil(sum(place.demand(program) for program in place.programs) / (2.5 if place.reached else 7.0)))
