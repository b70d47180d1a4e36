"""Two versions of the rules on the same records: which figures change, for whom, and how many students come and go.

1. A rule changed where anything that it decides is different; new wording alone is named, but moves no figure.
2. Figures are computed under both versions and put side by side; a figure that one side lacks is missing there.
3. Students are followed: for each entity and group, how many enter and leave the denominator and the numerator.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from commonground.engines.measures.compute import compute, questions
from commonground.engines.measures.compute.cells import grouped_records, in_every_set, joined_groups, with_names
from commonground.engines.measures.compute.records import moves
from commonground.engines.measures.compute.spells import STUDENT, Question
from commonground.engines.measures.figures import CITY, LEVELS
from commonground.engines.measures.rules import EACH, Rule, Rules, sentence
from commonground.engines.measures.rules.sentence import Language
from commonground.engines.measures.tables import Tables

PLACE = ("year", "metric", "level", "entity", "grade", "period", "group")
FLOWS = ("entered", "left", "numerator_entered", "numerator_left")


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One metric whose rule differs: the rule on either side (None: the side lacks it), and the sentences that differ.

    `moves_figures` is false where only names, source or version changed.
    """

    metric: str
    old: Rule | None
    new: Rule | None
    gone: tuple[str, ...]
    come: tuple[str, ...]
    moves_figures: bool


@dataclass(frozen=True)
class Changes:
    """What two versions of rules change on one city's records.

    Attributes:
        rules: every metric whose rule differs, in the order of the new file.
        figures: rows that differ: `PLACE`, old_students, old_value, new_students, new_value.
        flows: year, metric, level, entity, group and `FLOWS`, numbers of students; rows with nobody are left out.
    """

    rules: tuple[RuleChange, ...]
    figures: pa.Table
    flows: pa.Table


def compare_rules(
    old: Rules, new: Rules, tables: Tables, years: Sequence[str] | None = None, language: Language = "en"
) -> Changes:
    """Compare two versions of rules on the same tables; only metrics whose rules differ are computed."""
    changed = rule_changes(old, new, language)
    ids = {change.metric for change in changed if change.moves_figures}
    before, after = _only(old, ids), _only(new, ids)
    figures = _beside(compute(before, tables, years=years).figures, compute(after, tables, years=years).figures)
    return Changes(changed, figures, _flows(before, after, tables, years))


def rule_changes(old: Rules, new: Rules, language: Language = "en") -> tuple[RuleChange, ...]:
    """The metrics whose rules differ. Where a file has several versions of a metric, its latest speaks."""
    before, after = ({rule.id: rule for rule in _latest(rules)} for rules in (old, new))
    ids = dict.fromkeys([*after, *before])
    same_groups = old.groups == new.groups and old.year_begins == new.year_begins
    said = [{rule.id: _sentences(rule, rules, language) for rule in _latest(rules)} for rules in (old, new)]
    found = (
        _rule_change(
            name, (before.get(name), after.get(name)), (old, new), same_groups, [texts.get(name, ()) for texts in said]
        )
        for name in ids
    )
    return tuple(change for change in found if change is not None)


def _latest(rules: Rules) -> tuple[Rule, ...]:
    return rules.for_year("9999")


def _rule_change(
    name: str, pair: tuple[Rule | None, Rule | None], of: tuple[Rules, Rules], same: bool, said: list[Sequence[str]]
) -> RuleChange | None:
    versions = [[rule for rule in rules.metrics if rule.id == name] for rules in of]
    if versions[0] == versions[1] and same:
        return None
    gone = tuple(text for text in said[0] if text not in said[1])
    come = tuple(text for text in said[1] if text not in said[0])
    bare = [[(_bare(rule), rule.effective) for rule in rules] for rules in versions]
    return RuleChange(name, *pair, gone, come, bare[0] != bare[1] or not same)


def _bare(rule: Rule) -> Rule:
    """The rule without what only names it."""
    return replace(rule, version="", effective="", name_en="", name_es="", source="", source_es="")


def _sentences(rule: Rule, rules: Rules, language: Language) -> list[str]:
    return [text.rstrip(".") + "." for text in sentence(rule, rules, language).split(". ")]


