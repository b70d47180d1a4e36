"""`commonground equity audit` on small publications."""

import csv
from pathlib import Path

from click.testing import CliRunner

from commonground.cli import main
from tests.engines.disclosure.audit.publishing import counts, publish
from tests.engines.disclosure.audit.test_audit import CELLS, ENTITIES, SQUARE, figures


def test_a_report_that_can_be_picked_apart_ends_with_one(tmp_path: Path) -> None:
    publish(tmp_path / "data", ENTITIES, figures(counts(ENTITIES, CELLS), {("school", "s1", "race:asian")}))
    result = CliRunner().invoke(main, ["equity", "audit", str(tmp_path), "--workers", "1"])
    assert result.exit_code == 1
    assert "recovered  2025 enrollment, s1, race:asian: 4 to 4 students" in result.output
    assert "This report does not keep what it promises." in result.output


def test_every_interval_goes_to_a_file(tmp_path: Path) -> None:
    folder, out = tmp_path / "data", tmp_path / "intervals.csv"
    publish(folder, ENTITIES, figures(counts(ENTITIES, CELLS), SQUARE))
    result = CliRunner().invoke(main, ["equity", "audit", str(folder), "--exact", "--workers", "1", "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert "4 withheld figures: 4 protected, 0 recovered" in result.output
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["entity"], row["group"], row["low"], row["high"]) for row in rows] == [
        ("s1", "race:asian", "0", "24"),
        ("s1", "race:black", "40", "64"),
        ("s2", "race:asian", "0", "24"),
        ("s2", "race:black", "3", "27"),
    ]


def test_a_folder_that_is_no_publication_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["equity", "audit", str(tmp_path)])
    assert result.exit_code == 3
    assert "has no manifest.json" in result.output
