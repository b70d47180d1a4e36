"""Checks that run on every result before it may be published. They look at the outcome only, never at how it was reached."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from commonground.engines.lottery.lines import CLOSED
from commonground.engines.lottery.model import Linked
from commonground.engines.lottery.results import HALF, Result
from commonground.engines.lottery.standing import LATE, MEMBER, OTHER, TIER_SHIFT
from commonground.i18n import N_


@dataclass(frozen=True, slots=True)
class Check:
    """One promise of the rules: does the result keep it? `detail` names the first breach, or what was looked at."""

    name: str
    holds: bool
    detail: str


class PublicationStoppedError(RuntimeError):
    """A check failed, so the result may not be published."""


def _accounted(result: Result) -> str | None:
    drawn, arrays = result.drawn, result.drawn.arrays
    if not len(drawn.choice) == len(drawn.pool) == arrays.applications == len(result.applications):
        return "The result has more or fewer children than the applications."
    if ((drawn.choice < 0) != (drawn.pool < 0)).any():
        return "A child has a program without a seat, or a seat without a program."
    seated = np.flatnonzero(drawn.choice >= 0)
    wrong = seated[arrays.owner[drawn.choice[seated]] != seated]
    return f"Application {result.applications[wrong[0]].number} got a choice of another." if len(wrong) else None


def _feasible(result: Result) -> str | None:
    over = np.flatnonzero(result.filled > result.seats)
    if len(over):
        program, pool = result.pools[over[0]]
        return f"{program.name}, {pool.name}: {result.filled[over[0]]} children on {result.seats[over[0]]} seats."
    outside = np.flatnonzero(result.lines.entry_key[result.held] == CLOSED)
    if len(outside):
        program, pool = result.pools[result.lines.entry_pool[result.held[outside[0]]]]
        return f"{program.name}, {pool.name}: a child who may not enter has a seat."
    return None


def _no_justified_envy(result: Result) -> str | None:
    """Nobody stands at or before the cutoff of a pool, or before free seats, at a program it ranked above its match."""
    lines, owner = result.lines, result.drawn.arrays.owner
    above = lines.entry_choice < result.reached[owner[lines.entry_choice]]
    wronged = np.flatnonzero(above & (lines.entry_key <= result.bars[lines.entry_pool]))
    if not len(wronged):
        return None
    child = result.applications[owner[lines.entry_choice[wronged[0]]]].number
    program, pool = result.pools[lines.entry_pool[wronged[0]]]
    return f"Application {child} should have a seat of {program.name}, {pool.name}."


def _reserves(result: Result) -> str | None:
    """No seat of a group's pool is held from outside the group while a child of the group would rather have it.

    A late child of the group comes after others who came in time, where the rules say so.
    """
    lines, owner = result.lines, result.drawn.arrays.owner
    tier = (lines.entry_key >> HALF) >> np.uint64(TIER_SHIFT)
    outside = result.held[np.isin(tier[result.held], (OTHER, OTHER + LATE))]
    worst = np.zeros(len(result.seats), np.uint64)  # the last tier from outside the group that sits in each pool
    np.maximum.at(worst, lines.entry_pool[outside], tier[outside])
    taken = worst > 0
    hard = np.array([pool.hard for _, pool in result.pools], dtype=bool)
    if (taken & hard).any():
        program, pool = result.pools[int(np.flatnonzero(taken & hard)[0])]
        return f"{program.name}, {pool.name}: a hard reserve is held from outside its group."
    wants = (lines.entry_choice < result.reached[owner[lines.entry_choice]]) & np.isin(tier, (0, MEMBER, MEMBER + LATE))
    broken = np.flatnonzero(wants & (tier < worst[lines.entry_pool]))
    if not len(broken):
        return None
    program, pool = result.pools[lines.entry_pool[broken[0]]]
    return f"{program.name}, {pool.name}: a child of the group waits while one from outside holds a seat."


def _guarantees(result: Result) -> str | None:
    for at, application in enumerate(result.applications):
        if application.guaranteed is None:
            continue
        promised = next(
            i for i, choice in enumerate(application.choices, 1) if choice.program == application.guaranteed
        )
        got = result.rank_of(at)
        if got is None or got > promised:
            return f"Application {application.number} did not keep its guaranteed seat at {application.guaranteed}."
    return None


def _cutoffs_reproduce(result: Result) -> str | None:
    """Reading only the cutoffs, every child gets exactly what the draw gave it."""
    lines, arrays = result.lines, result.drawn.arrays
    admits = np.flatnonzero(lines.entry_key <= result.bars[lines.entry_pool])
    got = np.full(arrays.applications, arrays.choices, np.int64)
    np.minimum.at(got, arrays.owner[lines.entry_choice[admits]], lines.entry_choice[admits])
    differs = np.flatnonzero(np.where(got == arrays.choices, -1, got) != result.drawn.choice)
    return (
        f"Application {result.applications[differs[0]].number}: the cutoffs give another result."
        if len(differs)
        else None
    )


def _together(result: Result) -> str | None:
    if result.market.rules.linked is not Linked.TOGETHER:
        return None
    schools = {program.name: program.school for program in result.market.programs}
    groups: dict[str, set[str | None]] = defaultdict(set)
    kept: set[str] = set()
    for at, application in enumerate(result.applications):
        if application.linked is not None:
            program = result.program_of(at)
            groups[application.linked].add(None if program is None else schools[program])
            if program is not None and program == application.guaranteed:
                kept.add(application.linked)
    parted = [link for link, found in groups.items() if len(found) > 1 and link not in kept]
    return f"Linked group {parted[0]} is parted." if parted else None


_CHECKS: tuple[tuple[str, str, Callable[[Result], str | None]], ...] = (
    ("accounted", N_("Every child is accounted for, with at most one seat."), _accounted),
    ("feasible", N_("No seat pool is overfull, and all who sit in one may enter it."), _feasible),
    ("no justified envy", N_("Nobody was passed over for a seat by someone who stands behind."), _no_justified_envy),
    ("reserves", N_("Seats set aside went to their groups first."), _reserves),
    ("guarantees", N_("Every guaranteed seat was kept or bettered."), _guarantees),
    ("cutoffs", N_("The cutoffs alone give every child the same result."), _cutoffs_reproduce),
    ("together", N_("No linked group that asked to stay together is parted."), _together),
)


def checks(result: Result) -> list[Check]:
    """Every check with its outcome."""
    found = []
    for name, promise, look in _CHECKS:
        breach = look(result)
        found.append(Check(name, breach is None, promise if breach is None else breach))
        if name in {"accounted", "feasible"} and breach is not None:
            break  # the other checks read a result that makes sense
    return found


def must_hold(found: list[Check]) -> None:
    """Let nothing pass that broke a promise.

    Raises:
        PublicationStoppedError: naming every check that failed.
    """
    broken = [f"{check.name}: {check.detail}" for check in found if not check.holds]
    if broken:
        raise PublicationStoppedError("The result may not be published. " + " ".join(broken))
