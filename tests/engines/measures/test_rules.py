"""A rule is data that a working group can read: every option is said in both languages, and every mistake is named."""

import dataclasses

import pytest

from commonground.engines.measures.rules import (
    RulesError,
    parse_rules,
    read_rules,
    sentence,
    shipped_rules,
    shipped_text,
)
from commonground.engines.measures.rules.options import MEASURES, OPTIONS, attribute, known_keys

# For each key two values that fit, so that a rule can be changed from one to the other.
OTHER: dict[str, tuple[object, object]] = {
    "id": ("one", "two"),
    "version": ("1", "2"),
    "effective": ("2020", "2021"),
    "measure": ("", ""),
    "name_en": ("A", "B"),
    "name_es": ("A", "B"),
    "source": ("here", "there"),
    "source_es": ("aquí", "allá"),
    "grades": (("01", "02"), ("01", "03")),
    "digits": (3, 2),
    "grade_rows": (("city", "sector"), ("city", "sector", "lea")),
    "exclude_groups": (("sex:female",), ("race:black",)),
    "exclude_schools": (("S1",), ("S2",)),
    "begins": ("10-06", "10-07"),
    "until": ("05-31", "05-30"),
    "within": ("suspension", "chronic_absence"),
    "count_date": ("10-05", "10-01"),
    "present": (("present",), ("present", "tardy")),
    "half": (("half",), ("half", "part")),
    "not_counted": (("closed",), ("closed", "snow")),
    "counted_at": ("longest", "last"),
    "other_schools": (True, False),
    "minimum_days": (5, 10),
    "absent_at_least": (10.0, 12.5),
    "kinds": (("suspension_out",), ("suspension_out", "expulsion")),
    "at_least_times": (2, 3),
    "at_least_days": (5, 11),
    "gap_days": (5, 10),
    "by_month": ("all", "groups"),
    "cohort": ("4", "5"),
    "graduated": (("graduated",), ("graduated", "certificate")),
    "excluded_statuses": (("deceased",), ("deceased", "emigrated")),
    "subject": ("ela", "math"),
    "at_least_level": (3, 4),
}
# What a rule is called and what it is: shown beside the sentence, not in it.
BESIDE = {"id", "name_en", "name_es", "measure"}
EVERY_OPTION = [
    (measure, attribute(key)) for measure in MEASURES for key in known_keys(measure) if attribute(key) not in BESIDE
]


def test_the_shipped_rules_cover_what_partners_asked_for():
    rules = shipped_rules()
    assert {rule.measure for rule in rules.metrics} == set(MEASURES)
    assert {rule.id: rules.population(rule) for rule in rules.metrics if rule.within or rule.id == "expulsion"} == {
        "suspension_long": "suspension",
        "expulsion": "suspension",
    }
    assert sum(len(families) == 2 for families in rules.groups.sets()) == 1
    assert len(rules.groups.family("race").groups) == 8


@pytest.mark.parametrize("rule", shipped_rules().metrics, ids=lambda rule: rule.id)
def test_every_shipped_rule_is_whole_sentences_in_both_languages(rule):
    for language in ("en", "es"):
        text = sentence(rule, shipped_rules(), language)
        assert text.endswith(".") and "{" not in text and "_en" not in text
    assert sentence(rule, shipped_rules(), "en") != sentence(rule, shipped_rules(), "es")


def test_chronic_absence_reads_so():
    rules = shipped_rules()
    rule = next(rule for rule in rules.metrics if rule.id == "chronic_absence")
    assert sentence(rule, rules, "en") == (
        "The share of students who were absent on 10 % or more of the days that they were on the roll. Students in these "
        "grades count: kindergarten to 12, ungraded. A student counts with 10 or more days on the roll. Counted as present: "
        "present, late. Counted as half a day present: half. The whole school year counts. A student of "
        "several schools counts once, at the school with most days of enrollment. Only days at that school count. "
        "Rounded to 3 decimals, halves upward. Shown by grade for: the "
        "city, each sector. Version 1, in force from 2012-13. Source: Common Ground starter rules; 10 % is the threshold of "
        "the U.S. Department of Education (EDFacts FS195)."
    )


