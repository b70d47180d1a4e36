"""Figures follow from records as the rules say: a slow twin agrees, parts add up, and schools do not touch each other."""

import dataclasses
import logging
import random
import shutil
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from commonground.engines.measures.compute import compute, connect, half_up
from commonground.engines.measures.figures import FIGURE_COLUMNS, KEY
from commonground.engines.measures.rules import Rule, Rules, shipped_rules
from commonground.engines.measures.tables import TablesError, open_tables
from commonground.engines.measures.twin import twin_figures
from tests.engines.measures.cities import City, random_city, tables_in, write_city

SHIPPED = shipped_rules()
NO_FIGURE = "no figure"
# A city that fails is small already, and computing it again and again to make it smaller takes minutes.
FOUND_IS_ENOUGH = (Phase.explicit, Phase.generate)


def by_key(figures):
    rows = zip(*(figures.figures[name].to_pylist() for name in FIGURE_COLUMNS), strict=True)
    return {row[: len(KEY)]: row[len(KEY) :] for row in rows}


def computed(rules: Rules, city: City):
    figures = compute(rules, tables_in(city, connect()))
    figures.validate()
    return by_key(figures)


def apart(one, other):
    return {key: (one.get(key, NO_FIGURE), other.get(key, NO_FIGURE)) for key in one.keys() | other.keys()
            if one.get(key, NO_FIGURE) != other.get(key, NO_FIGURE)}  # fmt: skip


def only(*names: str) -> Rules:
    chosen = (rule for rule in SHIPPED.metrics if rule.id in names)
    return dataclasses.replace(SHIPPED, metrics=tuple(dataclasses.replace(rule, within="") for rule in chosen))


CHOICES: dict[str, dict[str, tuple[object, ...]]] = {
    "attendance": {"counted_at": ("longest", "last", "each"), "minimum_days": (1, 15), "not_counted": ((), ("closed",))},
    "chronic_absence": {
        "counted_at": ("longest", "last", "each"), "minimum_days": (1, 12), "absent_at_least": (10.0, 33.3, 50.0),
        "half": ((), ("half", "late")), "present": (("present",),),
    },
    "discipline": {
        "counted_at": ("longest", "last", "each", "incident"), "minimum_days": (1, 30), "at_least_times": (1, 2),
        "at_least_days": (0, 6), "kinds": (("suspension_out",), ("suspension_in", "expulsion")),
    },
    "entries": {"gap_days": (0, 5, 14), "by_month": ("no", "all", "groups")},
    "withdrawals": {"gap_days": (0, 5, 14), "by_month": ("no", "all", "groups")},
    "net_entries": {"gap_days": (0, 5, 14), "by_month": ("no", "all", "groups")},
    "proficiency": {"at_least_level": (0, 3)},
}  # fmt: skip
ANY: dict[str, tuple[object, ...]] = {
    "grades": (("KG", "03", "04", "08", "09", "12", "UN"), ("03", "04", "12")),
    "exclude_groups": ((), ("sex:male",), ("race:unknown", "at_risk:yes")),
    "exclude_schools": ((), ("S2",)),
    "grade_rows": (("city", "sector"), ("city", "sector", "lea", "school")),
}


AT_PLACES = ("attendance", "chronic_absence", "discipline")


def varied(rule: Rule, dice: random.Random) -> Rule:
    """The rule with every option drawn anew."""
    choices = {**ANY, **CHOICES.get(rule.measure, {})}
    new = {name: dice.choice(values) for name, values in choices.items()}
    if rule.measure in AT_PLACES:
        new |= dice.choice(({}, {"begins": "10-06", "until": "03-31"}))
        new["other_schools"] = new["counted_at"] != "each" and dice.random() < 0.5
    return dataclasses.replace(rule, within="", **new)


