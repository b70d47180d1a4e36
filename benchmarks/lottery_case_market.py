"""A case's JSON as a market: tie groups become priority classes, reserves and quotas become seat pools."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import numpy as np

from commonground.engines.lottery.model import OPEN, Application, Choice, Market, Program, Rules, SeatPool
from commonground.engines.lottery.places.place import oldest_first
from commonground.engines.lottery.problems import MarketError

Case = dict[str, Any]
SIBLING = "sibling"
# Between a school and a grade in the code of a program, where one school has several.
GRADE_SIGN = " / grade "
STUDENT_FIELDS = {
    "students", "types", "grades", "siblings", "older_sibling", "secured", "guaranteed", "current_school", "linked",
}  # fmt: skip
OTHER_FIELDS = {
    "id", "mechanism", "schools", "lottery", "lotteries", "expected", "expected_probabilities", "also", "source",
    "confirmed_by", "note", "consent", "consenting", "grade_order", "sibling_class", "description", "comment",
}  # fmt: skip
RESERVES = {
    "minority_reserve", "majority_quota", "slots_in_precedence_order", "reserves", "reserve", "quotas", "precedence", "hard",
}  # fmt: skip
SCHOOL_FIELDS = {"capacity", "priority", "school", "grade", "secured"} | RESERVES
OPEN_NAMES = {OPEN, "any", "general", "unreserved", "free", "all"}
# Other names under which a case may give the same field.
OTHER_NAMES = {
    "secured_seat": "secured", "secured_seats": "secured", "secured_enrollment": "secured", "guaranteed_seat": "guaranteed",
    "guaranteed_seats": "guaranteed", "current_schools": "current_school", "families": "siblings", "sibling_groups": "siblings",
    "sibling_links": "siblings", "sibling_pairs": "siblings", "levels": "grades", "tiebreak_order": "lottery",
    "lottery_order": "lottery", "grades_in_order": "grade_order", "group": "types", "groups": "types",
}  # fmt: skip
OTHER_SCHOOL_NAMES = {
    "seats": "capacity", "priorities": "priority", "slots": "slots_in_precedence_order", "campus": "school", "level": "grade",
    "precedence_order": "slots_in_precedence_order", "majority_quotas": "majority_quota", "quota": "quotas",
    "minority_reserves": "minority_reserve", "secured_seats": "secured", "guaranteed": "secured",
}  # fmt: skip


class NotSupportedError(Exception):
    """The case holds something that this reader does not understand."""


def under_usual_names(case: Case) -> Case:
    """A case whose fields have the names that the published cases use."""
    case, schools = _renamed(case, OTHER_NAMES), case.get("schools")
    if isinstance(schools, dict):
        case["schools"] = {
            name: _renamed(school, OTHER_SCHOOL_NAMES) if isinstance(school, dict) else school
            for name, school in schools.items()
        }
    return case


def _renamed(fields: Case, names: dict[str, str]) -> Case:
    """The fields under their usual names; as they are when two of them would come to one name."""
    found = {names.get(name, name): value for name, value in fields.items()}
    return found if len(found) == len(fields) else dict(fields)


def must_be_understood(case: Case) -> None:
    """Look at the form of a case before anything is computed from it, so that a later fault is the engine's and no misreading.

    Raises:
        NotSupportedError: a field is not known, so that its meaning could be missed, or has another form than those known.
    """
    unknown = set(case) - STUDENT_FIELDS - OTHER_FIELDS
    if unknown:
        raise NotSupportedError(f"fields {', '.join(sorted(unknown))}")
    students, schools = case.get("students"), case.get("schools")
    if not _texts_by_text(students) or not isinstance(schools, dict) or not schools:
        raise NotSupportedError("students or schools of another form")
    for name, school in schools.items():
        _school_must_be_understood(name, school, case)
    if not {name for listed in students.values() for name in listed} <= set(schools):
        raise NotSupportedError("a list with a school that is not there")
    orders = [*([case["lottery"]] if "lottery" in case else []), *case.get("lotteries", {}).values()]
    if any(sorted(order) != sorted(students) for order in orders) or not set(case.get("lotteries", {})) <= set(schools):
        raise NotSupportedError("a lottery that is no order of the students")
    if not set(case.get("expected", {})) <= set(students):
        raise NotSupportedError("an expectation for a student who is not there")


def _texts_by_text(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(listed, list) and all(isinstance(name, str) for name in listed) for listed in value.values()
    )


def _school_must_be_understood(name: str, school: Any, case: Case) -> None:
    if not isinstance(school, dict) or not {"capacity", "priority"} <= set(school):
        raise NotSupportedError(f"school {name} without capacity or priority")
    if set(school) - SCHOOL_FIELDS:
        raise NotSupportedError(f"school fields {', '.join(sorted(set(school) - SCHOOL_FIELDS))}")
    sizes = school["capacity"].values() if isinstance(school["capacity"], dict) else [school["capacity"]]
    if not all(type(size) is int and size >= 0 for size in sizes):
        raise NotSupportedError(f"school {name} with a capacity that is no whole number")
    ranked = [child for group in school["priority"] for child in group] if _groups(school["priority"]) else None
    if ranked is None or len(set(ranked)) < len(ranked) or not set(ranked) <= set(case["students"]):
        raise NotSupportedError(f"school {name} with priorities of another form")


def _groups(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(group, list) for group in value)


def case_market(case: Case) -> Market:
    """The market of a case that is understood.

    Raises:
        NotSupportedError: what the case holds is beyond what this reader, or the engine, can express.
    """
    case = with_strict_lines(case) if "lotteries" in case else case
    programs = tuple(program for name, school in case["schools"].items() for program in _programs(name, school, case))
    rules = Rules(
        grades=tuple(grade_order(case)),
        sibling_offered=SIBLING if _older(case) else None,
        groups=tuple(sorted({label for types in case.get("types", {}).values() for label in _labels(types)})),
    )
    offered = {(program.grade, school): program.name for school, program in zip(_names(case), programs, strict=True)}
    applications = tuple(_application(name, case, offered) for name in case["students"])
    try:
        return Market(programs, applications, rules)
    except MarketError as error:
        raise NotSupportedError(f"a market that the engine refuses: {error}") from error


def with_strict_lines(case: Case) -> Case:
    """A case with one lottery a school, as one whose priorities hold no ties."""
    orders = case["lotteries"]
    if set(orders) != set(case["schools"]):
        raise NotSupportedError("a lottery for some schools only")
    schools = {
        name: {
            **school,
            "priority": [[child] for group in school["priority"] for child in sorted(group, key=orders[name].index)],
        }
        for name, school in case["schools"].items()
    }
    return {**{field: value for field, value in case.items() if field != "lotteries"}, "schools": schools}


def _names(case: Case) -> list[str]:
    """The school of every program, in the order of the programs."""
    return [name for name, school in case["schools"].items() for _ in _sizes(name, school, case)]


def _sizes(name: str, school: Case, case: Case) -> dict[str, int]:
    """Grade -> seats of one school."""
    if isinstance(school["capacity"], dict):
        return {str(grade): size for grade, size in school["capacity"].items()}
    if "grade" in school:
        return {str(school["grade"]): school["capacity"]}
    asking = {_grade(student, case) for student, listed in case["students"].items() if name in listed}
    asking |= {_grade(student, case) for student, own in secured_of(case).items() if own == name}
    if len(asking) > 1:
        raise NotSupportedError("a school that children of several grades ask for, without its seats in each")
    return {next(iter(asking), "any"): school["capacity"]}


def secured_of(case: Case) -> dict[str, str]:
    """Child -> the school whose seat it keeps unless it gets one it ranked higher."""
    found = dict(case.get("secured", case.get("guaranteed", case.get("current_school", {}))))
    found |= {child: name for name, school in case["schools"].items() for child in school.get("secured", ())}
    return {child: school for child, school in found.items() if school}


def _grade(student: str, case: Case) -> str:
    return str(case.get("grades", {}).get(student, "any"))


def _older(case: Case) -> dict[str, tuple[str, ...]]:
    """Child -> the children of its family in grades that are drawn before its own."""
    order = grade_order(case)
    found: dict[str, dict[str, None]] = {}
    for family in _families(case):
        for child in family:
            place = order.index(_grade(child, case))
            older = [other for other in family if order.index(_grade(other, case)) < place]
            found.setdefault(child, {}).update(dict.fromkeys(older))
    return {child: tuple(older) for child, older in found.items() if older}


def grade_order(case: Case) -> list[str]:
    """The grades in the order in which they are drawn."""
    return list(map(str, case.get("grade_order", oldest_first(map(str, case.get("grades", {}).values())))))


def _families(case: Case) -> list[list[str]]:
    """Children who are brothers and sisters: lists of them, or by child its siblings or its family's name, or by family."""
    given, children = case.get("siblings", case.get("older_sibling", [])), set(case["students"])
    families: dict[str, list[str]] = {}
    for name, others in given.items() if isinstance(given, dict) else enumerate(given):
        listed = [others] if isinstance(others, str) else list(others or ())
        if name not in children:
            families.setdefault(f"family {name}", []).extend(listed)
        elif isinstance(others, str) and others not in children:
            families.setdefault(f"family {others}", []).append(name)
        else:
            families[name] = [name, *listed]
    members = {child for family in families.values() for child in family}
    if not members <= children or not {_grade(child, case) for child in members} <= set(grade_order(case)):
        raise NotSupportedError("siblings of another form, or without a grade")
    return list(families.values())


