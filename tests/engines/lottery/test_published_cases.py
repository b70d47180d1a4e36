"""All published cases come out right, through the same program that anyone can run."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def run_cases(file: Path) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "lottery_cases.py", file], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout.splitlines()


def case(**more: object) -> dict[str, object]:
    return {
        "id": "mine",
        "mechanism": "student_da",
        "students": {"a": ["S"], "b": ["S"]},
        "schools": {"S": {"capacity": 1, "priority": [["a"], ["b"]]}},
        "expected": {"a": "S", "b": None},
        **more,
    }


def outcome(tmp_path: Path, **more: object) -> tuple[int, str]:
    file = tmp_path / "cases.json"
    file.write_text(json.dumps({"cases": [case(**more)]}))
    code, lines = run_cases(file)
    return code, lines[0]


def test_every_published_case_passes(public_data: Path) -> None:
    code, lines = run_cases(public_data / "enrollment" / "lottery_cases.json")
    assert code == 0
    assert json.loads(lines[-1]) == {"passed": 10, "failed": 0, "not_supported": 0}


def test_a_wrong_expectation_is_reported_as_failed(tmp_path: Path) -> None:
    code, line = outcome(tmp_path, expected={"a": None, "b": "S"})
    assert code == 1
    assert line.startswith("mine: failed: match")


def test_a_field_that_is_not_understood_is_not_passed_over(tmp_path: Path) -> None:
    assert outcome(tmp_path, siblings_of_cousins={}) == (0, "mine: not supported (fields siblings_of_cousins)")


def test_a_majority_quota_leaves_the_other_seats_to_the_minority(tmp_path: Path) -> None:
    more = {
        "mechanism": "student_da_majority_quota",
        "students": {"M": ["S"], "N": ["S"], "m": ["S"]},
        "types": {"M": "majority", "N": "majority", "m": "minority"},
        "schools": {"S": {"capacity": 2, "majority_quota": 1, "priority": [["M"], ["N"], ["m"]]}},
        "expected": {"M": "S", "N": None, "m": "S"},
    }
    assert outcome(tmp_path, **more) == (0, "mine: passed")


def test_rotating_precedence_alternates_reserved_and_open_seats(tmp_path: Path) -> None:
    children = ["w1", "o1", "w2", "o2", "w3", "o3"]
    more = {
        "students": {child: ["S"] for child in children},
        "types": {child: "walk" if child[0] == "w" else "other" for child in children},
        "schools": {
            "S": {"capacity": 4, "reserves": {"walk": 2}, "precedence": "rotating", "priority": [[c] for c in children]}
        },
        "expected": {"w1": "S", "o1": "S", "w2": "S", "o2": "S", "w3": None, "o3": None},
    }
    assert outcome(tmp_path, **more) == (0, "mine: passed")


def test_an_older_siblings_match_counts_in_the_same_run(tmp_path: Path) -> None:
    more = {
        "mechanism": "dynamic_siblings",
        "students": {"old": ["S7"], "young": ["S6"], "other": ["S6"]},
        "grades": {"old": "7", "young": "6", "other": "6"},
        "siblings": [["young", "old"]],
        "lottery": ["other", "young", "old"],
        "schools": {
            "S7": {"capacity": 1, "school": "S", "priority": [["old"]]},
            "S6": {"capacity": 1, "school": "S", "priority": [["young", "other"]]},
        },
        "expected": {"old": "S7", "young": "S6", "other": None},
    }
    assert outcome(tmp_path, **more) == (0, "mine: passed")


def test_cutoffs_of_a_crowd_are_read_with_their_masses(tmp_path: Path) -> None:
    more = {
        "mechanism": "continuum_cutoffs",
        "students": [{"mass": "1", "list": ["A", "B"]}],
        "schools": {"A": {"capacity": "1/4"}, "B": {"capacity": "1/4"}},
        "expected_cutoffs": {"A": "1/4", "B": "1/2"},
    }
    assert outcome(tmp_path, **more) == (0, "mine: passed")


def test_a_match_bettered_by_a_stable_improvement_cycle_is_recognized(tmp_path: Path) -> None:
    """Erdil and Ergin 2008: two children who tie at each other's school may trade."""
    market = {
        "students": {"1": ["y", "z", "x"], "2": ["z", "y", "x"], "3": ["y", "z", "x"]},
        "schools": {
            "x": {"capacity": 1, "priority": [["1"], ["2"], ["3"]]},
            "y": {"capacity": 1, "priority": [["2"], ["1", "3"]]},
            "z": {"capacity": 1, "priority": [["3"], ["1", "2"]]},
        },
        "expected": {"1": "x", "2": "y", "3": "z"},
    }
    right = {"after_stable_improvement_cycle": {"1": "x", "2": "z", "3": "y"}, "both_weakly_stable": True}
    assert outcome(tmp_path, **market, also=right) == (0, "mine: passed")
    wrong = {"after_stable_improvement_cycle": {"1": "y", "2": "z", "3": "x"}}
    assert outcome(tmp_path, **market, also=wrong)[0] == 1