def _only(rules: Rules, ids: set[str]) -> Rules:
    metrics = (rule for rule in rules.metrics if rule.id in ids)
    return replace(rules, metrics=tuple(replace(rule, within="") for rule in metrics))


def _beside(old: pa.Table, new: pa.Table) -> pa.Table:
    """Rows of both tables by place where students or value differ."""
    connection = ibis.duckdb.connect()
    key = list(PLACE)
    one, two = (
        connection.create_table(name, table.select([*PLACE, "students", "value"]))
        for name, table in (("one", old), ("two", new))
    )
    both = one.outer_join(two, key)
    both = both.select(
        **{name: ibis.coalesce(both[name], both[f"{name}_right"]) for name in key},
        old_students=both.students, old_value=both.value,
        new_students=both.students_right, new_value=both.value_right,
    )  # fmt: skip
    same = both.old_students.identical_to(both.new_students) & both.old_value.identical_to(both.new_value)
    return both.filter(~same).order_by(key).to_pyarrow()


def _flows(old: Rules, new: Rules, tables: Tables, years: Sequence[str] | None) -> pa.Table:
    """How many students come and go, for every metric that both files have in a year."""
    before, after = (_by_metric(questions(rules, tables, years)) for rules in (old, new))
    parts = [
        with_names(new.groups, _flow(before[name], after[name], new, level).to_pyarrow())
        for name in after
        if name in before
        for level in LEVELS
    ]
    return pa.concat_tables(parts) if parts else pa.table({})


def _by_metric(asked: Iterable[Question]) -> dict[str, list[Question]]:
    found: dict[str, list[Question]] = {}
    for ask in asked:
        found.setdefault(ask.rule.id, []).append(ask)
    return found


def _flow(old: Sequence[Question], new: Sequence[Question], rules: Rules, level: str) -> ir.Table:
    key = [*STUDENT, "entity"]
    one, two = (ibis.union(*(_members(ask, level) for ask in asks)) if len(asks) > 1 else _members(asks[0], level)
                for asks in (old, new))  # fmt: skip
    both = one.outer_join(two, key)
    both = both.select(
        **{name: ibis.coalesce(both[name], both[f"{name}_right"]) for name in key},
        was=both.counted.notnull(), now=both.counted_right.notnull(),
        had=both.num.fill_null(0) > 0, has=both.num_right.fill_null(0) > 0,
    )  # fmt: skip
    both = both.filter((both.was != both.now) | (both.had != both.has))
    both = joined_groups(both, new[0])
    both = both.select("year", "entity", "was", "now", "had", "has",
                       group=in_every_set(rules.groups, both))  # fmt: skip
    counted = both.group_by("year", "entity", "group").aggregate(
        entered=(both.now & ~both.was).sum(), left=(both.was & ~both.now).sum(),
        numerator_entered=(both.has & ~both.had).sum(), numerator_left=(both.had & ~both.has).sum(),
    )  # fmt: skip
    place = counted.mutate(metric=ibis.literal(new[0].rule.id), level=ibis.literal(level))
    return place.select("year", "metric", "level", "entity", "group", *(place[name].cast("int64") for name in FLOWS))


def _members(ask: Question, level: str) -> ir.Table:
    """year, student, entity, counted (1) and num (above 0: in the numerator)."""
    each = ask.rule.counted_at == EACH
    table = grouped_records(ask, level if each else "school")
    schools = ask.tables["schools"].select("school", "lea", "sector")
    if each:
        table = table.mutate(entity=table.school)
    else:
        table = table.join(schools, "school")
        table = table.mutate(entity=ibis.literal(CITY) if level == CITY else table[level])
    return (
        table.mutate(num=_in_numerator(ask, table))
        .group_by(*STUDENT, "entity")
        .aggregate(counted=ibis._.count(), num=ibis._.num.sum())
    )


def _in_numerator(ask: Question, table: ir.Table) -> ir.Value:
    if moves(ask):
        wanted = {"entries": ("in_",), "withdrawals": ("out_",), "net_entries": ("in_", "out_")}[ask.rule.measure]
        columns = [table[name] for name in table.columns if name.startswith(wanted)]
        total = columns[0]
        for column in columns[1:]:
            total = total + column
        return total
    return table.num if ask.rule.kind == "rate" else ibis.literal(0).cast("int64")
