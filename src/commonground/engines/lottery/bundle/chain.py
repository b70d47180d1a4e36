"""Bundles that follow another: what happened after a draw, and a second round.

Such a bundle holds the one before it whole, in the folder `previous`, and names its manifest's digest and its root. So
whoever has the last bundle can check the whole chain, from the first draw to the seat that a child holds now.
"""

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from commonground.engines.lottery.bundle.contents import (
    CHECKS,
    COUNTS,
    MANIFEST,
    RESULT_COLUMNS,
    RESULTS,
    ROOT,
    WAITING,
    as_json,
    checks_table,
    salt_key,
    table,
)
from commonground.engines.lottery.bundle.counts import (
    WITHHELD,
    ranks_shown,
    shown_groups,
    small,
    withhold,
)
from commonground.engines.lottery.bundle.merkle import levels, proof
from commonground.engines.lottery.events import Event, Happening, Replay, checks_of
from commonground.engines.lottery.files import APPLICATION_COLUMNS, application_rows
from commonground.engines.lottery.files.events import EVENT_COLUMNS, event_rows
from commonground.engines.lottery.model import Application, Numbers
from commonground.engines.lottery.moves import Offer
from commonground.engines.lottery.standing import Standing, ranked_name
from commonground.engines.lottery.tickets import number_of

PREVIOUS = "previous/"
LINK, SEATS = "published/previous.json", "published/seats.csv"
EVENTS, LATE, JOURNAL = "auditors/events.csv", "auditors/late.csv", "auditors/journal.csv"
MOVES, SECOND_ROUND = "moves", "second round"
SEAT_COLUMNS = ("program", "pool", "seats", "held", "offered", "free", "waiting")


def link(previous: Mapping[str, bytes], kind: str) -> dict[str, bytes]:
    """The bundle before, file by file under `previous`, and the record that ties this one to it."""
    record = {
        "kind": kind,
        "manifest_sha256": hashlib.sha256(previous[MANIFEST]).hexdigest(),
        "root": root_of_bundle(previous),
    }
    return {LINK: as_json(record), **{PREVIOUS + name: data for name, data in previous.items()}}


def root_of_bundle(files: Mapping[str, bytes]) -> str:
    """The published root of a bundle."""
    return str(json.loads(files[ROOT])["root"])


def late_file(applications: Sequence[Application]) -> dict[str, bytes]:
    """Late or new applications as they were read; no file when there are none."""
    return {LATE: applications_table(applications)} if applications else {}


def applications_table(applications: Iterable[Application]) -> bytes:
    """Applications in the format of applications.csv."""
    return table([column.name for column in APPLICATION_COLUMNS], application_rows(applications))