def test_a_further_expectation_that_is_not_understood_is_not_passed_over(tmp_path: Path) -> None:
    assert outcome(tmp_path, also={"nash": 1}) == (0, "mine: not supported (also nash)")


def test_a_case_of_another_shape_is_not_supported_rather_than_a_crash(tmp_path: Path) -> None:
    for more in ({"lottery": ["a"]}, {"students": [{"name": "a"}]}, {"students": {"a": ["T"]}}, {"schools": {}}):
        code, line = outcome(tmp_path, **more)
        assert (code, line.startswith("mine: not supported")) == (0, True)


def test_a_crowd_with_fields_that_are_not_understood_is_not_passed_over(tmp_path: Path) -> None:
    more = {"mechanism": "continuum_cutoffs", "expected_cutoffs": {"S": "1/2"}, "students": [], "drift": 1}
    assert "not supported (fields drift)" in outcome(tmp_path, **more)[1]


def test_probabilities_are_those_of_the_mechanism_that_is_named(tmp_path: Path) -> None:
    """Deferred acceptance and trading cycles differ: a and b would swap the schools at which they come first."""
    market = {
        "students": {"a": ["T", "S"], "b": ["S", "T"], "c": ["S"]},
        "schools": {
            "S": {"capacity": 1, "priority": [["a"], ["c"], ["b"]]},
            "T": {"capacity": 1, "priority": [["b"], ["a"]]},
        },
        "lottery": ["a", "b", "c"],
    }
    trading = {"a": {"T": "1"}, "b": {"S": "1"}, "c": {"none": "1"}}
    deferred = {"a": {"S": "1"}, "b": {"T": "1"}, "c": {"none": "1"}}
    for name, right, wrong in (
        ("assignment_probabilities_ttc", trading, deferred),
        ("assignment_probabilities", deferred, trading),
    ):
        cases = [
            {"id": "right", "mechanism": name, **market, "expected_probabilities": {"single_tiebreak": right}},
            {"id": "wrong", "mechanism": name, **market, "expected_probabilities": {"single_tiebreak": wrong}},
        ]
        (tmp_path / "cases.json").write_text(json.dumps({"cases": cases}))
        assert json.loads(run_cases(tmp_path / "cases.json")[1][-1]) == {"passed": 1, "failed": 1, "not_supported": 0}
    unknown = {"mechanism": "assignment_probabilities_by_auction", "expected_probabilities": {"single_tiebreak": {}}}
    assert "not supported (mechanism" in outcome(tmp_path, **unknown)[1]