@pytest.mark.parametrize("part", [0, 1])
@given(seed=st.integers(0, 10**6))
@settings(max_examples=4, phases=FOUND_IS_ENOUGH)
def test_the_twin_agrees_on_random_cities(part, seed):
    dice = random.Random(seed)
    chosen = dice.sample(SHIPPED.metrics[part::2], 3)
    rules = dataclasses.replace(SHIPPED, metrics=tuple(varied(rule, dice) for rule in chosen))
    city = random_city(seed, students=40, years=("2024", "2025"))
    assert apart(computed(rules, city), twin_figures(rules, city)) == {}


def test_the_twin_agrees_on_every_shipped_rule():
    city = random_city(7, students=80)
    assert apart(computed(SHIPPED, city), twin_figures(SHIPPED, city)) == {}


def test_a_median_is_over_students_however_alike_they_are():
    """Nothing is known of anybody's groups, so that many students of a school and grade are alike."""
    city, rules = random_city(7, students=80) | {"students": []}, only("growth_math")
    assert apart(computed(rules, city), twin_figures(rules, city)) == {}


def test_parts_add_up_to_the_whole():
    city, rules = (
        random_city(3, students=60),
        only("enrollment", "suspension", "chronic_absence", "entry", "growth_math"),
    )
    found = computed(rules, city)
    lea_of = {row["school"]: row["lea"] for row in city["schools"]}
    sector_of = {row["lea"]: row["sector"] for row in city["leas"]}
    sums = {name: defaultdict(lambda: np.zeros(3)) for name in ("lea", "sector", "city", "group", "grade")}
    for key, numbers in found.items():
        year, metric, version, level, entity, grade, period, group = key
        own = np.array([number or 0 for number in numbers[:3]], float)
        above = {
            "school": ("lea", lea_of.get(entity)),
            "lea": ("sector", sector_of.get(entity)),
            "sector": ("city", "city"),
        }
        if level in above:
            upper, name = above[level]
            sums[upper][year, metric, version, upper, name, grade, period, group] += own
        if group.startswith("race:") and "*" not in group:
            sums["group"][*key[:7], "all"] += own
        if group.startswith("disability:") and "*" in group:
            sums["group"][*key[:7], group.split("*")[1]] += own / 1
        if grade != "all":
            sums["grade"][*key[:5], "all", *key[6:]] += own
    checked = 0
    for name, parts in sums.items():
        for key, whole in parts.items():
            if name == "group" and key[6] != "year" and key not in found:
                continue
            if name in ("sector", "lea") and key[5] != "all" and key not in found:
                continue
            assert [number or 0 for number in found[key][:3]] == pytest.approx(whole.tolist()), (name, key)
            checked += 1
    assert checked > 500


def with_newcomer(city: City, other: City, school: str) -> City:
    """The city with a student of another city, whose records all lie at this school."""
    grown = {name: [*rows] for name, rows in city.items()}
    for name in ("students", "enrollments", "attendance_days", "incidents", "consequences", "cohorts", "assessments"):
        rows = [{**row, "student": "new"} | ({"school": school} if "school" in row else {}) for row in other[name]]
        grown[name] += rows[:1] if name == "enrollments" else rows
    return grown


@pytest.mark.parametrize("part", [0, 1, 2])
@given(seed=st.integers(0, 10**6), counted_at=st.sampled_from(("longest", "last", "each")))
@settings(max_examples=2, phases=FOUND_IS_ENOUGH)
def test_a_student_added_to_one_school_changes_no_other_school(part, seed, counted_at):
    counted = {"counted_at": counted_at, "other_schools": False}
    metrics = [
        dataclasses.replace(rule, within="", **(counted if rule.measure in AT_PLACES else {}))
        for rule in SHIPPED.metrics[part::3]
    ]
    rules, city = dataclasses.replace(SHIPPED, metrics=tuple(metrics)), random_city(seed, students=15)
    city["provided"] = [{"lea": lea, "table": "incidents", "year": "2025"} for lea in ("D1", "C1", "C2")]
    grown = with_newcomer(city, random_city(seed + 1, students=1), "S3")
    changed = apart(computed(rules, city), computed(rules, grown))
    its_own = {("school", "S3"), ("lea", "D1"), ("sector", "district"), ("city", "city")}
    assert {key[3:5] for key in changed} == its_own


