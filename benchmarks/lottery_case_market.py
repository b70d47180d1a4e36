"""A case's JSON as a market: tie groups become priority classes, reserves and quotas become seat pools."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from commonground.engines.lottery.model import OPEN, Application, Choice, Market, Program, Rules, SeatPool

Case = dict[str, Any]
SIBLING = "sibling"
STUDENT_FIELDS = {
    "students",
    "types",
    "grades",
    "siblings",
    "older_sibling",
    "secured",
    "guaranteed",
    "current_school",
    "linked",
}
OTHER_FIELDS = {
    "id", "mechanism", "schools", "lottery", "expected", "expected_probabilities", "also", "source", "confirmed_by", "note",
    "consent", "consenting", "grade_order", "sibling_class", "description", "comment",
}  # fmt: skip
SCHOOL_FIELDS = {
    "capacity", "priority", "minority_reserve", "majority_quota", "slots_in_precedence_order", "reserves", "reserve", "quotas",
    "precedence", "school", "grade", "secured", "hard",
}  # fmt: skip


class NotSupportedError(Exception):
    """The case holds something that this reader does not understand."""


def case_market(case: Case) -> Market:
    """The market of a case.

    Raises:
        NotSupportedError: a field is not known, so that its meaning could be missed.
    """
    unknown = set(case) - STUDENT_FIELDS - OTHER_FIELDS
    if unknown:
        raise NotSupportedError(f"fields {', '.join(sorted(unknown))}")
    programs = tuple(_program(name, school, case) for name, school in case["schools"].items())
    grades = case.get("grades", {})
    rules = Rules(
        grades=tuple(case.get("grade_order", _oldest_first(grades))),
        sibling_offered=SIBLING if _older(case) else None,
        groups=tuple(sorted({label for types in case.get("types", {}).values() for label in _labels(types)})),
    )
    return Market(programs, tuple(_application(name, case) for name in case["students"]), rules)


def _oldest_first(grades: dict[str, Any]) -> list[str]:
    named = {str(grade) for grade in grades.values()}
    return sorted(named, key=lambda grade: (0, -int(grade), grade) if grade.lstrip("-").isdigit() else (1, 0, grade))


def _grade(student: str, case: Case) -> str:
    return str(case.get("grades", {}).get(student, "any"))


def _older(case: Case) -> dict[str, str]:
    """Younger child -> older child; families given as lists are put in the order of their grades."""
    given = case.get("siblings", case.get("older_sibling", {}))
    if isinstance(given, dict):
        return {younger: older for younger, older in given.items() if older}
    order = {grade: at for at, grade in enumerate(case.get("grade_order", _oldest_first(case.get("grades", {}))))}
    links = {}
    for family in given:
        ordered = sorted(family, key=lambda child: order.get(_grade(child, case), 0))
        links.update(zip(ordered[1:], ordered, strict=False))
    return links


def _program(name: str, school: Case, case: Case) -> Program:
    unknown = set(school) - SCHOOL_FIELDS
    if unknown:
        raise NotSupportedError(f"school fields {', '.join(sorted(unknown))}")
    classes = tuple(f"group {at}" for at in range(len(school["priority"])))
    if _older(case):
        classes = (SIBLING, *classes)
    seats = school["capacity"]
    grade = school.get("grade")
    if grade is None:
        asking = {_grade(student, case) for student, listed in case["students"].items() if name in listed}
        if len(asking) > 1:
            raise NotSupportedError("a school that children of several grades ask for")
        grade = next(iter(asking), "any")
    return Program(name, school.get("school", name), str(grade), seats, classes, tuple(_pools(school, case)))


def _pools(school: Case, case: Case) -> Iterator[SeatPool]:
    seats = school["capacity"]
    reserved = (
        {"minority": school["minority_reserve"]}
        if "minority_reserve" in school
        else school.get("reserves", school.get("reserve", {}))
    )
    quotas = {"majority": school["majority_quota"]} if "majority_quota" in school else school.get("quotas", {})
    hard = bool(school.get("hard", False))
    if "slots_in_precedence_order" in school:
        slots = school["slots_in_precedence_order"]
    elif quotas:
        if len(quotas) > 1 or reserved:
            raise NotSupportedError("several quotas, or quotas beside reserves, in one school")
        yield from _quota(seats, *next(iter(quotas.items())))
        return
    elif isinstance(reserved, dict):
        slots = _slots(seats, reserved, school.get("precedence", "reserve_first"))
    else:
        raise NotSupportedError("a reserve without its group")
    for at, slot in enumerate(slots):
        yield SeatPool(f"{at + 1} {slot}", 1, None if slot == OPEN else slot, hard=hard and slot != OPEN)


def _quota(seats: int, group: str, most: int) -> Iterator[SeatPool]:
    """At most `most` of a group: the other seats are for others only, and are filled first."""
    yield SeatPool("others", max(0, seats - most), f"not {group}", hard=True)
    yield SeatPool(OPEN, min(seats, most))


def _slots(seats: int, reserved: dict[str, int], precedence: Any) -> list[str]:
    aside = [group for group, count in reserved.items() for _ in range(count)]
    free = [OPEN] * (seats - len(aside))
    if isinstance(precedence, list):
        counts = dict(reserved)
        if len(precedence) == seats:
            return precedence
        return [name for name in precedence for _ in range(counts.get(name, len(free) if name == OPEN else 0))]
    name = str(precedence)
    if "rotat" in name or "altern" in name:
        pairs = [aside, free] if "open" not in name.split("rotat")[0] else [free, aside]
        turns = [slot for pair in zip(*pairs, strict=False) for slot in pair]
        rest = pairs[0][len(turns) // 2 :] + pairs[1][len(turns) // 2 :]
        return turns + rest
    if name in {"reserve_first", "reserved_first", "walk_first"}:
        return aside + free
    if name in {"open_first", "reserve_last"}:
        return free + aside
    raise NotSupportedError(f"precedence {name}")


def _application(student: str, case: Case) -> Application:
    secured = case.get("secured", case.get("guaranteed", case.get("current_school", {})))
    own = secured.get(student) or next((n for n, s in case["schools"].items() if student in s.get("secured", ())), None)
    return Application(
        number=student,
        grade=_grade(student, case),
        choices=tuple(_choice(student, school, case["schools"]) for school in case["students"][student]),
        labels=frozenset(_labels(case.get("types", {}).get(student, []))),
        guaranteed=own,
        older_sibling=_older(case).get(student),
        linked=case.get("linked", {}).get(student),
    )


def _labels(types: str | list[str]) -> list[str]:
    return [types] if isinstance(types, str) else types


def _choice(student: str, school: str, schools: Case) -> Choice:
    for at, group in enumerate(schools[school]["priority"]):
        if student in group:
            return Choice(school, frozenset({f"group {at}"}))
    return Choice(school, eligible=False)


def places(case: Case, market: Market) -> np.ndarray:
    """Each application's place in the case's lottery; without one, the order in which the children are given."""
    order = case.get("lottery", list(case["students"]))
    return np.array([order.index(application.number) for application in market.applications], dtype=np.uint32)