def test_a_beacon_case_with_fields_that_are_not_understood_is_not_passed_over(tmp_path: Path) -> None:
    beacon = {
        "id": "mine",
        "mechanism": "beacon",
        "chain": {"hash": "x", "public_key": "x", "period_s": 3, "genesis_time": 0},
        "expected": {"round_at_1970-01-01T00:00:09Z": 4},
    }
    for more, words in (({}, "passed"), ({"secret": "x"}, "not supported (fields secret)")):
        (tmp_path / "cases.json").write_text(json.dumps({"cases": [beacon | more]}))
        assert run_cases(tmp_path / "cases.json")[1][0] == f"mine: {words}"
    for chain in ({"scheme": "pedersen-bls-chained"}, {"network": "other"}):
        case_ = beacon | {"chain": beacon["chain"] | chain}  # type: ignore[operator]
        (tmp_path / "cases.json").write_text(json.dumps({"cases": [case_]}))
        assert "not supported" in run_cases(tmp_path / "cases.json")[1][0]


def test_a_fault_of_the_engine_is_a_failure_and_never_not_supported() -> None:
    broken = (
        "import sys; sys.path.insert(0, '.')\n"
        "from benchmarks import lottery_cases as program, lottery_case_checks as checks\n"
        "def fault(*_): raise TypeError('broken')\n"
        "checks.Lottery.draw_in_order = fault\n"
        f"print(program.report({case(lottery=['a', 'b'])!r}))\n"
    )
    done = subprocess.run([sys.executable, "-c", broken], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["mine: failed: TypeError: broken", "failed"]


def test_ties_without_a_lottery_are_broken_in_the_order_given_and_nothing_else_is_called_wrong(tmp_path: Path) -> None:
    tie = {"schools": {"S": {"capacity": 1, "priority": [["a", "b"]]}}}
    assert outcome(tmp_path, **tie) == (0, "mine: passed")
    other = outcome(tmp_path, **tie, expected={"a": None, "b": "S"})
    assert other == (0, "mine: not supported (ties without a lottery, whose order matters)")
    roomy = {"schools": {"S": {"capacity": 2, "priority": [["a", "b"]]}}, "expected": {"a": "S", "b": None}}
    assert outcome(tmp_path, **roomy)[0] == 1


def test_the_sentence_that_children_are_never_unassigned_is_tried_under_every_lottery(tmp_path: Path) -> None:
    market = {"lottery": ["a", "b"], "schools": {"S": {"capacity": 1, "priority": [["a", "b"]]}}}
    code, line = outcome(tmp_path, **market, also={"property": "a is never unassigned: it is first"})
    assert (code, line) == (1, "mine: failed: property: expected True, found False")
    prose = outcome(tmp_path, **market, also={"property": "somebody is sad"})
    assert prose == (0, "mine: passed (not looked at: property, which is prose)")


def test_a_school_may_have_seats_in_several_grades(tmp_path: Path) -> None:
    more = {
        "mechanism": "student_da_dynamic_siblings",
        "students": {"old": ["S"], "young": ["S", "T"], "other": ["S", "T"]},
        "grades": {"old": 9, "young": 7, "other": 7},
        "siblings": [["old", "young"]],
        "lottery": ["other", "young", "old"],
        "schools": {
            "S": {"capacity": {"9": 1, "7": 1}, "priority": [["old", "young", "other"]]},
            "T": {"capacity": {"7": 1}, "priority": [["young", "other"]]},
        },
        "expected": {"old": "S", "young": "S", "other": "T"},
    }
    assert outcome(tmp_path, **more) == (0, "mine: passed")


def test_cutoffs_of_independent_scores_are_those_of_azevedo_and_leshno(tmp_path: Path) -> None:
    """Half of the children prefer each of two schools with 1/4 and 1/2 seats: the first cutoff is (1 + sqrt 17) / 8."""
    more = {
        "mechanism": "continuum_cutoffs",
        "scores": "independent",
        "students": [{"mass": "1/2", "list": ["A", "B"]}, {"mass": "1/2", "list": ["B", "A"]}],
        "schools": {"A": {"capacity": "1/4"}, "B": {"capacity": "1/2"}},
        "expected_cutoffs": {"A": 0.640388, "B": 0.390388},
    }
    file = tmp_path / "cases.json"
    file.write_text(json.dumps({"cases": [{"id": "mine", **more}]}))
    assert run_cases(file)[1][0] == "mine: passed"
