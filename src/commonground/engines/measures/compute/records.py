"""One row for each student whom a rule counts, with whole numbers that add up: the step before any group is formed.

A record has year, student, school (or entity), grade and amounts: `n` students, `num` and `den` of the rate, hundredths `x`
of a growth percentile, or `in_MM` and `out_MM` for moves in a month.
"""

from collections.abc import Callable

import ibis
import ibis.expr.types as ir

from commonground.engines.measures.compute import facts
from commonground.engines.measures.compute.spells import (
    PLACE,
    STUDENT,
    Question,
    counted,
    dated,
    last_grades,
    of_givers,
)
from commonground.engines.measures.rules import EACH, Rule

WHO = (*STUDENT, "school", "grade")
ROLL = ("attendance_days", "attendance_totals")


def records(ask: Question, level: str = "school") -> ir.Table:
    """The students that a rule counts, each with the amounts that it adds to the figures.

    Args:
        level: for rules that count a student at each of several schools, the entities within which a student counts once;
            `school` then holds the entity.
    """
    measure = ask.rule.measure
    if measure in _AT_PLACES:
        return _AT_PLACES[measure](ask, level)
    return _OTHERS[measure](ask)


def moves(ask: Question) -> bool:
    return ask.rule.measure in ("entries", "withdrawals", "net_entries")


def months(rule: Rule, ask: Question) -> list[str]:
    """The months of the window in its order, "10", "11", ..."""
    first, last = ask.rules.window(rule, "2025")
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [f"{(first.month - 1 + at) % 12 + 1:02}" for at in range(min(count, 12))]


def _units(ask: Question, table: ir.Table, level: str) -> ir.Table:
    """One row for each student and entity: as it is where a student counts once, summed over schools for "each"."""
    if ask.rule.counted_at != EACH or level == "school":
        return table
    schools = ask.tables["schools"].select("school", "lea", "sector").mutate(city=ibis.literal("city"))
    table = table.join(schools, "school").drop("school").rename(school=level)
    table = table.drop(*(name for name in ("lea", "sector", "city") if name != level))
    amounts = [name for name in table.columns if name not in (*WHO, "entry")]
    newest = ibis.window(group_by=PLACE, order_by=[table.entry.desc(), table.grade.desc()])
    whole = ibis.window(group_by=PLACE)
    table = table.mutate(
        rank=ibis.row_number().over(newest), **{name: table[name].sum().over(whole) for name in amounts}
    )
    return table.filter(table["rank"] == 0).drop("rank")


def _on_roll(ask: Question, level: str) -> ir.Table:
    table = facts.at_places(ask, counted(ask), ask.tables.once(facts.attended(ask)))
    table = _units(ask, table.filter(table.roll > 0), level)
    return table.filter(table.roll >= ask.rule.minimum_days * facts.HUNDRED)


def _attendance(ask: Question, level: str) -> ir.Table:
    table = _on_roll(ask, level)
    return table.select(*WHO, n=_one(), num=table.present, den=table.roll)


def _chronic_absence(ask: Question, level: str) -> ir.Table:
    table = _on_roll(ask, level)
    permille = round(ask.rule.absent_at_least * 10)
    absent = (table.roll - table.present) * 1000 >= table.roll * permille
    return table.select(*WHO, n=_one(), num=_flag(absent), den=_one())


def _discipline(ask: Question, level: str) -> ir.Table:
    rule, everything = ask.rule, facts.consequences(ask)
    place = ask.tables.once(of_givers(ask, counted(ask, everything), "incidents"))
    table = facts.at_places(ask, place, facts.disciplined(ask, everything))
    table = table.mutate(times=table.times.fill_null(0), amount=table.amount.fill_null(0))
    table = _units(ask, table, level)
    table = table.filter(table.days >= rule.minimum_days)
    enough = (table.times >= rule.at_least_times) & (table.amount >= rule.at_least_days * facts.HUNDRED)
    return table.select(*WHO, n=_one(), num=_flag(enough), den=_one())


def _enrolled_on(ask: Question) -> ir.Table:
    table = dated(ask.rows("enrollments"))
    day = ask.count_date(table.year)
    table = table.filter(table.grade.isin(list(ask.rule.grades)), table.entry <= day, table.exit > day)
    last = ibis.window(group_by=STUDENT, order_by=[table.entry.desc(), table.school.asc(), table.grade.desc()])
    table = table.mutate(rank=ibis.row_number().over(last))
    return table.filter(table["rank"] == 0).select(*WHO, n=_one())


