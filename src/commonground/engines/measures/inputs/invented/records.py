"""A school year's records of the invented students: enrollments, attendance, discipline, cohorts and tests."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from commonground.engines.measures.inputs.codes import GRADES, RACES
from commonground.engines.measures.inputs.invented.people import ADULT, LAST, Bools, People, choose_schools
from commonground.engines.measures.inputs.invented.plan import Floats, Ints, Plan

_GRADE = {grade: at for at, grade in enumerate(GRADES)}
# Absences by grade, relative: high in kindergarten and below, low in grades 3 to 7, highest in high school.
_ABSENCES = np.array([1.25, 1.2, 1.05, 0.9, 0.8, 0.75, 0.72, 0.72, 0.78, 0.85, 1.0, 1.6, 1.55, 1.5, 1.7, 2.2, 1.5])
# Discipline by grade, relative, with its peak around grade 9.
_INCIDENTS = np.array([0.02, 0.03, 0.1, 0.2, 0.3, 0.4, 0.55, 0.8, 1.6, 2.0, 2.0, 2.3, 1.8, 1.4, 1.0, 0.2, 1.0])
# In the order of RACES: published suspension rates differ by this much after the other groups are taken into account.
_DISCIPLINE = np.array([0.9, 0.25, 1.35, 0.55, 0.6, 0.4, 0.3])
_CHANGE_OF_SCHOOL = np.array([0.10, 0.14, 0.13, 0.17, 0.16, 0.12, 0.09, 0.06, 0.03])  # September to May


@dataclass(frozen=True, slots=True)
class Stays:
    """One entry per enrollment: the student (position in People), school, and first and last school day (positions).

    `until` is the school day of the exit, or the number of school days where there is none.
    """

    student: Ints
    school: Ints
    start: Ints
    until: Ints


def school_days(year: int) -> list[date]:
    """The 180 or so school days from the last Monday of August on: weekdays without breaks and holidays."""
    first = date(year - 1, 8, 31)
    first -= timedelta(days=first.weekday())
    free = {date(year - 1, 11, 11), date(year, 1, 20), date(year, 2, 17), date(year - 1, 10, 14), date(year, 5, 26)}
    breaks = ((date(year - 1, 11, 25), 7), (date(year - 1, 12, 21), 14), (date(year, 4, 14), 5))
    free |= {start + timedelta(days=day) for start, length in breaks for day in range(length)}
    days = [first + timedelta(days=day) for day in range(293)]
    return [day for day in days if day.weekday() < 5 and day not in free]


def invent_stays(plan: Plan, people: People, days: list[date], open_now: Bools, rng: np.random.Generator) -> Stays:
    """Most stay all year; some come late, some leave the city, and some move to another school within it."""
    count, last = len(people), len(days)
    restless = np.where(people.at_risk, 1.25, 0.75) * np.where(people.grade == ADULT, 3.0, 1.0)
    restless *= np.where((people.grade > _GRADE["08"]) & (people.grade <= LAST), 1.3, 1.0)
    start = np.where(rng.random(count) < 0.032 * restless, _some_day(days, count, rng), 0)
    leaves = (rng.random(count) < 0.038 * restless) & (start < last - 30)
    until = np.where(leaves, np.maximum(_some_day(days, count, rng), start + 10), last)
    leaves &= until < last - 5
    until = np.where(leaves, until, last)
    moves = np.flatnonzero(leaves & (rng.random(count) < 0.45))
    where = choose_schools(plan, people.grade[moves], plan.area[people.school[moves]], open_now, rng)
    again = np.minimum(until[moves] + rng.integers(0, 6, len(moves)), last - 2)
    return Stays(
        np.concatenate([np.arange(count), moves]),
        np.concatenate([people.school, where]),
        np.concatenate([start, again]),
        np.concatenate([until, np.full(len(moves), last)]),
    )


def _some_day(days: list[date], count: int, rng: np.random.Generator) -> Ints:
    """A school day for each, in the months of the year as published mobility spreads over them."""
    months = np.array([(day.month - 9) % 12 if day.month != 8 else 0 for day in days])
    chance = np.array([_CHANGE_OF_SCHOOL[month] if month < 9 else 0.0 for month in months])
    chance[:5] = 0
    chance /= np.bincount(months, minlength=12)[months]
    return rng.choice(len(days), count, p=chance / chance.sum())


def days_present(plan: Plan, people: People, stays: Stays, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """Days enrolled and days present of each stay. Absence is a student's habit: much for a few, little for most."""
    who = people.take(stays.student)
    enrolled = stays.until - stays.start
    mean = 0.062 * _ABSENCES[who.grade] * np.exp(0.35 * who.at_risk + 0.2 * who.disability)
    mean *= np.exp(0.25 * plan.climate[stays.school] - 0.35 * np.isin(who.race, [1, 6]))
    mean = np.clip(mean, 0.005, 0.6)
    habit = rng.beta(1.6 * mean / 0.12 + 0.15, (1 - mean) * 13 + 1.0)
    absent = rng.binomial(enrolled, np.clip(habit, 0, 0.95)).astype(np.float64)
    absent += np.where((rng.random(len(absent)) < 0.15) & (absent < enrolled), 0.5, 0.0)
    return enrolled, enrolled - absent


