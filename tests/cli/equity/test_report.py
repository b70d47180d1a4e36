"""`commonground equity report`, from an invented city's records to its pages."""

import csv
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from commonground.cli import main
from commonground.cli.equity import steps
from commonground.engines.disclosure.publication import Publication

PUBLISHED = Path(__file__).parents[4] / "shared" / "data" / "equity" / "dc_equity_reports.parquet"


def run(*arguments: object) -> str:
    result = CliRunner().invoke(main, ["equity", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("example") / "city"
    run("example", "--schools", 3, "--seed", 3, "--out", folder)
    return folder


@pytest.fixture(scope="module")
def report(city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("report") / "site"
    run(
        "report",
        "--data",
        city,
        "--out",
        out,
        "--made",
        "2025-11-03",
        "--workers",
        1,
        "--decisions",
        out.parent / "why.csv",
    )
    return out


def test_the_report_has_a_page_for_every_school_in_both_languages(city: Path, report: Path) -> None:
    schools = set()
    for path in city.glob("*/schools.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            schools |= {row["school"] for row in csv.DictReader(file)}
    assert len(schools) == 3
    for language in ("en", "es"):
        assert {path.stem for path in (report / language / "schools").glob("*.html")} == schools
    assert json.loads((report / "data/manifest.json").read_text())["made"] == "2025-11-03"


def test_what_it_withholds_cannot_be_worked_out(report: Path) -> None:
    said = run("audit", report, "--workers", 1)
    assert "0 recovered, 0 under-protected, 0 unproven" in said
    assert Publication.read(report).figures.num_rows > 500


def test_why_figures_are_withheld_is_told_to_its_makers_alone(report: Path) -> None:
    with (report.parent / "why.csv").open(encoding="utf-8", newline="") as file:
        reasons = {row["reason"] for row in csv.DictReader(file)}
    assert "small" in reasons
    published = (report / "data/figures.csv").read_text(encoding="utf-8")
    assert not any(f'"{reason}"' in published for reason in reasons - {""})
    assert not list(report.rglob("why.csv"))


def test_a_report_is_never_overwritten(city: Path, report: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in report.rglob("*")}
    result = CliRunner().invoke(main, ["equity", "report", "--data", str(city), "--out", str(report)])
    assert result.exit_code == 1
    assert "exists already" in result.output
    assert {path: path.stat().st_mtime_ns for path in report.rglob("*")} == before


def test_records_with_errors_are_refused_and_nothing_is_written(city: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    first = sorted(city.glob("*/enrollments.csv"))[0].parent
    broken.mkdir()
    for path in first.iterdir():
        (broken / path.name).write_bytes(path.read_bytes())
    rows = (broken / "enrollments.csv").read_text(encoding="utf-8").splitlines()
    (broken / "enrollments.csv").write_text("\n".join([*rows, rows[1]]) + "\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["equity", "report", "--data", str(broken), "--out", str(tmp_path / "site")])
    assert result.exit_code == 1
    assert f"enrollments.csv: row {len(rows) + 1}:" in result.output
    assert "equity check" in result.output
    assert not (tmp_path / "site").exists()


def test_a_report_that_the_auditor_picks_apart_is_not_written(
    city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A protector that forgets to protect a small group's neighbours."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from commonground.engines.disclosure import protect as protector
    from commonground.engines.disclosure.publication import KEY

    whole = protector.protect

    def careless(figures, settings, **options):  # type: ignore[no-untyped-def]
        done = whole(figures, settings, **options)
        told, true = done.publication.figures, figures.figures.sort_by([(name, "ascending") for name in KEY])
        keep = pc.and_(pc.equal(told["metric"], "enrollment"), pc.equal(told["status"], "withheld"))
        rows = {tuple(row[name] for name in KEY): row["students"] for row in true.to_pylist()}
        shown = []
        for row, hidden in zip(told.to_pylist(), keep.to_pylist(), strict=True):
            n = rows.get(tuple(row[name] for name in KEY))
            if hidden and n is not None and n >= 10:
                row |= {
                    "status": "exact",
                    "low": n,
                    "high": n,
                    "students_low": n,
                    "students_high": n,
                    "text": str(n),
                    "reason": "",
                }
            shown.append(row)
        figures_told = pa.Table.from_pylist(shown, schema=told.schema)
        return replace(done, publication=replace(done.publication, figures=figures_told))

    from dataclasses import replace

    monkeypatch.setattr(protector, "protect", careless)
    out = tmp_path / "site"
    result = CliRunner().invoke(main, ["equity", "report", "--data", str(city), "--out", str(out), "--workers", "1"])
    assert result.exit_code == 1
    assert "The auditor worked out" in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_killed_run_leaves_no_report(city: Path, tmp_path: Path) -> None:
    out = tmp_path / "site"
    command = [
        sys.executable,
        "-m",
        "commonground.cli",
        "equity",
        "report",
        "--data",
        str(city),
        "--out",
        str(out),
        "--workers",
        "1",
    ]
    running = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    aside = out.with_name(".site.unfinished")
    for _ in range(1200):
        if aside.exists() or running.poll() is not None:
            break
        time.sleep(0.05)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert not out.exists()
    with steps.set_aside(out) as fresh:
        assert list(fresh.iterdir()) == []
    assert list(tmp_path.iterdir()) == [out]


def test_data_or_a_published_file_but_not_both(city: Path, tmp_path: Path) -> None:
    for given in ([], ["--data", str(city), "--published", __file__]):
        result = CliRunner().invoke(main, ["equity", "report", "--out", str(tmp_path / "site"), *given])
        assert result.exit_code == 2
        assert "--data" in result.output and "--published" in result.output
