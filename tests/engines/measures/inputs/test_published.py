"""A published file gives figures for all its places; students are known exactly where its own rounding lets them be."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.engines.measures.figures import Figures
from commonground.engines.measures.inputs.published import PublishedError, published_figures
from commonground.engines.measures.inputs.published.reading import COLUMNS
from commonground.engines.measures.inputs.published.whole import Family, Span, fitted, span_of

ROW = dict.fromkeys(COLUMNS, "") | {"level": "school", "org": "0101", "year": "2017"}


def published(path: Path, *rows: dict[str, str]) -> Figures:
    whole = [ROW | row for row in rows]
    pa_csv.write_csv(pa.table({name: [row[name] for row in whole] for name in COLUMNS}), path / "file.csv")
    return published_figures(path / "file.csv")


def enrolled(group: str, value: str, **more: str) -> dict[str, str]:
    return {"exhibit": "enrollment_equity", "metric": "val", "subgroup": group, "grade": "All", "value": value} | more


def suspended(group: str, value: str) -> dict[str, str]:
    return {"exhibit": "suspensions", "metric": "suspended_1", "subgroup": group, "value": value}


def found(figures: Figures, metric: str) -> dict[str, tuple[int | None, float | None]]:
    rows = [row for row in figures.figures.to_pylist() if row["metric"] == metric and row["grade"] == "all"]
    return {row["group"]: (row["students"], row["numerator"]) for row in rows}


def test_shares_and_rates_become_students_by_hand(tmp_path: Path) -> None:
    """209 students, 0.995 of them black: 208. A rate of 0.197 among 208: 41, for 40/208 is 0.192 and 42/208 is 0.202."""
    figures = published(
        tmp_path, enrolled("All", "209"), enrolled("BL7", "0.995"), enrolled("SPED", "0.383"),
        suspended("All", "0.196"), suspended("BL7", "0.197"), suspended("SPED", "0.288"),
    )  # fmt: skip
    assert found(figures, "enrollment") == {
        "all": (209, None), "race:black": (208, None), "race:unknown": (1, None), "disability:yes": (80, None),
        "disability:no": (129, None),
    }  # fmt: skip
    assert found(figures, "suspension") == {
        "all": (209, 41), "race:black": (208, 41), "race:unknown": (1, 0), "disability:yes": (80, 23),
        "disability:no": (129, 18),
    }  # fmt: skip


def test_a_rate_that_no_number_of_students_gives_is_missing(tmp_path: Path) -> None:
    figures = published(tmp_path, enrolled("All", "10"), suspended("All", "0.123"), suspended("FEMALE", "0.2"))
    assert found(figures, "suspension") == {"all": (None, None)}
    assert figures.figures["value"].null_count == 1


def test_a_rate_of_students_whom_nobody_counted_has_its_value_only(tmp_path: Path) -> None:
    figures = published(tmp_path, suspended("All", "0.123"), suspended("FEMALE", "0.2"))
    assert found(figures, "suspension") == {"all": (None, None), "sex:female": (None, None)}
    assert figures.figures["value"].null_count == 0


def test_groups_that_a_metric_leaves_out_are_known_where_nothing_or_one_is_left(tmp_path: Path) -> None:
    """100 students, 10 suspended: 8 of 60 black students and 0 of 20 white ones leave 2 for Asian and Hispanic ones."""
    enrollment = [enrolled("All", "100"), enrolled("BL7", "0.6"), enrolled("WH7", "0.2"), enrolled("AS7", "0.1"),
                  enrolled("HI7", "0.1")]  # fmt: skip
    told = [suspended("All", "0.1"), suspended("BL7", "0.133"), suspended("WH7", "0")]
    open_family = {f"race:{race}": (None, None) for race in ("asian", "black", "hispanic", "white")}
    assert found(published(tmp_path, *enrollment, *told), "suspension") == {"all": (100, 10), **open_family}
    told.append(suspended("AS7", "0.1"))
    assert found(published(tmp_path, *enrollment, *told), "suspension")["race:hispanic"] == (10, 1)
    told[0] = suspended("All", "0.08")
    assert found(published(tmp_path, *enrollment, *told[:3]), "suspension")["race:black"] == (60, 8)


def test_months_are_cumulative_and_the_last_stands_for_the_year(tmp_path: Path) -> None:
    moves = {"exhibit": "mid_year_entry_and_withdrawal", "metric": "entry"}
    figures = published(
        tmp_path,
        enrolled("All", "200"),
        moves | {"month": "10", "value": "0.01"},
        moves | {"month": "5", "value": "0.045"},
    )
    rows = {row["period"]: row["numerator"] for row in figures.figures.to_pylist() if row["metric"] == "entry_share"}
    assert rows == {"10": 2, "05": 9, "year": 9}


def test_what_the_publisher_hid_or_cannot_be_is_left_out(tmp_path: Path) -> None:
    cohort = {"exhibit": "graduation", "type": "Four Year ACGR"}
    figures = published(
        tmp_path, cohort | {"metric": "acgr", "value": "0.8", "subgroup": "All"},
        cohort | {"metric": "acgr", "value": "0.5", "subgroup": "WH7"},
        cohort | {"metric": "suppressed", "value": "1", "subgroup": "WH7"},
        suspended("All", "2.82"), suspended("BL7", "None"),
    )  # fmt: skip
    assert found(figures, "graduation_4") == {"all": (None, None)} and found(figures, "suspension") == {}


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(PublishedError, match="a column is missing"):
        published_figures(tmp_path / "other.csv")
    (tmp_path / "other.parquet").write_text("nothing")
    with pytest.raises(PublishedError, match="cannot be read"):
        published_figures(tmp_path / "other.parquet")
    with pytest.raises(PublishedError, match="none of its rows"):
        published(tmp_path, {"exhibit": "weather", "value": "1"})


def test_metrics_of_one_population_agree_on_their_students(learndc: Figures) -> None:
    said: dict[tuple[str, ...], int] = {}
    for row in learndc.figures.to_pylist():
        if row["students"] is not None and not row["metric"].startswith("graduation"):
            key = tuple(row[name] for name in ("year", "level", "entity", "grade", "group"))
            assert said.setdefault(key, row["students"]) == row["students"]
    assert len(said) > 5000


@given(st.integers(1, 2000), st.data(), st.integers(2, 4))
def test_the_true_number_is_always_among_those_found(whole: int, data: st.DataObject, digits: int) -> None:
    part = data.draw(st.integers(0, whole))
    span = span_of(round(part / whole, digits), whole, digits)
    assert span is not None and span.low <= part <= span.high and span.low <= span.near <= span.high


@given(st.lists(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=5),
                min_size=1, max_size=4), st.integers(0, 30))  # fmt: skip
def test_chosen_parts_stay_in_their_intervals_and_add_up(families: list[list[tuple[int, int, int]]], rest: int) -> None:
    named = {
        str(at): Family({str(n): Span(max(0, x - a), x + b, x) for n, (x, a, b) in enumerate(parts)}, rest)
        for at, parts in enumerate(families)
    }
    low, high = named["0"].low, named["0"].high
    total, split = fitted(Span(low, high, (low + high) // 2), named)
    assert "0" in split
    for name, (parts, remaining) in split.items():
        assert sum(parts.values()) + remaining == total and 0 <= remaining <= rest
        assert all(named[name].parts[n].low <= x <= named[name].parts[n].high for n, x in parts.items())


@pytest.fixture(scope="module")
def learndc(public_data: Path) -> Figures:
    return published_figures(public_data / "equity" / "dc_equity_reports.parquet")


def test_all_schools_of_the_published_file_have_figures(learndc: Figures, public_data: Path) -> None:
    file = public_data / "equity" / "dc_equity_reports.parquet"
    query = f"""SELECT DISTINCT org FROM '{file}' WHERE level = 'school' AND year = '2017' AND value_num IS NOT NULL
        AND metric IN ('val', 'in_seat_attendance', 'suspended_1', 'expulsion_rate', 'acgr', 'entry')"""
    wanted = {row[0] for row in duckdb.sql(query).fetchall()}
    rows = learndc.figures.to_pylist()
    assert wanted == {row["entity"] for row in rows if row["level"] == "school" and row["year"] == "2017"}
    assert len(wanted) > 220


def test_numbers_of_the_published_file_add_up_over_groups(learndc: Figures) -> None:
    """What `adds_over_groups` declares, for every family that is told with its students."""
    rows = learndc.figures.to_pylist()
    by_place: dict[tuple[str, ...], dict[str, tuple[int | None, float | None]]] = {}
    for row in rows:
        if row["grade"] == "all" and row["metric"] != "attendance":
            key = tuple(row[name] for name in ("year", "metric", "level", "entity", "period"))
            by_place.setdefault(key, {})[row["group"]] = (row["students"], row["numerator"])
    looked = 0
    for key, groups in by_place.items():
        for family in ("race", "sex", "english_learner", "disability", "at_risk"):
            members = [numbers for group, numbers in groups.items() if group.startswith(f"{family}:")]
            told = [one for one in members if one[0] is not None and (key[1] == "enrollment" or one[1] is not None)]
            if members and len(told) == len(members) and sum(one[0] or 0 for one in members) == groups["all"][0]:
                assert sum(one[1] or 0 for one in members) == (groups["all"][1] or 0)
                looked += 1
    assert looked > 5000
