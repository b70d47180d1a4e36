"""Who was enrolled where and when, and which school counts a student of several."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir

from commonground.engines.measures.rules import EACH, Rule, Rules
from commonground.engines.measures.tables import Tables

STUDENT = ("year", "student")
PLACE = (*STUDENT, "school")
# A spell without an exit lasts beyond every window.
_OPEN = date(9999, 12, 31)


@dataclass(frozen=True)
class Question:
    """One rule asked of the tables, for the school years that it is in force in."""

    rule: Rule
    rules: Rules
    tables: Tables
    years: Sequence[str]

    def day(self, year: ir.Value, which: int) -> ir.Value:
        """The first (0) or last (1) day of the rule's window in a row's year."""
        return self._by_year(year, {name: self.rules.window(self.rule, name)[which] for name in self.years})

    def count_date(self, year: ir.Value) -> ir.Value:
        return self._by_year(year, {name: self.rules.day(name, self.rule.count_date) for name in self.years})

    def rows(self, name: str) -> ir.Table:
        """The rows of a table in these years, without schools that the rule excludes."""
        table = self.tables[name]
        table = table.filter(table.year.isin(list(self.years)))
        return table.filter(table.school.notin(list(self.rule.exclude_schools))) if self.rule.exclude_schools else table

    def _by_year(self, year: ir.Value, days: dict[str, date]) -> ir.Value:
        return ibis.cases(*((year == name, ibis.literal(day)) for name, day in days.items()))


def dated(enrollments: ir.Table) -> ir.Table:
    """Enrollments with an exit always: the first day on which the student is no longer enrolled."""
    return enrollments.mutate(exit=enrollments.exit.fill_null(ibis.literal(_OPEN)))


def spells(ask: Question) -> ir.Table:
    """Enrollments that overlap the rule's window, in its grades: year, student, school, grade, entry, days within."""
    table = dated(ask.rows("enrollments"))
    table = table.filter(table.grade.isin(list(ask.rule.grades)))
    after = ask.day(table.year, 1) + ibis.interval(days=1)
    start = ibis.greatest(table.entry, ask.day(table.year, 0))
    table = table.mutate(days=ibis.least(table.exit, after.cast("date")).delta(start, unit="day").cast("int64"))
    return table.filter(table.days > 0).select(*PLACE, "grade", "entry", "days")


def places(ask: Question) -> ir.Table:
    """One row for each student and school: days enrolled there in all, and entry and grade of the last spell there."""
    table = spells(ask)
    return table.group_by(*PLACE).aggregate(
        grade=table.grade.argmax(table.entry), entry=table.entry.max(), days=table.days.sum().cast("int64")
    )


def counted(ask: Question, incidents: ir.Table | None = None) -> ir.Table:
    """The places where the rule counts students: one for each student, or every place if it says "each".

    Args:
        incidents: year, student, school and date of incidents, for rules that count a student where the last one was.
    """
    table = places(ask)
    if ask.rule.counted_at == EACH:
        return table
    order = [table.entry.desc(), table.school.asc()]
    if ask.rule.counted_at != "last":
        order = [table.days.desc(), *order]
    if ask.rule.counted_at == "incident" and incidents is not None:
        last = incidents.group_by(*PLACE).aggregate(incident_date=incidents.date.max())
        table = table.left_join(last, list(PLACE)).select(table, last.incident_date)
        table = table.mutate(incident_date=table.incident_date.fill_null(ibis.literal(date(1, 1, 1))))
        order = [table.incident_date.desc(), table.days.desc(), table.entry.desc(), table.school.asc()]
    table = table.mutate(rank=ibis.row_number().over(ibis.window(group_by=STUDENT, order_by=order)))
    return table.filter(table["rank"] == 0).select(*PLACE, "grade", "entry", "days")


def last_grades(ask: Question) -> ir.Table:
    """The grade of each student at each school in the year, by the last enrollment there: year, student, school, grade."""
    table = ask.rows("enrollments")
    newest = ibis.window(group_by=PLACE, order_by=[table.entry.desc(), table.grade.desc()])
    table = table.mutate(rank=ibis.row_number().over(newest))
    return table.filter(table["rank"] == 0).select(*PLACE, "grade")


def of_givers(ask: Question, table: ir.Table, name: str) -> ir.Table:
    """The rows of `table` at schools whose LEA has given the table of this name in that year."""
    schools = ask.tables["schools"].select("school", "lea")
    if ask.tables.has_provided:
        given = ask.tables["provided"]
        leas = given.filter(given["table"] == name).select("year", "lea").distinct()
    else:
        leas = ask.tables[name].join(schools, "school").select("year", "lea").distinct()
    return table.semi_join(leas.join(schools, "lea").select("year", "school"), ["year", "school"])