@dataclass(frozen=True, slots=True)
class Incidents:
    """One entry per incident: the stay, the school day, and the consequence ("" for none) with its days."""

    stay: Ints
    day: Ints
    kind: list[str]
    days: Ints


def invent_incidents(plan: Plan, people: People, stays: Stays, rng: np.random.Generator) -> Incidents:
    """Incidents by student: a few have many. Groups differ as published suspension rates do."""
    who = people.take(stays.student)
    rate = 0.085 * _INCIDENTS[who.grade] * np.where(who.sex == 1, 1.3, 0.8)
    rate *= np.exp(0.55 * who.disability + 0.35 * who.at_risk - 0.6 * who.learner + 0.5 * plan.climate[stays.school])
    rate *= np.where(who.race < 0, 1.0, _DISCIPLINE[who.race]) * (stays.until - stays.start) / 180
    number = rng.poisson(rate * rng.gamma(0.6, 1 / 0.6, len(rate)))
    stay = np.repeat(np.arange(len(number)), number)
    length = (stays.until - stays.start)[stay]
    day = stays.start[stay] + (rng.random(len(stay)) * length).astype(np.int64)
    drawn, grade = rng.random(len(stay)), who.grade[stay]
    expelled = (drawn > 0.9935) & (grade >= _GRADE["06"])
    kind = np.select([expelled, drawn < 0.60, drawn < 0.80], ["expulsion", "suspension_out", "suspension_in"], "")
    days = np.minimum(rng.geometric(0.45, len(stay)), 10)
    days = np.where((drawn < 0.01) & (kind == "suspension_out"), days + 11, days)
    return Incidents(stay, day, kind.tolist(), np.where(kind == "expulsion", 0, days))


@dataclass(frozen=True, slots=True)
class Tests:
    """One entry per result; `growth` is NaN where there is no earlier result to grow from."""

    student: Ints
    school: Ints
    subject: list[str]
    level: Ints
    growth: Floats


def invent_tests(plan: Plan, people: People, rng: np.random.Generator) -> Tests:
    """English and mathematics in grades 3 to 8 and 10, science in 5 and 8; one student in twenty has no result."""
    parts = []
    for subject, grades, hard in (
        ("ela", (3, 4, 5, 6, 7, 8, 10), 0.35),
        ("math", (3, 4, 5, 6, 7, 8, 10), 0.45),
        ("science", (5, 8), 0.6),
    ):
        tested = np.isin(people.grade, [_GRADE[f"{grade:02d}"] for grade in grades]) & (rng.random(len(people)) < 0.95)
        who = np.flatnonzero(tested)
        white_or_asian = np.isin(people.race[who], [RACES.index("asian"), RACES.index("white")])
        score = people.ability[who] + 0.9 * white_or_asian + rng.normal(0, 0.55, len(who)) - hard
        level = 1 + np.searchsorted([-1.2, -0.4, 0.3, 1.7], score)
        growth = np.clip(np.rint(50 + 28 * rng.normal(0, 1, len(who)) + 7 * plan.teaching[people.school[who]]), 1, 99)
        growth[(people.grade[who] == _GRADE["03"]) | (rng.random(len(who)) < 0.05) | (subject == "science")] = np.nan
        parts.append((who, people.school[who], [subject] * len(who), level, growth))
    who, school, subjects, levels, growth = zip(*parts, strict=True)
    words = [word for part in subjects for word in part]
    return Tests(np.concatenate(who), np.concatenate(school), words, np.concatenate(levels), np.concatenate(growth))


@dataclass(frozen=True, slots=True)
class Cohort:
    """One entry per member of the four-year cohort of a year, with the outcome after four years and after five."""

    people: People
    four: list[str]
    five: list[str]


def invent_cohort(plan: Plan, seniors: People, gone: People, rng: np.random.Generator) -> Cohort:
    """The seniors, and those who began with them but are no longer there (`gone`)."""
    members = seniors.join(gone)
    left = np.arange(len(members)) >= len(seniors)
    readiness = 1.9 + 0.55 * members.ability + 0.3 * plan.teaching[members.school] - 0.35 * members.disability
    graduates = (rng.random(len(members)) < 1 / (1 + np.exp(-readiness))) & ~left
    drawn = rng.random(len(members))
    away = np.select([drawn < 0.62, drawn < 0.94], ["dropped_out", "transferred_out"], "unknown")
    rest = np.select([drawn < 0.7, drawn < 0.75], ["still_enrolled", "completed"], "dropped_out")
    four = np.where(graduates, "graduated", np.where(left, away, rest))
    later = rng.random(len(members))
    after = np.select([later < 0.3, later < 0.75], ["graduated", "dropped_out"], "still_enrolled")
    return Cohort(members, four.tolist(), np.where(four == "still_enrolled", after, four).tolist())
