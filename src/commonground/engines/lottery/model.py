"""The market: what families ask for, what schools offer, and the rules that join the two.

A *program* is one entry point of a school (school x grade x program). Its seats lie in one or more *seat pools*; a seat
pool may be set aside for a group. Its *priority classes*, best first, say who comes before whom; inside a class the
lottery number decides, or, in a screened program, the school's own ranking. An *application* is one child in one grade,
with choices in the family's order.

Who someone is at a program is told by *labels* ("sibling", "zone", "equitable access"). A priority class is a label, or
several joined by "+" when a child must have them all ("zone+sibling"); "not zone" asks that a label be absent. Labels
come from the application (true everywhere) or from one choice (true at that program).

Every value is frozen and checked at birth: a wrong one cannot exist. Checks that need the whole market are in `checked`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from commonground.engines.lottery.problems import MarketError, Problem

OPEN = "open"
NO_PRIORITY = "no priority"
GUARANTEED = "guaranteed seat"
# A ticket's message joins the application's number and the school with this sign, so neither may hold it.
SEPARATOR = "|"
# The compiled draw packs a priority class and a school's rank into one number with this much room for each.
CLASS_BITS, RANK_BITS = 9, 20
MOST_CLASSES, MOST_RANK = (1 << CLASS_BITS) - 1, (1 << RANK_BITS) - 1


class Numbers(StrEnum):
    """Does a child draw one number for all schools, or one for each school?"""

    SINGLE = "single"
    PER_SCHOOL = "per_school"


class Linked(StrEnum):
    """What a linked group (twins, say) is promised.

    `SHARED_NUMBER`: its members draw the same number, so they stand side by side in every line.
    `TOGETHER`: also, a seat that would part them is given up, and the search goes on without it.
    """

    SHARED_NUMBER = "shared_number"
    TOGETHER = "together"


class Mechanism(StrEnum):
    """`DEFERRED_ACCEPTANCE` decides; the others are comparisons for policy work and decide nothing."""

    DEFERRED_ACCEPTANCE = "deferred_acceptance"
    TOP_TRADING_CYCLES = "top_trading_cycles"
    IMMEDIATE_ACCEPTANCE = "immediate_acceptance"
    EFFICIENCY_ADJUSTED = "efficiency_adjusted"


NOT = "not "


def terms_of(priority: str) -> list[str]:
    """The conditions that a priority class or group joins: "zone+sibling" asks for both, "not zone" for its absence."""
    return [part.strip() for part in priority.split("+")]


def holds(priority: str, labels: frozenset[str]) -> bool:
    """Does a child with these labels meet a priority class or belong to a group?"""
    return all(
        term.removeprefix(NOT) not in labels if term.startswith(NOT) else term in labels for term in terms_of(priority)
    )


def _refuse(kind: str, name: str, field_name: str, message: str, remedy: str) -> None:
    raise MarketError([Problem(kind, name, field_name, message, remedy)])


@dataclass(frozen=True, slots=True)
class SeatPool:
    """Seats of one program that are filled together, in the order that the program's pools are listed (its precedence).

    `group` None: open to all. With a group: a *soft* pool seats its group first and then anyone; a *hard* pool keeps a
    seat empty rather than give it to someone outside the group. `classes` replaces the program's priority classes in
    this pool only (an in-boundary pool may order siblings differently from the rest).
    """

    name: str
    seats: int
    group: str | None = None
    hard: bool = False
    classes: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.seats < 0:
            _refuse("seat pool", self.name, "seats", f"{self.seats} seats is below zero.", "Write 0 or more.")
        if self.hard and self.group is None:
            _refuse(
                "seat pool", self.name, "hard", "It is hard but names no group.", "Name the group, or make it open."
            )


@dataclass(frozen=True, slots=True)
class Program:
    """One entry point of a school: school x grade x program.

    `pools` in precedence order; left out, all seats are one open pool. The pools' seats add up to `seats`.
    `screened`: inside a class the school's own ranking decides, and a child whom the school did not rank is not eligible.
    """

    name: str
    school: str
    grade: str
    seats: int
    classes: tuple[str, ...] = ()
    pools: tuple[SeatPool, ...] = ()
    screened: bool = False

    def __post_init__(self) -> None:
        if self.seats < 0:
            _refuse("program", self.name, "seats", f"{self.seats} seats is below zero.", "Write 0 or more.")
        if not self.pools:
            object.__setattr__(self, "pools", (SeatPool(OPEN, self.seats),))
        self._check_pools()
        for order in (self.classes, *(pool.classes or () for pool in self.pools)):
            if len(set(order)) < len(order):
                _refuse("program", self.name, "priorities", "A priority is listed twice.", "List each one once.")
            if len(order) > MOST_CLASSES:
                message = f"{len(order)} priorities are listed; {MOST_CLASSES} is the most."
                _refuse("program", self.name, "priorities", message, "Join some of them.")

    def _check_pools(self) -> None:
        names = [pool.name for pool in self.pools]
        if len(set(names)) < len(names):
            _refuse("program", self.name, "pools", "Two seat pools have one name.", "Give each its own.")
        total = sum(pool.seats for pool in self.pools)
        reserved = sum(pool.seats for pool in self.pools if pool.group is not None)
        if reserved > self.seats:
            message = f"{reserved} seats are set aside but the program has {self.seats}."
            _refuse("program", self.name, "pools", message, "Set aside fewer, or add seats.")
        if total != self.seats:
            message = f"The seat pools hold {total} seats but the program has {self.seats}."
            _refuse("program", self.name, "pools", message, "Make the two agree.")

    @property
    def labels(self) -> frozenset[str]:
        """Every label that matters at this program."""
        priorities = {*self.classes, *(name for pool in self.pools for name in pool.classes or ())}
        groups = {pool.group for pool in self.pools if pool.group is not None}
        return frozenset(term.removeprefix(NOT) for name in priorities | groups for term in terms_of(name))


@dataclass(frozen=True, slots=True)
class Choice:
    """A program on a family's list: the labels that are true there, the school's ranking if it screens, eligibility."""

    program: str
    labels: frozenset[str] = frozenset()
    school_rank: int | None = None
    eligible: bool = True

    def __post_init__(self) -> None:
        if self.school_rank is not None and not 1 <= self.school_rank <= MOST_RANK:
            message = f"{self.school_rank} is no rank: a school ranks from 1 to {MOST_RANK}."
            _refuse("choice", self.program, "school_rank", message, "Number the ranked children 1, 2, 3.")


@dataclass(frozen=True, slots=True)
class Application:
    """One child's application: choices in the family's order.

    `labels` are true at every program. `guaranteed` names the program whose seat the child keeps unless it gets one that
    the family ranked higher; if it is not on the list it stands after the last choice. `older_siblings` are the
    numbers of the applications of older children of the family. `linked` names a group of applications that want the
    same school. `late`: it came after the deadline.
    """

    number: str
    grade: str
    choices: tuple[Choice, ...]
    labels: frozenset[str] = frozenset()
    guaranteed: str | None = None
    older_siblings: tuple[str, ...] = ()
    linked: str | None = None
    late: bool = False

    def __post_init__(self) -> None:
        if not self.number or SEPARATOR in self.number:
            _refuse(
                "application",
                self.number,
                "application",
                f"A number may not be empty or hold “{SEPARATOR}”.",
                "Renumber it.",
            )
        programs = [choice.program for choice in self.choices]
        if len(set(programs)) < len(programs):
            twice = next(name for name in programs if programs.count(name) > 1)
            message = f"Program {twice} is ranked more than once."
            _refuse("application", self.number, "program", message, "Keep the highest rank only.")
        if self.guaranteed is not None and self.guaranteed not in programs:
            object.__setattr__(self, "choices", (*self.choices, Choice(self.guaranteed)))


def older_ones(application: Application, by_number: Mapping[str, Application]) -> list[str]:
    """The older siblings that a child names, then those whom they name, and so on; each once, unknown ones left out."""
    found: list[str] = []
    waiting = list(application.older_siblings)
    while waiting:
        older = waiting.pop(0)
        if older in by_number and older not in found:
            found.append(older)
            waiting += by_number[older].older_siblings
    return found


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one run, published before it.

    `grades`: oldest first, the order in which grades are drawn; grades not named come after, in the order of their
    first program. `sibling_offered` is the label that a younger child gains at a school that an older sibling was
    matched to in this run; None means that such a match changes nothing. `groups`: labels that only the report uses.
    `keep_numbers`: does a second round keep the first round's numbers? `late_in_place`: does a late application stand
    among the others by its number (else behind all who came in time)? `rehearsal`: the children are invented, so that
    their exact counts may stand beside published ones.
    """

    numbers: Numbers = Numbers.SINGLE
    linked: Linked = Linked.SHARED_NUMBER
    grades: tuple[str, ...] = ()
    sibling_offered: str | None = None
    groups: tuple[str, ...] = ()
    most_choices: int | None = None
    keep_numbers: bool = True
    late_in_place: bool = False
    mechanism: Mechanism = Mechanism.DEFERRED_ACCEPTANCE
    rehearsal: bool = False

    def behind(self, application: Application) -> bool:
        """Does this application stand behind all who came in time?"""
        return application.late and not self.late_in_place


@dataclass(frozen=True, slots=True)
class Market:
    """Programs, applications and rules that fit together; born only when every check passes."""

    programs: tuple[Program, ...]
    applications: tuple[Application, ...]
    rules: Rules = field(default_factory=Rules)

    def __post_init__(self) -> None:
        from commonground.engines.lottery.checked import problems_of  # the checks need this module's names

        problems = problems_of(self.programs, self.applications, self.rules)
        if problems:
            raise MarketError(problems)