def _programs(name: str, school: Case, case: Case) -> Iterator[Program]:
    classes = [f"group {at}" for at in range(len(school["priority"]))]
    if _older(case):
        place = case.get("sibling_class", 0)
        if type(place) is not int:
            raise NotSupportedError("a sibling class that is not a place in the order")
        classes.insert(place, SIBLING)
    sizes = _sizes(name, school, case)
    if len(sizes) > 1 and RESERVES & set(school):
        raise NotSupportedError("reserves in a school with several grades")
    for grade, seats in sizes.items():
        own = {**school, "capacity": seats}
        pools = tuple(_pools(own, case))
        code = name if len(sizes) == 1 else f"{name}{GRADE_SIGN}{grade}"
        yield Program(code, school.get("school", name), grade, sum(pool.seats for pool in pools), tuple(classes), pools)


def _pools(school: Case, case: Case) -> Iterator[SeatPool]:
    seats = school["capacity"]
    given = [
        kind
        for kind in (
            {"minority_reserve"},
            {"reserves"},
            {"reserve"},
            {"majority_quota"},
            {"quotas"},
            {"slots_in_precedence_order"},
        )
        if kind & set(school)
    ]
    if len(given) > 1:
        raise NotSupportedError("several kinds of reserves or quotas in one school")
    reserved = (
        {"minority": school["minority_reserve"]}
        if "minority_reserve" in school
        else school.get("reserves", school.get("reserve", {}))
    )
    quotas = {"majority": school["majority_quota"]} if "majority_quota" in school else school.get("quotas", {})
    known = {label for types in case.get("types", {}).values() for label in _labels(types)}
    if not isinstance(reserved, dict) or not isinstance(quotas, dict):
        raise NotSupportedError("a reserve or quota without its group")
    if quotas:
        yield from _quota(seats, quotas, case)
        return
    slots = school.get("slots_in_precedence_order")
    if slots is None:
        slots = _slots(seats, reserved, school.get("precedence", "reserve_first"))
    slots = [OPEN if slot in OPEN_NAMES else slot for slot in slots]
    if len(slots) != seats or not set(slots) <= known | set(reserved) | {OPEN}:
        raise NotSupportedError("slots that do not fit the seats or the types")
    hard = bool(school.get("hard", False))
    for at, (slot, run) in enumerate(groupby(slots)):
        yield SeatPool(f"{at + 1} {slot}", len(list(run)), None if slot == OPEN else slot, hard=hard and slot != OPEN)
    if not slots:
        yield SeatPool(OPEN, 0)


