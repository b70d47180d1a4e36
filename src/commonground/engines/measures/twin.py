"""The slow, obvious twin of `compute`: figures by plain loops over records, to check the fast way against.

It shares no code with `compute` but the rules and the figures' key. Tables are lists of dictionaries with the canonical
columns; dates are `datetime.date`. Numbers are exact fractions until the last step.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from math import floor
from typing import Any

from commonground.engines.measures.rules import Rule, Rules

Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]
Key = tuple[str, str, str, str, str, str, str, str]
Figure = tuple[int | None, float | None, float | None, float | None]
LEVELS = ("school", "lea", "sector", "city")
FOREVER = date(9999, 12, 31)


@dataclass
class Tally:
    """What one figure is made of."""

    students: int = 0
    numerator: Fraction = Fraction(0)
    denominator: Fraction = Fraction(0)
    growth: list[Fraction] = field(default_factory=list)
    came: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    went: dict[str, int] = field(default_factory=lambda: defaultdict(int))


@dataclass
class Counted:
    """One student as a rule counts one: where, in which grade, and with what."""

    student: str
    entity: Mapping[str, str]
    levels: tuple[str, ...]
    grade: str
    tally: Tally


def twin_figures(rules: Rules, tables: Tables) -> dict[Key, Figure]:
    """Every figure by its key: students, numerator, denominator, value."""
    found: dict[Key, Figure] = {}
    for year in sorted({row["year"] for row in tables["enrollments"]}):
        for rule in rules.for_year(year):
            found |= _Year(rule, rules, tables, year).figures()
    return found


def half_up(number: Fraction, digits: int) -> float:
    """Rounded to so many decimals, halves upward."""
    return float(Fraction(floor(number * 10**digits + Fraction(1, 2)), 10**digits))


class _Year:
    """One rule in one school year."""

    def __init__(self, rule: Rule, rules: Rules, tables: Tables, year: str) -> None:
        self.rule, self.rules, self.year = rule, rules, year
        self.first, self.last = rules.window(rule, year)
        self.schools = {row["school"]: row for row in tables["schools"]}
        self.tables = tables
        self.students = {row["student"]: row for row in self.rows("students")}

    def rows(self, name: str) -> list[Row]:
        rows = [row for row in self.tables.get(name, ()) if row["year"] == self.year]
        return [row for row in rows if row.get("school") not in self.rule.exclude_schools]

    def figures(self) -> dict[Key, Figure]:
        sums: dict[tuple[str, str, str, str], Tally] = defaultdict(Tally)
        for counted in self.counted():
            groups = self.groups(counted.student)
            if set(groups) & set(self.rule.exclude_groups):
                continue
            for level in counted.levels:
                for grade in self.grades(level, counted.grade):
                    for group in groups:
                        _add(sums[level, counted.entity[level], grade, group], counted.tally)
        found: dict[Key, Figure] = {}
        for place, tally in sums.items():
            found |= self.figure(place, tally)
        return self.missing() | found

    def grades(self, level: str, grade: str) -> list[str]:
        shown = level in self.rule.grade_rows and self.rule.measure != "graduation"
        return ["all", grade] if shown else ["all"]

    def groups(self, student: str) -> list[str]:
        row = self.students.get(student, {})
        own = {family.id: family.of(row.get(family.column) or "") for family in self.rules.groups.families}
        return ["*".join(own[name] for name in names) or "all" for names in self.rules.groups.sets()]

    def figure(self, place: tuple[str, str, str, str], tally: Tally) -> dict[Key, Figure]:
        level, entity, grade, group = place
        rule = self.rule

        def key(period: str) -> Key:
            return self.year, rule.id, rule.version, level, entity, grade, period, group

        if rule.measure in ("entries", "withdrawals", "net_entries"):
            periods = {"year": set(self.months())}
            if rule.by_month == "groups" or (rule.by_month == "all" and group == "all"):
                periods |= {month: {month} for month in self.months()}
            return {key(period): self.moved(tally, months) for period, months in periods.items()}
        if rule.kind == "count":
            return {key("year"): (tally.students, None, None, float(tally.students))}
        if rule.kind == "median":
            return {key("year"): (tally.students, None, None, half_up(_median(tally.growth), rule.digits))}
        value = half_up(tally.numerator / tally.denominator, rule.digits)
        return {key("year"): (tally.students, float(tally.numerator), float(tally.denominator), value)}

    def moved(self, tally: Tally, months: set[str]) -> Figure:
        came, went = (sum(of[month] for month in months) for of in (tally.came, tally.went))
        both = {"entries": (came, came), "withdrawals": (went, went), "net_entries": (came + went, came - went)}
        students, value = both[self.rule.measure]
        return students, None, None, float(value)

    def months(self) -> list[str]:
        day, found = self.first, []
        while day <= self.last:
            found.append(f"{day.month:02}")
            day += timedelta(days=1)
        return sorted(set(found))

    def missing(self) -> dict[Key, Figure]:
        """A figure without numbers for each school and LEA with students in the rule's grades and window."""
        if self.rule.kind in ("count", "signed_count"):
            return {}
        found: dict[Key, Figure] = {}
        for row in self.spells():
            entity = self.entity(row["school"])
            for level in ("school", "lea"):
                key = (self.year, self.rule.id, self.rule.version, level, entity[level], "all", "year", "all")
                found[key] = (None, None, None, None)
        return found

    def entity(self, school: str) -> dict[str, str]:
        row = self.schools[school]
        return {"school": school, "lea": row["lea"], "sector": row["sector"], "city": "city"}

    # Who was where.

    def spells(self) -> list[dict[str, Any]]:
        found = []
        for row in self.rows("enrollments"):
            end = min(row["exit"] or FOREVER, self.last + timedelta(days=1))
            days = (end - max(row["entry"], self.first)).days
            if days > 0 and row["grade"] in self.rule.grades:
                found.append({**row, "days": days})
        return found

    def places(self) -> dict[str, list[dict[str, Any]]]:
        """For each student the schools attended: days there, and entry and grade of the last spell."""
        spells: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for spell in self.spells():
            spells[spell["student"], spell["school"]].append(spell)
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for (student, school), own in spells.items():
            newest = max(own, key=lambda spell: (spell["entry"], spell["grade"]))
            days = sum(spell["days"] for spell in own)
            found[student].append({"school": school, "days": days, "entry": newest["entry"], "grade": newest["grade"]})
        return found

    def chosen(self, places: list[dict[str, Any]], incidents: Mapping[str, date]) -> list[dict[str, Any]]:
        """The places that count a student: all of them, or the one that the rule says."""
        how = self.rule.counted_at
        if how == "each":
            return places

        def order(place: dict[str, Any]) -> tuple[Any, ...]:
            incident = incidents.get(place["school"], date.min).toordinal() if how == "incident" else 0
            days = 0 if how == "last" else place["days"]
            return -incident, -days, -place["entry"].toordinal(), place["school"]

        return [min(places, key=order)]

    def counted(self) -> Iterable[Counted]:
        measure = self.rule.measure
        if measure in ("attendance", "chronic_absence"):
            return self.at_places(self.on_roll(), {}, self.attendance if measure == "attendance" else self.chronic)
        if measure == "discipline":
            given = self.consequences()
            dates: dict[str, dict[str, date]] = defaultdict(dict)
            for row in given:
                latest = dates[row["student"]]
                latest[row["school"]] = max(latest.get(row["school"], date.min), row["date"])
            return self.at_places(self.disciplined(given), dates, self.discipline)
        others = {"enrolled_on": self.enrolled_on, "graduation": self.graduation, "growth": self.growth,
                  "proficiency": self.proficiency}  # fmt: skip
        return others.get(measure, self.moves)()

    def at_places(
        self, facts: Mapping[tuple[str, str], list[Fraction]], dates: Mapping[str, Mapping[str, date]], score: Any
    ) -> Iterable[Counted]:
        """Each student at the places that count, with the facts of that place, or of all places, scored by the measure."""
        for student, places in self.places().items():
            chosen = self.chosen(places, dates.get(student, {}))
            chosen = [place for place in chosen if self.rule.measure != "discipline" or self.reports(place["school"])]
            if self.rule.counted_at != "each":
                for place in chosen:
                    near = [place["school"]]
                    if self.rule.other_schools:
                        near = sorted(school for name, school in facts if name == student)
                    yield from self.scored(student, [place], near, facts, LEVELS, score)
                continue
            for level in LEVELS:
                for entity in sorted({self.entity(place["school"])[level] for place in chosen}):
                    own = [place for place in chosen if self.entity(place["school"])[level] == entity]
                    if self.rule.measure != "discipline":
                        own = [p for p in own if facts.get((student, p["school"]), [Fraction(0)])[0] > 0]
                    if own:
                        yield from self.scored(student, own, [p["school"] for p in own], facts, (level,), score)

    def scored(
        self, student: str, places: list[dict[str, Any]], near: list[str], facts: Any, levels: Any, score: Any
    ) -> Iterable[Counted]:
        newest = max(places, key=lambda place: (place["entry"], place["grade"]))
        got = [facts.get((student, school), [Fraction(0), Fraction(0)]) for school in near]
        first, second = (sum((pair[at] for pair in got), Fraction(0)) for at in (0, 1))
        tally = score(sum(place["days"] for place in places), first, second)
        if tally is not None:
            yield Counted(student, self.entity(newest["school"]), levels, newest["grade"], tally)

    # What happened there.

    def inside(self, row: Row) -> bool:
        whole_year = not (self.rule.begins or self.rule.until)
        return whole_year or self.first <= row["date"] <= self.last

    def on_roll(self) -> dict[tuple[str, str], list[Fraction]]:
        found: dict[tuple[str, str], list[Fraction]] = defaultdict(lambda: [Fraction(0), Fraction(0)])
        for row in self.rows("attendance_days"):
            if self.inside(row) and row["status"] not in self.rule.not_counted:
                own = found[row["student"], row["school"]]
                own[0] += 1
                own[1] += (row["status"] in self.rule.present) + Fraction(row["status"] in self.rule.half, 2)
        if not (self.rule.begins or self.rule.until):
            for row in self.rows("attendance_totals"):
                own = found[row["student"], row["school"]]
                own[0] += Fraction(str(row["days_enrolled"]))
                own[1] += Fraction(str(row["days_present"]))
        return found

    def attendance(self, enrolled: int, roll: Fraction, present: Fraction) -> Tally | None:
        return Tally(1, present, roll) if roll > 0 and roll >= self.rule.minimum_days else None

    def chronic(self, enrolled: int, roll: Fraction, present: Fraction) -> Tally | None:
        if roll <= 0 or roll < self.rule.minimum_days:
            return None
        absent = roll - present >= roll * Fraction(str(self.rule.absent_at_least)) / 100
        return Tally(1, Fraction(absent), Fraction(1))

    def reports(self, school: str) -> bool:
        lea = self.schools[school]["lea"]
        if "provided" in self.tables:
            asked = {"lea": lea, "table": "incidents", "year": self.year}
            return any(row == asked for row in self.tables["provided"])
        incidents = [row for row in self.tables.get("incidents", ()) if row["year"] == self.year]
        return any(self.schools[row["school"]]["lea"] == lea for row in incidents)

    def consequences(self) -> list[dict[str, Any]]:
        return [
            {**incident, **{name: given[name] for name in ("kind", "days")}}
            for incident in self.rows("incidents")
            for given in self.tables.get("consequences", ())
            if self.inside(incident)
            and given["incident"] == incident["incident"]
            and (given.get("student") or incident["student"]) == incident["student"]
        ]

    def disciplined(self, given: list[dict[str, Any]]) -> dict[tuple[str, str], list[Fraction]]:
        incidents: dict[tuple[str, str], set[str]] = defaultdict(set)
        days: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
        for row in given:
            if row["kind"] in self.rule.kinds:
                incidents[row["student"], row["school"]].add(row["incident"])
                days[row["student"], row["school"]] += Fraction(str(row["days"] or 0))
        return {place: [Fraction(len(names)), days[place]] for place, names in incidents.items()}

    def discipline(self, enrolled: int, times: Fraction, days: Fraction) -> Tally | None:
        if enrolled < self.rule.minimum_days:
            return None
        enough = times >= self.rule.at_least_times and days >= self.rule.at_least_days
        return Tally(1, Fraction(enough), Fraction(1))

    def one(self, student: str, school: str, grade: str, tally: Tally) -> Counted:
        return Counted(student, self.entity(school), LEVELS, grade, tally)

    def enrolled_on(self) -> Iterable[Counted]:
        day = self.rules.day(self.year, self.rule.count_date)
        there: dict[str, Row] = {}
        for row in sorted(self.rows("enrollments"), key=lambda row: (row["school"], _backwards(row["grade"]))):
            if row["entry"] <= day < (row["exit"] or FOREVER) and row["grade"] in self.rule.grades:
                known = there.get(row["student"])
                if known is None or known["entry"] < row["entry"]:
                    there[row["student"]] = row
        return [self.one(name, row["school"], row["grade"], Tally(1)) for name, row in there.items()]

    def moves(self) -> Iterable[Counted]:
        spells: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in self.rows("enrollments"):
            spells[row["student"], row["school"]].append(row)
        gap = self.rule.gap_days
        for (student, school), rows in spells.items():
            rows = sorted(rows, key=lambda row: (row["entry"], row["exit"] or FOREVER, row["grade"]))
            for at, row in enumerate(rows):
                end, tally = row["exit"] or FOREVER, Tally()
                stayed = any(
                    (other["exit"] or FOREVER).toordinal() + gap >= row["entry"].toordinal() for other in rows[:at]
                )
                back = any(other["entry"].toordinal() <= end.toordinal() + gap for other in rows[at + 1 : at + 2])
                tally.came[f"{row['entry'].month:02}"] += self.first <= row["entry"] <= self.last and not stayed
                tally.went[f"{end.month:02}"] += self.first <= end <= self.last and not back
                if row["grade"] in self.rule.grades and row["entry"] <= self.last and end >= self.first:
                    yield self.one(student, school, row["grade"], tally)

    def graduation(self) -> Iterable[Counted]:
        best: dict[str, tuple[bool, str]] = {}
        for row in sorted(self.rows("cohorts"), key=lambda row: row["school"]):
            if row["cohort"] == self.rule.cohort and row["status"] not in self.rule.excluded_statuses:
                done = row["status"] in self.rule.graduated
                if row["student"] not in best or done > best[row["student"]][0]:
                    best[row["student"]] = (done, row["school"])
        return [
            self.one(name, school, "12", Tally(1, Fraction(done), Fraction(1))) for name, (done, school) in best.items()
        ]

    def results(self, score: Any) -> dict[str, tuple[Any, Row, str]]:
        """The best result of each student in the subject, with its row and the student's grade."""
        grades: dict[tuple[str, str], tuple[date, str]] = {}
        for row in self.rows("enrollments"):
            place = (row["student"], row["school"])
            grades[place] = max(grades.get(place, (date.min, "")), (row["entry"], row["grade"]))
        best: dict[str, tuple[Any, Row, str]] = {}
        for row in sorted(self.rows("assessments"), key=lambda row: row["school"]):
            grade = grades.get((row["student"], row["school"]), (date.min, "UN"))[1]
            got = score(row)
            if row["subject"] != self.rule.subject or got is None or grade not in self.rule.grades:
                continue
            if row["student"] not in best or got > best[row["student"]][0]:
                best[row["student"]] = (got, row, grade)
        return best

    def proficiency(self) -> Iterable[Counted]:
        def score(row: Row) -> bool | None:
            if self.rule.at_least_level:
                return None if row["level"] is None else row["level"] >= self.rule.at_least_level
            return None if not row["proficient"] else row["proficient"] == "yes"

        for name, (done, row, grade) in self.results(score).items():
            yield self.one(name, row["school"], grade, Tally(1, Fraction(done), Fraction(1)))

    def growth(self) -> Iterable[Counted]:
        def score(row: Row) -> Fraction | None:
            return None if row["growth_percentile"] is None else Fraction(str(row["growth_percentile"]))

        for name, (grown, row, grade) in self.results(score).items():
            yield self.one(name, row["school"], grade, Tally(1, growth=[grown]))


def _add(whole: Tally, part: Tally) -> None:
    whole.students += part.students
    whole.numerator += part.numerator
    whole.denominator += part.denominator
    whole.growth += part.growth
    for month, moves in part.came.items():
        whole.came[month] += moves
    for month, moves in part.went.items():
        whole.went[month] += moves


def _median(values: Sequence[Fraction]) -> Fraction:
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _backwards(text: str) -> tuple[int, ...]:
    return tuple(-ord(letter) for letter in text)
