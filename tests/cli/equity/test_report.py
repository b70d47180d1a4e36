"""`commonground equity report`, from an invented city's records to its pages."""

import csv
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from click.testing import CliRunner, Result

from commonground.cli import main
from commonground.cli.equity import steps
from commonground.engines.disclosure import protect as protector
from commonground.engines.disclosure.protect import Protected
from commonground.engines.disclosure.publication import KEY, Publication
from commonground.engines.measures.figures import Figures
from commonground.engines.measures.rules import shipped_text

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
    assert f"enrollments.csv: row {len(rows) + 1} (see" in result.output
    assert "equity check" in result.output
    assert not (tmp_path / "site").exists()


def careless(figures: Figures, done: Protected) -> Protected:
    """What a protector would publish that forgets to protect a small group's neighbors."""
    told, true = done.publication.figures, figures.figures.sort_by([(name, "ascending") for name in KEY])
    keep = pc.and_(pc.equal(told["metric"], "enrollment"), pc.equal(told["status"], "withheld"))
    rows = {tuple(row[name] for name in KEY): row["students"] for row in true.to_pylist()}
    shown = []
    for row, hidden in zip(told.to_pylist(), keep.to_pylist(), strict=True):
        n = rows.get(tuple(row[name] for name in KEY))
        if hidden and n is not None and n >= 10:
            row |= dict.fromkeys(("low", "high", "students_low", "students_high"), n)
            row |= {"status": "exact", "text": str(n), "reason": ""}
        shown.append(row)
    figures_told = pa.Table.from_pylist(shown, schema=told.schema)
    return replace(done, publication=replace(done.publication, figures=figures_told))


