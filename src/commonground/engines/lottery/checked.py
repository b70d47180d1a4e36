"""Checks that need the whole market: does everything that is named exist, and can every promise be kept?"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from commonground.engines.lottery.model import SEPARATOR, Application, Program, Rules, SeatPool, holds, older_ones
from commonground.engines.lottery.problems import Problem


def problems_of(programs: Sequence[Program], applications: Sequence[Application], rules: Rules) -> list[Problem]:
    """Everything wrong with the market, in the order of the input; empty when it can be drawn."""
    by_name = {program.name: program for program in programs}
    by_number = {application.number: application for application in applications}
    return [
        *_programs(programs),
        *_repeated("application", "application", [application.number for application in applications]),
        *_choices(applications, by_name, rules),
        *_guarantees(applications, by_name),
        *_siblings(applications, by_number, grade_order(programs, rules)),
        *_links(applications),
    ]


def grade_order(programs: Sequence[Program], rules: Rules) -> dict[str, int]:
    """Grade -> place in the draw, oldest first: the rules' list, then the other grades as the programs name them."""
    order = dict.fromkeys((*rules.grades, *(program.grade for program in programs)))
    return {grade: place for place, grade in enumerate(order)}


def _repeated(kind: str, field: str, names: Sequence[str]) -> Iterator[Problem]:
    for name, times in Counter(names).items():
        if times > 1:
            yield Problem(kind, name, field, f"It appears {times} times.", "Keep one.")


def _programs(programs: Sequence[Program]) -> Iterator[Problem]:
    yield from _repeated("program", "program", [program.name for program in programs])
    for program in programs:
        if SEPARATOR in program.school:
            yield Problem(
                "program", program.name, "school", f"A school's code may not hold “{SEPARATOR}”.", "Rename it."
            )


def _choices(applications: Sequence[Application], programs: Mapping[str, Program], rules: Rules) -> Iterator[Problem]:
    known = frozenset(rules.groups).union(*(program.labels for program in programs.values()))
    if rules.sibling_offered is not None:
        known |= {rules.sibling_offered}
    for application in applications:
        yield from _labels(application, application.labels, known)
        # A guaranteed seat that the family did not rank stands after its list and takes no place of it.
        listed = [choice.program for choice in application.choices]
        ranked = len(listed) - (listed[-1:] == [application.guaranteed])
        if rules.most_choices is not None and ranked > rules.most_choices:
            message = f"{len(application.choices)} choices, but the rules allow {rules.most_choices}."
            yield Problem("application", application.number, "rank", message, "Shorten the list.")
        for choice in application.choices:
            program = programs.get(choice.program)
            if program is None:
                message = f"There is no program “{choice.program}”."
                yield Problem(
                    "application", application.number, "program", message, "Use a code from the programs file."
                )
            elif program.grade != application.grade:
                message = f"Program {program.name} is for grade {program.grade}, not grade {application.grade}."
                yield Problem("application", application.number, "grade", message, "Correct the grade or the choice.")
            if not choice.labels <= known:
                yield from _labels(application, choice.labels, known)


def _labels(application: Application, labels: frozenset[str], known: frozenset[str]) -> Iterator[Problem]:
    for label in sorted(labels - known):
        message = f"There is no priority or group “{label}”."
        yield Problem(
            "application", application.number, "priorities", message, f"Use one of: {', '.join(sorted(known))}."
        )


def _guarantees(applications: Sequence[Application], programs: Mapping[str, Program]) -> Iterator[Problem]:
    promised: dict[str, list[Application]] = defaultdict(list)
    for application in applications:
        if application.guaranteed is not None:
            promised[application.guaranteed].append(application)
    for name, children in promised.items():
        program = programs.get(name)
        if program is None:
            continue
        if len(children) > program.seats:
            message = f"{len(children)} seats are guaranteed but the program has {program.seats}."
            yield Problem("program", name, "seats", message, "Add seats, or correct the guarantees.")
        elif left := without_a_pool(program, children):
            message = (
                f"{left} of {len(children)} guaranteed seats find no room, because seats are set aside for others."
            )
            yield Problem("program", name, "pools", message, "Set aside fewer, or correct the guarantees.")


def without_a_pool(program: Program, children: Sequence[Application]) -> int:
    """How many promised children are left when each pool takes those who belong to it, in precedence order.

    Numbers decide whom a pool takes, so the worst is assumed: first those who could also go to many later pools.
    """
    left = []
    for child in children:
        choice = next(choice for choice in child.choices if choice.program == program.name)
        left.append(child.labels | choice.labels)
    for at, pool in enumerate(program.pools):
        members = [labels for labels in left if _belongs(pool, labels)]
        members.sort(key=lambda labels: -sum(_belongs(later, labels) for later in program.pools[at + 1 :]))
        for labels in members[: pool.seats]:
            left.remove(labels)
    return len(left)


def _belongs(pool: SeatPool, labels: frozenset[str]) -> bool:
    return pool.group is None or holds(pool.group, labels)


def _siblings(
    applications: Sequence[Application], by_number: Mapping[str, Application], order: Mapping[str, int]
) -> Iterator[Problem]:
    for application in applications:
        for older in application.older_siblings:
            fault = _sibling(application, older, by_number, order)
            if fault is not None:
                yield Problem("application", application.number, "older_sibling", *fault)


def _sibling(
    application: Application, older: str, by_number: Mapping[str, Application], order: Mapping[str, int]
) -> tuple[str, str] | None:
    """What is wrong with one link to an older child, and what to do."""
    if older not in by_number:
        return f"There is no application {older}.", "Correct or clear the number."
    if application.number in older_ones(application, by_number):
        return "The links of siblings run in a circle.", "Let each point to an older child."
    grade = by_number[older].grade
    if order.get(grade, 0) >= order.get(application.grade, 0):
        message = f"Application {older}, grade {grade}, is not drawn before grade {application.grade}."
        return message, "Link the same grade with “linked”."
    return None


def _links(applications: Sequence[Application]) -> Iterator[Problem]:
    grades: dict[str, str] = {}
    for application in applications:
        link = application.linked
        if link is None:
            continue
        if SEPARATOR in link or not link:
            yield Problem(
                "application", application.number, "linked", f"A link may not hold “{SEPARATOR}”.", "Rename it."
            )
        if grades.setdefault(link, application.grade) != application.grade:
            message = f"Linked group {link} spans two grades."
            yield Problem("application", application.number, "linked", message, "Use “older_sibling” across grades.")
