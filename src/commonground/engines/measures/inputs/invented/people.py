"""The invented students: who they are, which school and grade they are in, and how a year passes into the next."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from commonground.engines.measures.inputs.codes import GRADES, RACES
from commonground.engines.measures.inputs.invented.plan import Floats, Ints, Plan

Bools = NDArray[np.bool_]
ADULT, LAST = GRADES.index("AD"), GRADES.index("12")
# In the order of RACES: odds of being at risk (log), share of English learners in kindergarten.
_AT_RISK = np.array([0.1, -1.4, 0.35, 0.2, -0.9, 0.1, -3.0])
_ENGLISH_LEARNER = np.array([0.05, 0.35, 0.02, 0.50, 0.05, 0.15, 0.02])
_UNKNOWN_RACE = 0.002


@dataclass(frozen=True, slots=True)
class People:
    """One entry per student: a number, groups, the school (position in the plan) and grade (position in GRADES).

    `race` is a position in RACES, -1 unknown; `sex` 0 female, 1 male, 2 nonbinary; `ability` is standard normal.
    """

    number: Ints
    race: Ints
    sex: Ints
    learner: Bools
    disability: Bools
    at_risk: Bools
    ability: Floats
    school: Ints
    grade: Ints

    def __len__(self) -> int:
        return len(self.number)

    def take(self, which: "Bools | Ints") -> "People":
        return People(*(getattr(self, name)[which] for name in self.__slots__))

    def join(self, other: "People") -> "People":
        return People(*(np.concatenate([getattr(self, name), getattr(other, name)]) for name in self.__slots__))


def invent_people(plan: Plan, open_now: Bools, rng: np.random.Generator) -> People:
    """Students for every seat of the schools that are open."""
    counts = np.rint(np.where(open_now, plan.seats, 0)).astype(np.int64)
    school = np.repeat(np.arange(len(counts)), counts)
    span = plan.high[school] - plan.low[school] + 1
    # Lower grades are fuller, and three-year-olds fewer: not everybody comes so early.
    drawn = rng.random(len(school)) ** 1.12
    grade = plan.low[school] + np.minimum((drawn * span).astype(np.int64), span - 1)
    grade += (grade == 0) & (rng.random(len(school)) < 0.25) & (plan.high[school] > 0)
    return newcomers(plan, school, grade, 0, rng)


def newcomers(plan: Plan, school: Ints, grade: Ints, first: int, rng: np.random.Generator) -> People:
    """Students who are new to the city, at these schools and grades, numbered from `first`."""
    count = len(school)
    race = (rng.random(count)[:, None] > plan.mix[school].cumsum(axis=1)).sum(axis=1).clip(0, len(RACES) - 1)
    sex = (rng.random(count) < 0.508).astype(np.int64)
    sex[(rng.random(count) < 0.003) & (grade > GRADES.index("05"))] = 2
    at_risk = rng.random(count) < _logistic(_AT_RISK[race] + plan.hardship[school])
    fading = np.clip(1.25 - 0.06 * grade, 0.3, 1.0)
    learner = rng.random(count) < _ENGLISH_LEARNER[race] * fading
    odds = -2.45 + 0.65 * (sex == 1) + 0.45 * at_risk + 0.06 * np.minimum(grade, 10)
    disability = (rng.random(count) < _logistic(odds)) & (grade != ADULT)
    ability = rng.normal(0, 1, count) - 0.45 * at_risk - 0.5 * learner - 0.6 * disability + 0.5 * plan.teaching[school]
    race = np.where(rng.random(count) < _UNKNOWN_RACE, -1, race)
    return People(first + np.arange(count), race, sex, learner, disability, at_risk, ability, school, grade)


def next_year(plan: Plan, people: People, open_now: Bools, first: int, rng: np.random.Generator) -> People:
    """Who is there a year later.

    1. Everybody moves up a grade; seniors and a third of the adults leave, and so does one student in fourteen.
    2. Who finished a school's last grade, or whose school closed, goes to one that serves the grade, mostly near home.
    3. Newcomers fill the seats, grade by grade. One English learner in nine is one no longer.
    """
    leaving = (people.grade == LAST) | (rng.random(len(people)) < 0.07)
    leaving |= (people.grade == ADULT) & (rng.random(len(people)) < 0.35)
    stay = people.take(~leaving)
    grade = np.where(stay.grade == ADULT, ADULT, stay.grade + 1)
    learner = stay.learner & (rng.random(len(stay)) > 0.11)
    stay = replace(stay, grade=grade, learner=learner)
    school = stay.school.copy()
    stranded = ~((plan.low[school] <= grade) & (grade <= plan.high[school])) | ~open_now[school]
    stranded |= rng.random(len(stay)) < 0.04
    school[stranded] = choose_schools(plan, grade[stranded], plan.area[school[stranded]], open_now, rng)
    stay = replace(stay, school=school)
    return stay.join(_fill(plan, stay, open_now, first, rng))


def choose_schools(plan: Plan, grade: Ints, area: Ints, open_now: Bools, rng: np.random.Generator) -> Ints:
    """A school for each student: one that serves the grade, by its size, six times likelier in the same neighborhood."""
    chosen = np.empty(len(grade), np.int64)
    for one in np.unique(grade):
        able = np.flatnonzero(plan.serves(int(one)) & open_now)
        for place in np.unique(area[grade == one]):
            here = np.flatnonzero((grade == one) & (area == place))
            weight = plan.seats[able] * np.where(plan.area[able] == place, 6.0, 1.0)
            chosen[here] = rng.choice(able, len(here), p=weight / weight.sum())
    return chosen


def _fill(plan: Plan, people: People, open_now: Bools, first: int, rng: np.random.Generator) -> People:
    """Newcomers for seats that are free: most come at the lowest grade of a school."""
    taken = np.bincount(people.school, minlength=len(plan.seats))
    free = np.where(open_now, np.maximum(np.rint(plan.seats - taken), 0), 0).astype(np.int64)
    school = np.repeat(np.arange(len(free)), free)
    span = plan.high[school] - plan.low[school] + 1
    drawn = rng.random(len(school)) ** 2.2
    return newcomers(plan, school, plan.low[school] + np.minimum((drawn * span).astype(np.int64), span - 1), first, rng)


def _logistic(odds: Floats) -> Floats:
    return 1 / (1 + np.exp(-odds))