class Moves:
    """The files of a bundle of moves but the report, made from the replay alone."""

    def __init__(self, done: Replay, events: Sequence[Event], late: Sequence[Application], seed: str) -> None:
        self.done, self.events, self.late, self.seed = done, events, late, seed
        self.state = done.after

    def files(self) -> dict[str, bytes]:
        """Name -> bytes of every file that the bundle before and the events determine."""
        return {
            COUNTS: as_json(self._counts()),
            CHECKS: checks_table(checks_of(self.done)),
            ROOT: as_json({"applications": len(self.numbers), "root": self.root}),
            SEATS: table(SEAT_COLUMNS, self.seat_rows()),
            EVENTS: table([column.name for column in EVENT_COLUMNS], event_rows(self.events)),
            **late_file(self.late),
            JOURNAL: table(("event", "application", "what", "program", "pool"), self._journal()),
            RESULTS: table(RESULT_COLUMNS, self._results()),
            WAITING: table(("program", "pool", "position", "application", "priority", "number"), self._waiting()),
        }

    @cached_property
    def numbers(self) -> list[str]:
        return list(self.state.applications)

    @cached_property
    def lines(self) -> dict[tuple[str, str], list[tuple[tuple[int, str], str]]]:
        """The waiting list before every pool."""
        return {seat: self.state.line(*seat) for seat in self.state.free}

    @cached_property
    def places(self) -> dict[str, list[tuple[str, str, int]]]:
        """For every child where it waits: program, pool, position from 1."""
        found: dict[str, list[tuple[str, str, int]]] = {number: [] for number in self.numbers}
        for (program, pool), line in self.lines.items():
            for at, (_, who) in enumerate(line, 1):
                found[who].append((program, pool, at))
        return found

    @cached_property
    def _salt_key(self) -> bytes:
        frozen = applications_table(self.state.applications.values())
        return salt_key(frozen + table((), event_rows(self.events)))

    def leaf(self, number: str) -> bytes:
        """What the tree holds of one child: the seat it holds, its offers, where it waits, and its salt."""
        offers = sorted(program for who, program in self.state.offers if who == number)
        leaf = {
            "application": number,
            "holds": self.state.held.get(number),
            "numbers": self.lottery_numbers(number),
            "offers": offers,
            "salt": hmac.digest(self._salt_key, number.encode(), "sha256").hex()[:32],
            "waiting": self.places[number],
            "withdrawn": number in self.state.gone,
        }
        return json.dumps(leaf, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    def lottery_numbers(self, number: str) -> dict[str, str]:
        """A child's number at every program on its list."""
        application, single = self.state.applications[number], self.state.rules.numbers is Numbers.SINGLE
        schools = {c.program: None if single else self.state.programs[c.program].school for c in application.choices}
        return {program: number_of(self.seed, application, school) for program, school in schools.items()}

    @cached_property
    def tree(self) -> list[list[bytes]]:
        return levels([self.leaf(number) for number in self.numbers])

    @property
    def root(self) -> str:
        return self.tree[-1][0].hex()

    def proof(self, number: str) -> list[tuple[str, str]]:
        """The hashes beside a child's way to the root."""
        return proof(self.tree, self.numbers.index(number))

    def happenings(self) -> dict[Happening, str]:
        """How often each kind of event came, small numbers as such."""
        counts = Counter(event.happening for event in self.events)
        return {happening: small(counts[happening]) for happening in Happening}

    def rank_of(self, number: str) -> int:
        """Which of its choices a child holds, 0 for none."""
        seat = self.state.held.get(number)
        listed = [choice.program for choice in self.state.applications[number].choices]
        return 0 if seat is None else listed.index(seat[0]) + 1

    def _counts(self) -> dict[str, Any]:
        here = [number for number in self.numbers if number not in self.state.gone]
        ranks = [self.rank_of(number) for number in here]
        labels = [self.state.applications[number].labels for number in here]
        events = {str(happening): count for happening, count in self.happenings().items()}
        return {"by_choice": ranks_shown(ranks), "by_group": shown_groups(labels, ranks), "events": events}

    def seat_rows(self) -> list[tuple[object, ...]]:
        """Every pool: seats, held, offered, free, waiting; small counts withheld."""
        held = Counter(self.state.held.values())
        offered = Counter((program, pool) for (_, program), pool in self.state.offers.items())
        rows: list[tuple[object, ...]] = []
        for name, program in self.state.programs.items():
            for pool in program.pools:
                seat = (name, pool.name)
                parts = {"held": held[seat], "offered": offered[seat], "free": self.state.free[seat]}
                # A pool that is all held is full, as its cutoff in the draw may tell already: nothing to hide.
                shown = dict(parts) if held[seat] == pool.seats else dict(withhold(parts))
                waits = small(len(self.lines[seat]))
                rows.append((*seat, pool.seats, *(WITHHELD if n is None else n for n in shown.values()), waits))
        return rows

    def _journal(self) -> Iterable[tuple[object, ...]]:
        for at, step in enumerate(self.done.steps, 1):
            yield at, step.event.application, str(step.event.happening), step.event.program, ""
            for moved in step.moved:
                what = "offer" if isinstance(moved, Offer) else "shift"
                yield at, moved.application, what, moved.program, moved.pool

    def _results(self) -> Iterable[tuple[object, ...]]:
        for number in self.numbers:
            for rank, choice in enumerate(self.state.applications[number].choices, 1):
                yield number, rank, choice.program, *self.outcome(number, choice.program)
            if not self.state.applications[number].choices:
                yield number, "", "", "no choices", ""

    def outcome(self, number: str, program: str) -> tuple[str, str | None]:
        """How one choice of a child stands now, and the seat pool."""
        if number in self.state.gone:
            return "withdrawn", None
        if self.state.holds(number, program):
            return "holds", self.state.held[number][1]
        offered = self.state.offers.get((number, program))
        if offered is not None:
            return "offered", offered
        return ("waits", None) if number in self.state.keys[program] else ("not asked for", None)

    def _waiting(self) -> Iterable[tuple[object, ...]]:
        for (name, pool_name), line in self.lines.items():
            program = self.state.programs[name]
            pool = next(pool for pool in program.pools if pool.name == pool_name)
            for at, ((rank, number), who) in enumerate(line, 1):
                yield name, pool_name, at, who, ranked_name(program, pool, Standing.unpacked(rank)), number


def second_round_files(previous: Mapping[str, bytes], new: Sequence[Application]) -> dict[str, bytes]:
    """What a second round's bundle holds besides a draw's: the bundle before, and the new applications."""
    return {**link(previous, SECOND_ROUND), **late_file(new)}
