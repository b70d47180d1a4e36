"""A market so large that chance averages out: cutoffs of the continuum (Azevedo & Leshno 2016; Abdulkadiroğlu, Che & Yasuda 2015).

Children come in kinds, each with a mass, a list of programs and a priority class at each. A lottery number is uniform on
0 to 1, smaller first. A child of class c with number u stands at c + u; a program admits all who stand at or before its
cutoff. The cutoffs found are the children's best: start with every program open to all and let each, in turn, close
just as far as its seats require; that only ever sends more children elsewhere, so the cutoffs fall to a limit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Cutoffs = dict[str, float]


@dataclass(frozen=True, slots=True)
class Kind:
    """Children who are alike: their mass and the (program, priority class) pairs they rank, class 0 first in line."""

    mass: float
    choices: tuple[tuple[str, int], ...]


def admitted(kind: Kind, cutoffs: Mapping[str, float], single: bool) -> dict[str, float]:
    """The chance of each program for one kind of child under these cutoffs."""
    chances: dict[str, float] = {}
    reached, left = 0.0, 1.0
    for program, priority in kind.choices:
        share = min(1.0, max(0.0, cutoffs[program] - priority))
        if single:
            chances[program] = max(0.0, share - reached)
            reached = max(reached, share)
        else:
            chances[program] = left * share
            left *= 1 - share
    return chances


def demand(kinds: Sequence[Kind], program: str, cutoffs: Mapping[str, float], single: bool) -> float:
    """The mass of children that a program admits under these cutoffs."""
    return sum(kind.mass * admitted(kind, cutoffs, single).get(program, 0.0) for kind in kinds)


def cutoffs_of(
    kinds: Sequence[Kind], seats: Mapping[str, float], *, single: bool = True, close_enough: float = 1e-12
) -> Cutoffs:
    """The cutoff of every program; a program that can take everyone who asks has one above its last class.

    Args:
        seats: each program's seats, in the unit of the kinds' masses. single: one number for all programs, or one each.
    """
    classes = 1 + max((priority for kind in kinds for _, priority in kind.choices), default=0)
    cutoffs = dict.fromkeys(seats, float(classes))
    asking = {program: [kind for kind in kinds if program in dict(kind.choices)] for program in seats}
    moved = 1.0
    while moved > close_enough:
        moved = 0.0
        for program, places in seats.items():
            lower = _close(asking[program], program, cutoffs, places, single)
            moved = max(moved, cutoffs[program] - lower)
            cutoffs[program] = lower
    return cutoffs


def _close(kinds: Sequence[Kind], program: str, cutoffs: Cutoffs, places: float, single: bool) -> float:
    """The highest cutoff, at most the present one, that does not overfill the program; demand rises with it in straight pieces."""
    if demand(kinds, program, cutoffs, single) <= places:
        return cutoffs[program]
    trial = dict(cutoffs)
    low, high = 0.0, cutoffs[program]
    for bend in sorted(_bends(kinds, program, cutoffs)):
        if not low < bend < high:
            continue
        trial[program] = bend
        low, high = (bend, high) if demand(kinds, program, trial, single) <= places else (low, bend)
    ends = []
    for end in (low, high):
        trial[program] = end
        ends.append(demand(kinds, program, trial, single))
    return low if ends[1] <= ends[0] else low + (high - low) * (places - ends[0]) / (ends[1] - ends[0])


def _bends(kinds: Sequence[Kind], program: str, cutoffs: Cutoffs) -> set[float]:
    """Where demand may change its slope: at class borders and where a better choice stops admitting."""
    found: set[float] = set()
    for kind in kinds:
        own = dict(kind.choices)[program]
        found |= {float(own), float(own + 1)}
        found |= {
            own + min(1.0, max(0.0, cutoffs[other] - priority)) for other, priority in kind.choices if other != program
        }
    return found
