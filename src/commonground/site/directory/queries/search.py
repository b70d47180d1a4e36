"""Finding organizations: by name with typing errors, by number, by place and kind."""

import re
from collections.abc import Callable, Mapping
from functools import reduce
from operator import add
from typing import Any

from django.db.models import BooleanField, Case, F, FloatField, Func, IntegerField, Q, QuerySet, Value, When

from commonground.site.directory.maps import Spot
from commonground.site.directory.models import Organization
from commonground.site.directory.models.organization import GRADES, RUNNING, Plain, Words

SURROUNDINGS = {"city": (11, 13), "suburb": (21, 23), "town": (31, 33), "rural": (41, 43)}
MOST_WORDS = 6


class Likeness(Func):
    """How well a word fits the closest whole words of a text: 1 is the same letters, 0 none in common (pg_trgm)."""

    function = "strict_word_similarity"
    output_field = FloatField()


class Alike(Func):
    """True where a word is like some part of a text; the index on that text answers it."""

    template = "(%(expressions)s)"
    arg_joiner = " <%% "
    output_field = BooleanField()


def found(filters: Mapping[str, Any]) -> QuerySet[Organization]:
    """Organizations that fit all filters, best fit first, otherwise by name. Filters that are empty do not count."""
    some = Organization.objects.select_related("parent")
    for name, value in filters.items():
        if value and name in _FILTERS:
            some = some.filter(_FILTERS[name](value))
    if not filters.get("status"):
        some = some.filter(status__in=RUNNING)
    return by_words(some, filters.get("q") or "")


def by_words(some: QuerySet[Organization], typed: str) -> QuerySet[Organization]:
    """Those whose name and city are like every word that was typed, or whose number begins with it."""
    words = re.findall(r"[\w'’.-]+", typed)[:MOST_WORDS]
    if not words:
        return some.order_by("name", "pk")
    text = Words("name", "city")
    like = Q()
    for word in words:
        like &= Q(Alike(Plain(Value(word)), text))
    number = typed.strip()
    if any(letter.isdigit() for letter in number):
        like |= Q(nces_id__startswith=number) | Q(state_id__iendswith=number)
    closeness = reduce(add, (Likeness(Plain(Value(word)), Plain("name")) for word in words))
    return (
        some.filter(like)
        .annotate(
            begins=Case(When(_begins(typed), then=0), default=1, output_field=IntegerField()),
            closeness=closeness,
            likeness=Func(Plain(Value(typed)), Plain("name"), function="similarity", output_field=FloatField()),
        )
        .order_by("begins", F("closeness").desc(), F("likeness").desc(), "name", "pk")
    )


def _begins(typed: str) -> Q:
    return Q(Func(Plain("name"), Plain(Value(typed.strip())), function="starts_with", output_field=BooleanField()))


def _in_county(value: str) -> Q:
    state, _, county = value.partition(":")
    return Q(state=state, county=county)


def _in_surroundings(value: str) -> Q:
    return Q(locale__range=SURROUNDINGS[value])


def _teaches(grade: str) -> Q:
    """Schools whose grades include this one; codes such as adult education are no step of a ladder and only equal themselves."""
    at = GRADES.index(grade)
    if grade in {"13", "UG", "AE"}:
        return Q(low_grade=grade) | Q(high_grade=grade)
    return Q(low_grade__in=GRADES[: at + 1], high_grade__in=GRADES[at : GRADES.index("13") + 1])


_FILTERS: Mapping[str, Callable[[Any], Q]] = {
    "kind": lambda value: Q(kind=value),
    "sector": lambda value: Q(sector=value),
    "state": lambda value: Q(state=value),
    "county": _in_county,
    "surroundings": _in_surroundings,
    "grade": _teaches,
    "status": lambda value: Q() if value == "any" else Q(status=value),
    "lea": lambda value: Q(parent=value),
}


def counties() -> list[tuple[str, str]]:
    """(state, county) of everything in the directory, in order."""
    return list(
        Organization.objects.exclude(county="").order_by("state", "county").values_list("state", "county").distinct()
    )


def spots(some: QuerySet[Organization]) -> list[Spot]:
    """The organizations that have a place, for a map."""
    fields = ("name", "longitude", "latitude", "sector", "state", "county")
    return [Spot(*row) for row in some.exclude(latitude=None).order_by().values_list(*fields)]