def _moves(ask: Question) -> ir.Table:
    """Each spell with its entry and exit by month; a spell that continues another at the school is no move."""
    rule, table = ask.rule, dated(ask.rows("enrollments"))
    gap = ibis.interval(days=rule.gap_days)
    order = ibis.window(group_by=PLACE, order_by=[table.entry, table.exit, table.grade])
    earlier = ibis.window(group_by=PLACE, order_by=[table.entry, table.exit, table.grade], preceding=(None, 1))
    table = table.mutate(before=table.exit.max().over(earlier), after=table.entry.lead(1).over(order))
    first, last = ask.day(table.year, 0), ask.day(table.year, 1)
    table = table.mutate(
        came=table.entry.between(first, last)
        & (table.before.isnull() | ((table.before + gap).cast("date") < table.entry)).fill_null(True),
        went=table.exit.between(first, last)
        & (table.after.isnull() | ((table.exit + gap).cast("date") < table.after)).fill_null(True),
    )
    table = table.filter(table.grade.isin(list(rule.grades)), table.entry <= last, table.exit >= first)
    amounts = {}
    for month in months(rule, ask):
        amounts[f"in_{month}"] = _flag(table.came & (table.entry.month() == int(month)))
        amounts[f"out_{month}"] = _flag(table.went & (table.exit.month() == int(month)))
    return table.select(*WHO, **amounts)


def _graduation(ask: Question) -> ir.Table:
    rule, table = ask.rule, ask.rows("cohorts")
    table = table.filter(table.cohort == rule.cohort, table.status.notin(list(rule.excluded_statuses)))
    table = table.mutate(num=_flag(table.status.isin(list(rule.graduated))))
    best = ibis.window(group_by=STUDENT, order_by=[table.num.desc(), table.school.asc()])
    table = table.mutate(rank=ibis.row_number().over(best), grade=ibis.literal("12"))
    return table.filter(table["rank"] == 0).select(*WHO, "num", n=_one(), den=_one())


def _tested(ask: Question) -> ir.Table:
    """Results in the rule's subject with the student's grade at that school."""
    table = ask.rows("assessments")
    table = table.filter(table.subject == ask.rule.subject)
    grades = ask.tables.once(last_grades(ask))
    table = table.left_join(grades, list(PLACE)).select(table, grades.grade)
    table = table.mutate(grade=table.grade.fill_null("UN"))
    return table.filter(table.grade.isin(list(ask.rule.grades)))


def _proficiency(ask: Question) -> ir.Table:
    table, level = _tested(ask), ask.rule.at_least_level
    if level:
        table = table.filter(table.level.notnull()).mutate(num=_flag(table.level >= level))
    else:
        table = table.filter(table.proficient.isin(["yes", "no"])).mutate(num=_flag(table.proficient == "yes"))
    best = ibis.window(group_by=STUDENT, order_by=[table.num.desc(), table.school.asc()])
    table = table.mutate(rank=ibis.row_number().over(best))
    return table.filter(table["rank"] == 0).select(*WHO, "num", n=_one(), den=_one())


def _growth(ask: Question) -> ir.Table:
    table = _tested(ask)
    table = table.filter(table.growth_percentile.notnull())
    table = table.mutate(x=facts.hundredths(table.growth_percentile))
    best = ibis.window(group_by=STUDENT, order_by=[table.x.desc(), table.school.asc()])
    table = table.mutate(rank=ibis.row_number().over(best))
    return table.filter(table["rank"] == 0).select(*WHO, "x", n=_one())


def _one() -> ir.Value:
    return ibis.literal(1).cast("int64")


def _flag(condition: ir.Value) -> ir.Value:
    return condition.ifelse(1, 0).cast("int64")


_AT_PLACES: dict[str, Callable[[Question, str], ir.Table]] = {
    "attendance": _attendance,
    "chronic_absence": _chronic_absence,
    "discipline": _discipline,
}
_OTHERS: dict[str, Callable[[Question], ir.Table]] = {
    "enrolled_on": _enrolled_on,
    "entries": _moves,
    "withdrawals": _moves,
    "net_entries": _moves,
    "graduation": _graduation,
    "proficiency": _proficiency,
    "growth": _growth,
}