@pytest.mark.parametrize(("measure", "option"), EVERY_OPTION)
def test_every_option_of_every_measure_is_said(measure, option):
    rules = shipped_rules()
    base = next(rule for rule in rules.metrics if rule.measure == measure)
    base = dataclasses.replace(base, source_es="")
    first, second = (dataclasses.replace(base, **{option: value}) for value in OTHER[option])
    for language in ("en", "es") if option != "source_es" else ("es",):
        assert sentence(first, rules, language) != sentence(second, rules, language)


def test_a_later_version_takes_over_in_its_year():
    text = shipped_text()
    section = next(part for part in text.split("[[metric]]") if 'id = "chronic_absence"' in part)
    later = section.replace('version = "1"', 'version = "2"').replace("2013", "2025").replace("10.0", "15.0")
    rules = parse_rules(text.replace("[[family]]", f"[[metric]]{later}\n[[family]]", 1), "two.toml")
    versions = {
        year: [r.version for r in rules.for_year(year) if r.id == "chronic_absence"] for year in ("2024", "2025")
    }
    assert versions == {"2024": ["1"], "2025": ["2"]}
    assert [rule.id for rule in rules.for_year("2012")] == []


def test_days_fall_into_the_school_year():
    rules = shipped_rules()
    assert str(rules.day("2025", "10-05")) == "2024-10-05"
    assert str(rules.day("2025", "06-30")) == "2025-06-30"
    whole = next(rule for rule in rules.metrics if rule.id == "attendance")
    assert [str(day) for day in rules.window(whole, "2024")] == ["2023-07-01", "2024-06-30"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('format = "commonground-equity-rules/1"', "", "rules.toml, format: is “”. Write format ="),
        ('begins = "07-01"', 'begins = "02-29"', "school_year, begins: is no day."),
        ('crossings = [["disability", "race"]]', 'crossings = [["race", "race"]]', "no pair of families"),
        ('measure = "enrolled_on"', 'measure = "enrolment"', "metric enrollment, measure: “enrolment” is not known."),
        (
            'count_date = "10-05"',
            'count_date = "5 October"',
            "metric enrollment, count_date: “5 October” does not fit.",
        ),
        ('count_date = "10-05"', "", "metric enrollment, count_date: is absent. Write a month and a day"),
        ('count_date = "10-05"', 'count_day = "10-05"', "metric enrollment, count_day: is not known here. Take it out"),
        ("absent_at_least = 10.0", "absent_at_least = 0", "metric chronic_absence, absent_at_least: “0” does not fit."),
        (
            'within = "suspension"',
            'within = "expulsion"',
            "metric suspension_long, within: “expulsion” does not contain",
        ),
        ('grades = ["12"]', 'grades = ["12", "13"]', "metric graduation_4, grades:"),
        (
            'id = "expulsion"',
            'id = "suspension"',
            "metric suspension, version: 1 from 2013 stands beside another such.",
        ),
        ('until = "05-31"', 'until = "09-30"', "metric entry, until: 09-30 comes before the first day."),
        ('graduated = ["graduated"]', 'graduated = ["transferred_out"]', "metric graduation_4, graduated: a status"),
        ('counted_at = "longest"', 'counted_at = "incident"', "metric attendance, counted_at: “incident” fits"),
        ('column = "sex"', 'column = "gender"', "family sex, column: “gender” is no column of students."),
        ('{ id = "female",', '{ id = "unknown",', "family sex, group unknown: has an id"),
        ("[[metric]]", "[[metric", "rules.toml, file: is not TOML:"),
    ],
)
def test_a_mistake_is_named_by_file_key_and_remedy(old, new, said):
    text = shipped_text()
    assert old in text
    with pytest.raises(RulesError) as caught:
        parse_rules(text.replace(old, new, 1), "rules.toml")
    assert said in str(caught.value)
    assert all(problem.remedy.endswith(".") for problem in caught.value.problems)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "rules.toml").write_bytes("título = 1".encode("utf-16"))
    with pytest.raises(RulesError, match=r"rules\.toml, file: is not UTF-8\. Save it as UTF-8\."):
        read_rules(tmp_path / "rules.toml")
    with pytest.raises(RulesError, match=r"none\.toml, file: cannot be read"):
        read_rules(tmp_path / "none.toml")


def test_every_key_has_two_values_here():
    assert {attribute(key) for key in OPTIONS} == set(OTHER)