def test_what_an_lea_does_not_give_is_missing_and_what_is_none_is_zero():
    city = random_city(5)
    city["incidents"], city["consequences"] = [], []
    city["provided"] = [
        {"lea": lea, "table": "incidents", "year": year} for lea, year in (("D1", "2025"), ("C2", "2024"))
    ]
    found = computed(only("suspension"), city)

    def at(level, entity):
        return found["2025", "suspension", "1", level, entity, "all", "year", "all"]

    assert at("lea", "C1") == at("lea", "C2") == (None, None, None, None)
    students, numerator, denominator, value = at("lea", "D1")
    assert (numerator, value) == (0.0, 0.0) and students == denominator > 0
    assert at("city", "city") == at("lea", "D1")


def test_an_lea_with_totals_is_missing_where_a_window_asks_for_days():
    rules = only("attendance")
    rules = dataclasses.replace(rules, metrics=(dataclasses.replace(rules.metrics[0], begins="09-01", until="12-31"),))
    found = computed(rules, random_city(2, students=40))
    assert found["2025", "attendance", "1", "lea", "C2", "all", "year", "all"] == (None, None, None, None)
    assert found["2025", "attendance", "1", "lea", "D1", "all", "year", "all"][3] is not None


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(0, 6))
def test_halves_are_rounded_upward_exactly(numerator, denominator, digits):
    exact = (2 * Decimal(numerator) * 10**digits + denominator) // (2 * Decimal(denominator)) / 10**digits
    assert half_up(np.array([numerator]), np.array([denominator]), digits)[0] == float(exact)


def test_a_half_that_binary_numbers_would_round_down_goes_up():
    assert (
        half_up(np.array([57]), np.array([200]), 2)[0]
        == 0.29
        == float(Decimal("0.285").quantize(Decimal("0.01"), ROUND_HALF_UP))
    )
    assert round(57 / 200, 2) == 0.28


def test_order_of_rows_makes_no_difference():
    city = random_city(11)
    mixed = {name: random.Random(1).sample(rows, len(rows)) for name, rows in city.items()}
    rules = only("attendance", "suspension_long", "growth_ela")
    assert apart(computed(rules, city), computed(rules, mixed)) == {}


def test_tables_are_read_from_a_folder_and_an_absent_one_is_named(tmp_path):
    city = random_city(4)
    write_city(city, tmp_path)
    read = by_key(compute(only("entry"), open_tables(tmp_path, connect())))
    assert apart(read, computed(only("entry"), city)) == {}
    (tmp_path / "schools.parquet").unlink()
    with pytest.raises(TablesError, match=r"there is no schools\.parquet\. Name a folder of checked tables\."):
        open_tables(tmp_path, connect())


@pytest.fixture
def spark():
    """An Ibis connection to a small Spark on this machine."""
    pyspark = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    if shutil.which("java") is None:
        pytest.skip("Spark needs a Java runtime (17 or 21), and there is no java on the path")
    import ibis

    logging.getLogger("py4j").setLevel(logging.WARNING)  # or it logs into a closed stream when Python ends
    builder = pyspark.SparkSession.builder.master("local[2]")
    options = {
        "spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2", "spark.sql.session.timeZone": "UTC",
        "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1", "spark.driver.memory": "1g",
    }  # fmt: skip
    for name, value in options.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield ibis.pyspark.connect(session)
    session.stop()


@pytest.mark.filterwarnings("ignore")  # those of Spark, pandas and their sockets say nothing about this code
def test_spark_makes_the_same_table(spark, tmp_path):
    city = random_city(9, students=40)
    write_city(city, tmp_path)
    one_of_each = {rule.measure: rule for rule in reversed(SHIPPED.metrics)}
    rules = dataclasses.replace(SHIPPED, metrics=tuple(one_of_each.values()))
    ours = by_key(compute(rules, open_tables(tmp_path, connect())))
    theirs = by_key(compute(rules, open_tables(tmp_path, spark)))
    assert apart(ours, theirs) == {}
    assert len(ours) > 1000