def _quota(seats: int, quotas: dict[str, int], case: Case) -> Iterator[SeatPool]:
    """At most so many of a group: the other seats are for others only, and are filled first."""
    if len(quotas) == 1:
        ((group, most),) = quotas.items()
        yield SeatPool("others", max(0, seats - most), f"not {group}", hard=True)
        yield SeatPool(OPEN, min(seats, most))
        return
    kinds = [_labels(types) for types in case.get("types", {}).values()]
    if len(quotas) > 2 or len(kinds) != len(case["students"]) or any(len(set(own) & set(quotas)) != 1 for own in kinds):
        raise NotSupportedError("quotas for more than two groups, or for groups that do not divide the children")
    (one, most), (other, rest) = ((group, min(seats, count)) for group, count in quotas.items())
    both = max(0, most + rest - seats)
    yield SeatPool(one, most - both, one, hard=True)
    yield SeatPool(other, rest - both, other, hard=True)
    yield SeatPool(OPEN, both)


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


def _application(student: str, case: Case, offered: dict[tuple[str, str], str]) -> Application:
    grade, own = _grade(student, case), secured_of(case).get(student)
    if any((grade, school) not in offered for school in [*case["students"][student], *([own] if own else [])]):
        raise NotSupportedError("a list with a school that has no seats in the child's grade")
    return Application(
        number=student,
        grade=grade,
        choices=tuple(
            _choice(student, school, offered[grade, school], case["schools"]) for school in case["students"][student]
        ),
        labels=frozenset(_labels(case.get("types", {}).get(student, []))),
        guaranteed=offered[grade, own] if own else None,
        older_siblings=_older(case).get(student, ()),
        linked=case.get("linked", {}).get(student),
    )


def _labels(types: str | list[str]) -> list[str]:
    return [types] if isinstance(types, str) else types


def _choice(student: str, school: str, program: str, schools: Case) -> Choice:
    for at, group in enumerate(schools[school]["priority"]):
        if student in group:
            return Choice(program, frozenset({f"group {at}"}))
    return Choice(program, eligible=False)


def places(case: Case, market: Market) -> np.ndarray:
    """Each application's place in the case's lottery; without one, the order in which the children are given."""
    order = case.get("lottery", list(case["students"]))
    return np.array([order.index(application.number) for application in market.applications], dtype=np.uint32)


def plain(case: Case) -> bool:
    """Schools with seats and priorities alone: no reserves, secured seats, siblings, grades or links."""
    more = {"grades", "siblings", "older_sibling", "secured", "guaranteed", "current_school", "linked"}
    return not more & set(case) and not any(
        (RESERVES | {"secured"}) & set(school) for school in case["schools"].values()
    )
