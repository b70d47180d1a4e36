"""Two versions of a rule on the same data: what changes, for whom, and which students come and go."""

import dataclasses

import pytest

from commonground.engines.measures.changes import compare_rules, rule_changes
from commonground.engines.measures.compute import connect
from commonground.engines.measures.rules import Rules, shipped_rules
from commonground.engines.measures.twin import twin_figures
from tests.engines.measures.cities import random_city, tables_in

SHIPPED = shipped_rules()


def changed(metric: str, **values: object) -> Rules:
    metrics = (dataclasses.replace(rule, **values) if rule.id == metric else rule for rule in SHIPPED.metrics)
    return dataclasses.replace(SHIPPED, metrics=tuple(metrics))


def shown(figure):
    """Students and value: what is compared. A row without numbers says as little as no row."""
    return (None, None) if figure is None else (figure[0], figure[3])


def test_only_what_differs_is_named_with_the_sentences_that_differ():
    (change,) = rule_changes(SHIPPED, changed("chronic_absence", version="2", absent_at_least=15.0))
    assert change.metric == "chronic_absence" and change.moves_figures
    assert change.gone[0].startswith("The share of students who were absent on 10 %")
    assert change.come[0].startswith("The share of students who were absent on 15 %")
    assert change.gone[1] == "Version 1, in force from 2012-13." and len(change.gone) == 2


def test_new_wording_moves_no_figure():
    new = changed("enrollment", version="2", name_en="Enrolled")
    (change,) = rule_changes(SHIPPED, new)
    assert not change.moves_figures
    changes = compare_rules(SHIPPED, new, tables_in(random_city(1), connect()))
    assert (changes.figures.num_rows, changes.flows.num_rows) == (0, 0)


def test_the_same_rules_change_nothing():
    assert rule_changes(SHIPPED, shipped_rules()) == ()


def test_a_metric_of_one_file_only_is_named():
    less = dataclasses.replace(SHIPPED, metrics=SHIPPED.metrics[:-1])
    (change,) = rule_changes(SHIPPED, less)
    assert (change.metric, change.new) == ("growth_math", None)


@pytest.mark.parametrize(
    ("metric", "values"),
    [
        ("chronic_absence", {"absent_at_least": 40.0, "minimum_days": 12}),
        ("suspension", {"counted_at": "last", "minimum_days": 40}),
        ("attendance", {"counted_at": "each"}),
    ],
)
def test_figures_and_students_follow_from_both_versions(metric, values):
    new, city = changed(metric, **values), random_city(6, students=60)
    changes = compare_rules(SHIPPED, new, tables_in(city, connect()))
    old_twin, new_twin = twin_figures(SHIPPED, city), twin_figures(new, city)
    different = {
        key for key in old_twin.keys() | new_twin.keys() if shown(old_twin.get(key)) != shown(new_twin.get(key))
    }
    place = ("year", "metric", "level", "entity", "grade", "period", "group")
    assert {tuple(row[name] for name in place) for row in changes.figures.to_pylist()} == {
        (key[0], key[1], *key[3:]) for key in different
    }
    assert changes.flows.num_rows > 0
    for row in changes.flows.to_pylist():
        key = (row["year"], metric, "1", row["level"], row["entity"], "all", "year", row["group"])
        before, after = (twin.get(key, (0, 0.0, 0.0, None)) for twin in (old_twin, new_twin))
        assert row["entered"] - row["left"] == (after[0] or 0) - (before[0] or 0)
        if metric != "attendance":
            assert row["numerator_entered"] - row["numerator_left"] == (after[1] or 0) - (before[1] or 0)
