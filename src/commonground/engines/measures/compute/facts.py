"""What happened to a student at a school in the rule's window: days on the roll and present, suspensions and expulsions.

Days are whole numbers of hundredths, so that sums are exact on every backend and in every order.
"""

import ibis
import ibis.expr.types as ir
from ibis import _

from commonground.engines.measures.compute.spells import PLACE, STUDENT, Question

HUNDRED = 100


def hundredths(days: ir.NumericValue) -> ir.NumericValue:
    return (days * HUNDRED).round().cast("int64")


def within_window(ask: Question, table: ir.Table) -> ir.Table:
    """Rows whose date lies in the rule's window; a window of the whole school year asks nothing of the date."""
    if ask.rule.whole_year():
        return table
    return table.filter(table.date >= ask.day(table.year, 0), table.date <= ask.day(table.year, 1))


def attended(ask: Question) -> ir.Table:
    """For each student and school: hundredths of days on the roll (`roll`) and present (`present`).

    Totals for the year answer only a rule about the whole year; an LEA that gives no more is missing for others.
    """
    daily = _daily(ask)
    if not ask.rule.whole_year() or "attendance_totals" not in ask.tables.present:
        return daily
    totals = ask.rows("attendance_totals")
    totals = totals.select(*PLACE, roll=hundredths(totals.days_enrolled), present=hundredths(totals.days_present))
    return ibis.union(daily, totals).group_by(*PLACE).aggregate(roll=_.roll.sum(), present=_.present.sum())


def _daily(ask: Question) -> ir.Table:
    rule = ask.rule
    table = within_window(ask, ask.rows("attendance_days"))
    if rule.not_counted:
        table = table.filter(table.status.notin(list(rule.not_counted)))
    present = table.count(where=table.status.isin(list(rule.present))) * HUNDRED
    if rule.half:
        present = present + table.count(where=table.status.isin(list(rule.half))) * (HUNDRED // 2)
    return table.group_by(*PLACE).aggregate(roll=(table.count() * HUNDRED).cast("int64"), present=present.cast("int64"))


def consequences(ask: Question) -> ir.Table:
    """Every consequence in the window: year, student, school, date, incident, kind, hundredths of days.

    A consequence that names no student belongs to all students of its incident.
    """
    incidents, given = within_window(ask, ask.rows("incidents")), ask.tables["consequences"]
    given = given.select("kind", "days", case=given.incident, whom=given.student.fill_null(""))
    both = incidents.join(given, incidents.incident == given.case)
    both = both.filter((both.whom == "") | (both.whom == both.student))
    return both.select(*PLACE, "date", "incident", "kind", amount=hundredths(both.days.fill_null(0.0)))


def disciplined(ask: Question, all_consequences: ir.Table) -> ir.Table:
    """For each student and school: incidents with one of the rule's consequences (`times`), and their days (`amount`)."""
    own = all_consequences.filter(all_consequences.kind.isin(list(ask.rule.kinds)))
    return own.group_by(*PLACE).aggregate(times=own.incident.nunique().cast("int64"), amount=own.amount.sum())


def at_places(ask: Question, counted: ir.Table, facts: ir.Table) -> ir.Table:
    """The counted places with their facts (null where there are none), of that school or of all the student's schools."""
    key: tuple[str, ...] = PLACE
    if ask.rule.other_schools:
        key = STUDENT
        amounts = [name for name in facts.columns if name not in PLACE]
        facts = facts.group_by(*STUDENT).aggregate(**{name: facts[name].sum() for name in amounts})
    return counted.left_join(facts, list(key)).drop(*(f"{name}_right" for name in key))