def report_by(protect: Callable[..., Protected], city: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> Result:
    monkeypatch.setattr(protector, "protect", protect)
    return CliRunner().invoke(main, ["equity", "report", "--data", str(city), "--out", str(out), "--workers", "1"])


def test_a_report_that_the_auditor_picks_apart_is_not_written(
    city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = protector.protect
    result = report_by(
        lambda figures, *a, **o: careless(figures, whole(figures, *a, **o)), city, tmp_path / "site", monkeypatch
    )
    assert result.exit_code == 1
    assert "The auditor worked out" in result.output
    assert list(tmp_path.iterdir()) == []


def test_where_the_auditor_finds_a_figure_open_all_are_protected_again_with_proofs(
    city: Path, report: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = protector.protect

    def hasty(figures: Figures, *rest: object, proven: bool, **options: object) -> Protected:
        done = whole(figures, *rest, proven=proven, **options)  # type: ignore[arg-type]
        return done if proven else careless(figures, done)

    result = report_by(hasty, city, tmp_path / "site", monkeypatch)
    assert result.exit_code == 0
    assert re.search(r"found \d+ figures open. They are protected once more", result.output)
    assert (tmp_path / "site/data/figures.csv").read_bytes() == (report / "data/figures.csv").read_bytes()


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
    for _ in range(1200):
        if list(tmp_path.glob(".site-new-*/data")) or running.poll() is not None:
            break
        time.sleep(0.05)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert not out.exists()
    assert list(tmp_path.glob(".site-new-*"))
    with steps.set_aside(out, str) as fresh:
        assert [path.name for path in fresh.iterdir()] == [".lock"]
    assert list(tmp_path.iterdir()) == [out]


def test_data_or_a_published_file_but_not_both(city: Path, tmp_path: Path) -> None:
    for given in ([], ["--data", str(city), "--published", __file__]):
        result = CliRunner().invoke(main, ["equity", "report", "--out", str(tmp_path / "site"), *given])
        assert result.exit_code == 2
        assert "--data" in result.output and "--published" in result.output


def test_without_the_parts_for_pdf_it_says_so_before_the_long_work(
    city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    monkeypatch.setattr(steps, "figures_of_data", lambda *_: pytest.fail("read the files first"))
    result = refused("--data", city, "--out", tmp_path / "site", "--pdf", "all")
    assert "pip install '.[pdf]'" in result
    assert "Un PDF necesita" in refused("--data", city, "--out", tmp_path / "site", "--pdf", "all", "--language", "es")
    assert list(tmp_path.iterdir()) == []


def test_a_page_of_a_school_that_is_not_there_is_refused_before_protecting(city: Path, tmp_path: Path) -> None:
    result = refused("--data", city, "--out", tmp_path / "site", "--pdf", "0999")
    assert "there is no school “0999” in the data" in result and "Protecting" not in result


def test_it_is_called_by_its_names_and_speaks_the_languages_of_its_readers(report: Path) -> None:
    assert "<title>City overview – Equity report</title>" in (report / "en/index.html").read_text(encoding="utf-8")
    assert "<title>Toda la ciudad – Informe de equidad</title>" in (report / "es/index.html").read_text(
        encoding="utf-8"
    )


def test_measures_stand_in_the_order_of_the_rules(report: Path) -> None:
    page = (report / "en/index.html").read_text(encoding="utf-8")
    names = ["Enrollment on the count date", "In-seat attendance", "Chronic absence", "Suspended at least once"]
    places = [page.index(f"{name}</h2>") for name in names]
    assert places == sorted(places)


def test_a_second_release_with_one_more_measure_keeps_what_the_first_withholds(city: Path, tmp_path: Path) -> None:
    releases = [tmp_path / "first", tmp_path / "second"]
    for release, metrics, earlier in zip(
        releases, (("enrollment",), ("enrollment", "suspension")), ([], releases[:1]), strict=True
    ):
        rules = tmp_path / f"{release.name}.toml"
        rules.write_text(only_rules(*metrics), encoding="utf-8")
        more = [word for one in earlier for word in ("--earlier", one)]
        run("report", "--data", city, "--rules", rules, "--out", release, "--workers", 1, *more)
    first, second = map(Publication.read, releases)
    assert second.manifest.earlier == (first.manifest.digest,)
    assert "Nothing that is withheld" in run("audit", releases[1], "--earlier", releases[0], "--workers", 1)


@pytest.fixture(scope="module")
def first_of_two(city: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[object]]:
    """A first report, and how to make the next: one student's race was wrong, and many students of one LEA have a disability
    that the first files did not say."""
    folder = tmp_path_factory.mktemp("corrections")
    rules, first, corrected = folder / "rules.toml", folder / "first", folder / "corrected"
    rules.write_text(only_rules("enrollment"), encoding="utf-8")
    usual = ("--rules", rules, "--workers", 1)
    run("report", "--data", city, "--out", first, "--made", "2025-10-01", *usual)
    shutil.copytree(city, corrected)
    correct_students(max(corrected.glob("*/students.csv"), key=lambda path: path.stat().st_size))
    return first, ["report", "--data", corrected, "--made", "2026-10-01", "--earlier", first, *usual]


def test_a_second_release_of_corrected_records_is_published_and_passes_with_the_first(
    first_of_two: tuple[Path, list[object]], tmp_path: Path
) -> None:
    (first, again), second = first_of_two, tmp_path / "second"
    run(*again, "--out", second)
    assert "Nothing that is withheld" in run("audit", second, "--earlier", first, "--workers", 1)
    told = Publication.read(second).figures
    days = dict(zip(told["group"].to_pylist(), told["corrected"].to_pylist(), strict=True))
    assert {group for group, day in days.items() if day == "2026-10-01"} == {"disability:yes", "disability:no"}
    page = next(
        path for path in (second / "es" / "schools").glob("*.html") if "corregido el" in path.read_text("utf-8")
    )
    assert "Las cifras de un informe anterior quedan como estaban" in page.read_text("utf-8")
    alone = CliRunner().invoke(main, ["equity", "audit", str(second), "--workers", "1"])
    assert "Name also the report that tells enrollment of 2025 as first published" in alone.output


def test_corrections_that_would_give_too_much_away_are_left_out(
    first_of_two: tuple[Path, list[object]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, again = first_of_two
    whole = protector.protect

    def hasty(figures: Figures, *rest: object, as_before: Collection[str], **options: object) -> Protected:
        done = whole(figures, *rest, as_before=as_before, **options)  # type: ignore[arg-type]
        return done if "2025" in as_before else careless(figures, done)

    monkeypatch.setattr(protector, "protect", hasty)
    said = run(*again, "--out", tmp_path / "second")
    assert "Corrected figures of 2025 would give too much away beside the earlier report." in said
    assert Publication.read(tmp_path / "second").figures.equals(Publication.read(first).figures)


def correct_students(path: Path) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0]["race"] = "white" if rows[0]["race"] == "black" else "black"
    for row in [row for row in rows if row["disability"] == "no"][:120]:
        row["disability"] = "yes"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_a_year_told_as_before_must_have_been_told(city: Path, tmp_path: Path) -> None:
    said = refused("--data", city, "--out", tmp_path / "site", "--as-before", "2019", "--workers", 1)
    assert "--as-before: no earlier report tells 2019" in said


def only_rules(*metrics: str) -> str:
    """The shipped rules with these metrics alone, and without crossings."""
    head, *rules = shipped_text().partition("[[family]]")[0].split("[[metric]]")
    families = shipped_text().partition("[[family]]")[2]
    kept = [rule for rule in rules if any(f'id = "{metric}"' in rule for metric in metrics)]
    head = re.sub(r"(?m)^crossings = .*$", "crossings = []", head)
    return "[[metric]]".join([head, *kept]) + "[[family]]" + families


def test_a_disk_that_fills_at_the_last_page_leaves_no_report(
    city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("commonground.reports.equity.downloads.write_archive", full)
    (tmp_path / "rules.toml").write_text(only_rules("enrollment"), encoding="utf-8")
    said = refused("--data", city, "--rules", tmp_path / "rules.toml", "--out", tmp_path / "site", "--workers", 1)
    assert f"{tmp_path / 'site'} could not be written: No space left on device. Nothing was kept." in said
    assert [path.name for path in tmp_path.iterdir()] == ["rules.toml"]


def refused(*arguments: object) -> str:
    result = CliRunner().invoke(main, ["equity", "report", *map(str, arguments)])
    assert result.exit_code == 1, result.output
    return result.output
