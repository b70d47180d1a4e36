"""What families did after the draw, in the order in which it happened, replayed step by step.

The same state, seed, late applications and events always lead to the same new state, so an outsider can repeat the replay.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from commonground.engines.lottery.checks import Check
from commonground.engines.lottery.model import Application
from commonground.engines.lottery.moves import (
    Moved,
    MoveError,
    Offer,
    Shift,
    State,
    accept,
    apply_late,
    decline,
    expire,
    withdraw,
)
from commonground.i18n import N_


class Happening(StrEnum):
    """What can happen to a seat after the draw."""

    ACCEPT = "accept"
    DECLINE = "decline"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"
    APPLY = "apply"


# These concern one program; the others the whole application.
OF_A_PROGRAM: Mapping[Happening, Callable[[State, str, str], tuple[State, Moved]]] = {
    Happening.ACCEPT: accept,
    Happening.DECLINE: decline,
    Happening.EXPIRE: expire,
}


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the events file. `program` is None when the event concerns the whole application."""

    happening: Happening
    application: str
    program: str | None = None

    def __post_init__(self) -> None:
        if self.happening in OF_A_PROGRAM and self.program is None:
            raise MoveError(f"“{self.happening}” needs the program whose seat it is about.")
        if self.happening not in OF_A_PROGRAM and self.program is not None:
            raise MoveError(f"“{self.happening}” is about the whole application: leave the program empty.")


class EventError(MoveError):
    """An event that does not fit the state it meets; `place` counts from 0."""

    def __init__(self, place: int, message: str) -> None:
        self.place = place
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Step:
    """An event and what followed from it. `passed_over`: a child who stood ahead of one who got an offer, which must not be."""

    event: Event
    moved: tuple[Offer | Shift, ...]
    passed_over: str | None


@dataclass(frozen=True, slots=True)
class Replay:
    """The states before and after, and every step between them."""

    before: State
    after: State
    steps: tuple[Step, ...]


def replay(state: State, seed: str, events: Sequence[Event], late: Sequence[Application] = ()) -> Replay:
    """Let the events happen one after another.

    Args:
        seed: the seed of the draw, from which late applications get their numbers. late: those that “apply” brings in.

    Raises:
        EventError: an event does not fit, with its place.
        MoveError: a late application never applies.
    """
    before, waiting, steps = state, {application.number: application for application in late}, []
    for place, event in enumerate(events):
        try:
            state, moved = _happen(state, seed, event, waiting)
        except MoveError as error:
            raise EventError(place, str(error)) from error
        steps.append(Step(event, tuple(moved), _passed_over(state, moved)))
    if waiting:
        raise MoveError(f"Late application {min(waiting)} has no event “apply”. Say when it came.")
    return Replay(before, state, tuple(steps))


def _happen(state: State, seed: str, event: Event, late: dict[str, Application]) -> tuple[State, Moved]:
    if event.program is not None:
        return OF_A_PROGRAM[event.happening](state, event.application, event.program)
    if event.happening is Happening.WITHDRAW:
        return withdraw(state, event.application)
    if event.application not in late:
        raise MoveError(f"Application {event.application} is not among the late applications.")
    return apply_late(state, late.pop(event.application), seed)


def _passed_over(state: State, moved: Moved) -> str | None:
    """Somebody who still waits without an offer although it stands ahead of a child that has just been made one."""
    for offer in moved:
        pool = state.offers.get((offer.application, offer.program))
        if not isinstance(offer, Offer) or pool is None:
            continue
        own = state.keys[offer.program][offer.application][pool]
        for key, who in state.line(offer.program, pool):
            if key < own and (who, offer.program) not in state.offers:
                return who
    return None


def checks_of(done: Replay) -> list[Check]:
    """Every check of the moves with its outcome; like those of a draw, they look at the outcome only."""
    found = []
    for name, promise, look in _CHECKS:
        breach = look(done)
        found.append(Check(name, breach is None, promise if breach is None else breach))
    return found


def _accounted(done: Replay) -> str | None:
    state = done.after
    for number, (program, pool) in state.held.items():
        if pool not in state.keys[program].get(number, {}):
            return f"Application {number} holds a seat of {program}, {pool}, that is not open to it."
    lost = done.before.applications.keys() - state.applications.keys()
    return f"Application {min(lost)} is no longer there." if lost else None


def _feasible(done: Replay) -> str | None:
    state = done.after
    used = dict(state.free)
    for seat in (*state.held.values(), *((program, pool) for (_, program), pool in state.offers.items())):
        used[seat] += 1
    for name, program in state.programs.items():
        for pool in program.pools:
            if state.free[name, pool.name] < 0 or used[name, pool.name] != pool.seats:
                return f"{name}, {pool.name}: {used[name, pool.name]} of {pool.seats} seats are accounted for."
    return None


def _nothing_wasted(done: Replay) -> str | None:
    state = done.after
    for (program, pool), free in state.free.items():
        waits = [who for _, who in state.line(program, pool) if (who, program) not in state.offers] if free else []
        if waits:
            return f"{program}, {pool}: a seat is free although {waits[0]} waits for it."
    return None


def _nobody_passed_over(done: Replay) -> str | None:
    wronged = next((step.passed_over for step in done.steps if step.passed_over is not None), None)
    return None if wronged is None else f"Application {wronged} was passed over."


def _kept(done: Replay) -> str | None:
    """Whoever held a seat holds it still, or one ranked higher, unless the family itself gave it up."""
    own = {(step.event.application, step.event.program) for step in done.steps}
    for number, (program, _) in done.before.held.items():
        now = done.after.held.get(number)
        listed = [choice.program for choice in done.after.applications[number].choices]
        kept = now is not None and listed.index(now[0]) <= listed.index(program)
        if not kept and (number, None) not in own and not any((number, name) in own for name in listed):
            return f"Application {number} lost its seat of {program}."
    return None


_CHECKS: tuple[tuple[str, str, Callable[[Replay], str | None]], ...] = (
    ("accounted", N_("Every child is accounted for, with at most one seat."), _accounted),
    ("feasible", N_("Every seat is held, offered or free, and no seat is counted twice."), _feasible),
    ("nothing wasted", N_("No seat is free while a child who may have it waits."), _nothing_wasted),
    ("in line", N_("Every offer went to the first in line."), _nobody_passed_over),
    ("kept", N_("Nobody lost a seat that the family did not give up."), _kept),
)
