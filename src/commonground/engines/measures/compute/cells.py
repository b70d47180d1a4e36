"""From student records to sums for every entity, grade and group.

1. Each student gets one group of each family, as a number: long texts would cost more than all the rest.
2. Students alike in school, grade and all families become one cell: from here on nothing grows with students.
3. For each level, cells alike in entity, grade and all families become one, so that few are left.
4. Each of these counts in every grouping set (all, each family, each crossing); sums by entity, grade and group follow.

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
from commonground.engines.measures.groups import Family, Groups
from commonground.engines.measures.rules import EACH

# No family has so many groups.
_STEP = 1000
KEY = ("year", "level", "entity", "grade", "group")
MEDIAN = "x"


def summed(ask: Question) -> pa.Table:
    """`sums` computed, with the groups' names."""
    return with_names(ask.rules.groups, sums(ask).to_pyarrow())


def sums(ask: Question) -> ir.Table:
    """year, level, entity, grade, group (as a number, see `with_names`) and the summed amounts of `records`.

    `x` is the median in hundredths.
    """
    if ask.rule.counted_at == EACH:
        return ibis.union(*(row for level in LEVELS for row in _at_level(ask, _alike(ask, level), level, "school")))
    schools = ask.tables["schools"].select("school", "lea", "sector")
    placed = _alike(ask, "school").join(schools, "school").cache()
    return ibis.union(*(row for level in LEVELS for row in _at_level(ask, placed, level, level)))


def grouped_records(ask: Question, level: str = "school") -> ir.Table:
    """Records with one column for each family, and without students of groups that the rule excludes."""
    table = joined_groups(records(ask, level), ask)
    for group in ask.rule.exclude_groups:
        family = ask.rules.groups.family(group.partition(":")[0])
        table = table.filter(table[family.id] != family.ids().index(group))
    return table


def joined_groups(table: ir.Table, ask: Question) -> ir.Table:
    """The table with one column for each family: the number of the group that the student belongs to in the year."""
    families, students = ask.rules.groups.families, ask.tables["students"]
    known = students.select(*STUDENT, **{family.id: _group_of(family, students) for family in families})
    table = table.left_join(ask.tables.once(known), list(STUDENT)).drop(*(f"{name}_right" for name in STUDENT))
    return table.mutate(**{family.id: table[family.id].fill_null(_unknown(family)) for family in families})


def in_every_set(groups: Groups, table: ir.Table) -> ir.Value:
    """The numbers of the groups that a row of `joined_groups` counts in, one for each grouping set, each in a row of its own."""
    return ibis.array([_number(groups, table, names) for names in groups.sets()]).unnest()


def with_names(groups: Groups, table: pa.Table) -> pa.Table:
    """The table with the id of each group in place of the number that `in_every_set` gave it."""
    names = _names(groups)
    ids = pa.array([names[number] for number in table["group"].to_pylist()], pa.string())
    return table.set_column(table.column_names.index("group"), "group", ids)


def _group_of(family: Family, students: ir.Table) -> ir.Value:
    column = students[family.column]
    named = [(column.isin(list(group.values)), at) for at, group in enumerate(family.groups) if group.values]
    return ibis.cases(*named, else_=_unknown(family)).cast("int16")


def _unknown(family: Family) -> int:
    return len(family.groups) - 1


def _alike(ask: Question, level: str) -> ir.Table:
    """One row for each school, grade and group of every family, and for each student where a median is wanted."""
    table = grouped_records(ask, level)
    by = ["year", "school", "grade", *_families(ask)]
    amounts = _amounts(ask, table)
    return table.select(*by, *amounts) if MEDIAN in amounts else _added(table, by, amounts)


def _families(ask: Question) -> list[str]:
    return [family.id for family in ask.rules.groups.families]


def _amounts(ask: Question, table: ir.Table) -> list[str]:
    others = (*STUDENT, "school", "lea", "sector", "grade", *_families(ask))
    return [name for name in table.columns if name not in others]


def _at_level(ask: Question, table: ir.Table, level: str, column: str) -> list[ir.Table]:
    """The sums of one level over all grades, and by grade where the rule shows grades."""
    place = ["year"] if column == CITY else ["year", column]
    by_grade = level in ask.rule.grade_rows and ask.rule.measure != "graduation"
    return [_in_groups(ask, table, level, at) for at in ([place, [*place, "grade"]] if by_grade else [place])]


def _in_groups(ask: Question, table: ir.Table, level: str, place: Sequence[str]) -> ir.Table:
    """The sums by place and group, under the columns that all levels share."""
    amounts = _amounts(ask, table)
    if MEDIAN not in amounts:
        table = _added(table, [*place, *_families(ask)], amounts)
    table = table.select(*place, *amounts, group=in_every_set(ask.rules.groups, table))
    table = _added(table, [*place, "group"], amounts)
    entity = next((table[name] for name in place if name not in ("year", "grade")), ibis.literal(CITY))
    grade = table.grade if "grade" in place else ibis.literal(ALL)
    return table.select("year", "group", *amounts, level=ibis.literal(level), entity=entity, grade=grade)


def _added(table: ir.Table, by: Sequence[str], amounts: Sequence[str]) -> ir.Table:
    """The amounts of rows alike in `by`: their sum, or their median."""
    return table.group_by(*by).aggregate(
        **{
            name: table[name].median().cast("float64") if name == MEDIAN else table[name].sum().cast("int64")
            for name in amounts
        }
    )


def _number(groups: Groups, table: ir.Table, families: Sequence[str]) -> ir.Value:
    number = ibis.literal(_first_number(groups, families)).cast("int32")
    for name, step in zip(families, (_STEP, 1), strict=False):
        number = number + table[name].cast("int32") * step
    return number.cast("int32")


def _names(groups: Groups) -> dict[int, str]:
    """Each group's number with its id."""
    found = {}
    for names in groups.sets():
        families = [groups.family(name).ids() for name in names]
        for members in product(*(enumerate(ids) for ids in families)):
            number = sum(at * step for (at, _), step in zip(members, (_STEP, 1), strict=False))
            found[_first_number(groups, names) + number] = "*".join(one for _, one in members) or ALL
    return found


def _first_number(groups: Groups, families: Sequence[str]) -> int:
    return groups.sets().index(tuple(families)) * _STEP * _STEP
