"""From student records to sums for every entity, grade and group.

1. Each student gets one group of each family.
2. Students alike in school, grade and all families become one cell: from here on nothing grows with students.
3. Each cell counts in every grouping set (all, each family, each crossing), and sums by school, grade and group follow.
4. Schools add up to LEAs, sectors and the city, and grades to all grades.

A median does not add up: it is taken at step 4 from the students themselves.
"""

from collections.abc import Sequence
from itertools import product

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from commonground.engines.measures.compute.records import records
from commonground.engines.measures.compute.spells import STUDENT, Question
from commonground.engines.measures.figures import ALL, CITY, LEVELS
from commonground.engines.measures.groups import UNKNOWN, Family
from commonground.engines.measures.rules import EACH

# No family has so many groups.
_STEP = 1000
KEY = ("year", "level", "entity", "grade", "group")


def summed(ask: Question) -> pa.Table:
    """`sums` computed, with the groups' names."""
    table, names = sums(ask).to_pyarrow(), _codes(ask)
    groups = pa.array([names[code] for code in table["group"].to_pylist()], pa.string())
    return table.set_column(table.column_names.index("group"), "group", groups)


def sums(ask: Question) -> ir.Table:
    """year, level, entity, grade, group (as the number that `_code` gives it) and the summed amounts of `records`.

    `x` is the median in hundredths.
    """
    if ask.rule.counted_at == EACH:
        return ibis.union(*(row for level in LEVELS for row in _at_level(ask, _grouped(ask, level), level, "school")))
    grouped = _grouped(ask, "school")
    schools = ask.tables["schools"].select("school", "lea", "sector")
    placed = grouped.join(schools, "school").cache()
    return ibis.union(*(row for level in LEVELS for row in _at_level(ask, placed, level, level)))


def grouped_records(ask: Question, level: str = "school") -> ir.Table:
    """Records with one column for each family, and without students of groups that the rule excludes."""
    table = joined_groups(records(ask, level), ask)
    for group in ask.rule.exclude_groups:
        table = table.filter(table[group.partition(":")[0]] != group)
    return table


def joined_groups(table: ir.Table, ask: Question) -> ir.Table:
    """The table with one column for each family, which holds the group that the student belongs to in the year."""
    families, students = ask.rules.groups.families, ask.tables["students"]
    known = students.select(*STUDENT, **{family.id: _group_of(family, students) for family in families})
    table = table.left_join(known, list(STUDENT)).drop(*(f"{name}_right" for name in STUDENT))
    return table.mutate(**{family.id: table[family.id].fill_null(f"{family.id}:{UNKNOWN}") for family in families})


def _group_of(family: Family, students: ir.Table) -> ir.Value:
    column = students[family.column]
    branches = [(column.isin(list(group.values)), f"{family.id}:{group.id}") for group in family.groups if group.values]
    return ibis.cases(*branches, else_=f"{family.id}:{UNKNOWN}")


def _grouped(ask: Question, level: str) -> ir.Table:
    """One row for each school, grade, group and (for a median) student."""
    table, groups = grouped_records(ask, level), ask.rules.groups
    families = [family.id for family in groups.families]
    place = ["year", "school", "grade"]
    amounts = [name for name in table.columns if name not in (*place, "student", *families)]
    if "x" not in amounts:
        table = table.group_by(*place, *families).aggregate(**{name: table[name].sum() for name in amounts})
    members = ibis.array([_code(ask, table, names) for names in groups.sets()])
    table = table.select(*place, *amounts, group=members.unnest())
    if "x" not in amounts:
        table = table.group_by(*place, "group").aggregate(**{name: table[name].sum() for name in amounts})
    return table


def _code(ask: Question, table: ir.Table, families: Sequence[str]) -> ir.Value:
    """The group of a row in one grouping set as a number: long texts would cost more than all the rest."""
    code = ibis.literal(_first_code(ask, families)).cast("int64")
    for name, step in zip(families, (_STEP, 1), strict=False):
        ids = ask.rules.groups.family(name).ids()
        code = code + ibis.cases(*((table[name] == one, at * step) for at, one in enumerate(ids))).cast("int64")
    return code


def _codes(ask: Question) -> dict[int, str]:
    """Each code with its group's id."""
    found = {}
    for names in ask.rules.groups.sets():
        families = [ask.rules.groups.family(name).ids() for name in names]
        for members in product(*(enumerate(ids) for ids in families)):
            code = sum(at * step for (at, _), step in zip(members, (_STEP, 1), strict=False))
            found[_first_code(ask, names) + code] = "*".join(one for _, one in members) or ALL
    return found


def _first_code(ask: Question, families: Sequence[str]) -> int:
    return ask.rules.groups.sets().index(tuple(families)) * _STEP * _STEP


def member(table: ir.Table, families: Sequence[str]) -> ir.Value:
    """The group of a row in one grouping set: "all", a group, or two joined by "*"."""
    if not families:
        return ibis.literal(ALL)
    first, *others = (table[name] for name in families)
    for other in others:
        first = first.concat("*", other)
    return first


def _at_level(ask: Question, table: ir.Table, level: str, column: str) -> list[ir.Table]:
    """The sums of one level over all grades, and by grade where the rule shows grades."""
    entity = ibis.literal(CITY) if column == CITY else table[column]
    table = table.mutate(entity=entity, level=ibis.literal(level))
    whole = _summed(table.mutate(grade=ibis.literal(ALL)))
    by_grade = level in ask.rule.grade_rows and ask.rule.measure != "graduation"
    return [whole, _summed(table)] if by_grade else [whole]


def _summed(table: ir.Table) -> ir.Table:
    amounts = [name for name in table.columns if name not in (*KEY, "school", "lea", "sector")]
    by = table.group_by(*KEY)
    return by.aggregate(
        **{
            name: table[name].median().cast("float64") if name == "x" else table[name].sum().cast("int64")
            for name in amounts
        }
    )
