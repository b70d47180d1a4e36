"""events.csv: one row a happening after the draw, in the order in which it happened; and the late applications it brings in."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from commonground.engines.lottery.events import OF_A_PROGRAM, Event, EventError, Happening, Replay, replay
from commonground.engines.lottery.files.applications import read_applications
from commonground.engines.lottery.files.cells import Cells, InputError, opened, problem
from commonground.engines.lottery.model import Application, Market
from commonground.engines.lottery.moves import MoveError, State
from commonground.engines.lottery.problems import MarketError
from commonground.tables import Column, Problem

EVENT_COLUMNS = (
    Column("event", required=True),
    Column("application", required=True),
    Column("program"),
)


def read_events(path: Path, *, encoding: str | None = None) -> tuple[tuple[Event, ...], list[int]]:
    """The events in order, and the row of each.

    Raises:
        InputError: with every problem found.
    """
    table, columns = opened(path, EVENT_COLUMNS, encoding)
    problems: list[Problem] = []
    events: list[Event] = []
    rows: list[int] = []
    for row in table:
        event = _event(Cells(table, row, columns, problems))
        if event is not None:
            events.append(event)
            rows.append(row.number)
    if problems:
        raise InputError(problems)
    return tuple(events), rows


def _event(cells: Cells) -> Event | None:
    name, number, program = cells.text("event").casefold(), cells.code("application"), cells.text("program")
    if name not in set(Happening):
        cells.blame("unknown_event", "event", name=cells.text("event"), known=", ".join(Happening))
        return None
    happening = Happening(name)
    if (happening in OF_A_PROGRAM) != bool(program):
        cells.blame("event_program" if not program else "event_no_program", "program", name=name)
        return None
    return Event(happening, number, program or None)


def event_rows(events: Iterable[Event]) -> Iterator[list[str]]:
    """Rows of events.csv, under `EVENT_COLUMNS`."""
    return ([str(event.happening), event.application, event.program or ""] for event in events)


def read_late(path: Path, state: State, *, encoding: str | None = None) -> tuple[Application, ...]:
    """Late or new applications, in the format of applications.csv, that fit what is already there.

    Raises:
        InputError: with every problem found.
    """
    offered = dict.fromkeys(state.programs, 0)
    new, rows = read_applications(path, ("programs.csv", offered), encoding=encoding)
    promised = [
        problem("late_guarantee", path.name, rows[application.number], "guaranteed")
        for application in new
        if application.guaranteed is not None
    ]
    if promised:
        raise InputError(promised)
    try:
        Market(tuple(state.programs.values()), (*state.applications.values(), *new), state.rules)
    except MarketError as error:
        faults = (
            problem("market", path.name, rows.get(fault.name), fault.field, message=fault.message, remedy=fault.remedy)
            for fault in error.problems
        )
        raise InputError(faults) from error
    return new


def replayed(
    path: Path, state: State, seed: str, late: Sequence[Application], *, encoding: str | None = None
) -> tuple[tuple[Event, ...], Replay]:
    """The events of a file, and what came of them.

    Raises:
        InputError: an event cannot be read, or does not fit the state it meets.
    """
    events, rows = read_events(path, encoding=encoding)
    try:
        return events, replay(state, seed, events, late)
    except EventError as error:
        raise InputError([problem("event", path.name, rows[error.place], detail=str(error))]) from error
    except MoveError as error:
        raise InputError([problem("event", path.name, detail=str(error))]) from error
