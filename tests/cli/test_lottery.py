"""`commonground lottery`, as a person at a terminal uses it."""

import csv
import html
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from commonground.cli import main
from commonground.engines.lottery.report.words import TEXTS, texts
from commonground.engines.lottery.seeds import commitment_of
from commonground.i18n import translator
from tests.engines.lottery.test_places import workbook
from tests.engines.lottery.test_seeds import ROUND, SIGNATURE

FILES = {
    "programs.csv": "program,school,grade,seats,priorities,pools\nOAK,Oak,K,6,sibling,access 2 hard; open 4\nELM,Elm,K,5,,\n",
    "rules.toml": 'groups = ["access"]\n',
    "applications.csv": "application,grade,rank,program,priorities,groups\n"
    + "".join(
        f"A{at:02},K,1,OAK,{'sibling' if at % 9 == 0 else ''},{'access' if at % 4 == 0 else ''}\n"
        f"A{at:02},K,2,ELM,,{'access' if at % 4 == 0 else ''}\n"
        for at in range(20)
    ),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


MARKET = ["--programs", "programs.csv", "--applications", "applications.csv", "--rules", "rules.toml"]


def lottery(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["lottery", *arguments], catch_exceptions=False)


def drawn(*more: str) -> Result:
    return lottery("run", *MARKET, "--out", "result", *(more or ("--seed", "spring")))


def test_a_lottery_is_drawn_explained_and_verified_and_a_changed_byte_is_found(folder: Path) -> None:
    run = drawn()
    assert run.exit_code == 0
    assert "11 of 20 children matched" in run.output
    assert lottery("verify", "result").exit_code == 0
    story = lottery("explain", "A01", "--bundle", "result", "--page", "family.html")
    assert "Lottery number: " in story.output and "OAK" in story.output
    results = folder / "result" / "auditors" / "results.csv"
    results.write_bytes(results.read_bytes().replace(b"A01", b"A10", 1))
    check = lottery("verify", "result")
    assert check.exit_code == 1
    assert "FAILS:  auditors/results.csv was changed" in check.output


def test_the_familys_page_holds_lines_that_prove_its_result(folder: Path) -> None:
    """Every child's arithmetic runs as printed, in a Python that knows nothing of this package."""
    (folder / "rules.toml").write_text('numbers = "per_school"\ngroups = ["access"]\n')
    text = (folder / "applications.csv").read_text().replace(",groups\n", ",groups,linked\n", 1)
    rows = [line + (",twins" if line[:3] in {"A01", "A02"} else ",") for line in text.splitlines()[1:]]
    (folder / "applications.csv").write_text("\n".join([text.splitlines()[0], *rows]) + "\n")
    drawn()
    for number in ("A01", "A05", "A19"):
        lottery("explain", number, "--bundle", "result", "--page", "family.html")
        page = (folder / "family.html").read_text()
        code = re.search(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)
        assert code is not None
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", html.unescape(code[1])], capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == "True"


def test_runs_on_machines_set_up_differently_give_the_same_folder(folder: Path) -> None:
    """Another order of sets, time zone and language; one thread; and every compiled step in plain Python."""
    machines = {
        "one": {"PYTHONHASHSEED": "1", "TZ": "Asia/Kathmandu", "LC_ALL": "C", "NUMBA_NUM_THREADS": "1"},
        "two": {"PYTHONHASHSEED": "2", "TZ": "America/Lima", "LC_ALL": "C.UTF-8", "NUMBA_DISABLE_JIT": "1"},
    }
    for name, machine in machines.items():
        command = [
            sys.executable,
            "-m",
            "commonground.cli",
            "lottery",
            "run",
            *MARKET,
            "--seed",
            "spring",
            "--out",
            name,
        ]
        subprocess.run(command, check=True, capture_output=True, env=os.environ | machine)
    files = [
        {p.relative_to(folder / n): p.read_bytes() for p in (folder / n).rglob("*") if p.is_file()} for n in machines
    ]
    assert files[0] == files[1]


def test_a_run_that_is_killed_leaves_no_result_and_can_be_started_again(folder: Path) -> None:
    """The process ends itself, without warning, when half of the files are written."""
    script = (
        "import os, signal\n"
        "real, left = os.fsync, [5]\n"
        "def fsync(handle):\n"
        "    left[0] -= 1\n"
        "    os.kill(os.getpid(), signal.SIGKILL) if left[0] == 0 else real(handle)\n"
        "os.fsync = fsync\n"
        "from commonground.cli import main\n"
        f"main({['lottery', 'run', *MARKET, '--seed', 'spring', '--out', 'result']!r})\n"
    )
    killed = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL
    assert not (folder / "result").exists()
    assert drawn().exit_code == 0
    assert lottery("verify", "result").exit_code == 0


def test_a_draw_from_the_beacon_and_a_secret(folder: Path) -> None:
    (folder / "secret.txt").write_text("red barn\n")
    beacon = ("--round", str(ROUND), "--signature", SIGNATURE)
    secret = ("--secret-file", "secret.txt", "--commitment", commitment_of("red barn"))
    assert drawn(*beacon, *secret).exit_code == 0
    assert "signature is genuine" in lottery("verify", "result").output
    wrong = lottery("run", *MARKET, "--out", "other", "--round", str(ROUND + 1), "--signature", SIGNATURE)
    assert wrong.exit_code == 1
    assert "not that of round" in wrong.output
    assert not (folder / "other").exists()


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("applications.csv", "application,grade,rank,program\nA,K,1,ASH\n", "row 2, column “program”: There is no program “ASH”"),
        ("programs.csv", "program,school,grade,seats\nOAK,Oak,K,=6\n", "row 2, column “seats”: “=6” is not a whole number"),
        ("rules.toml", 'mechanism = "immediate_acceptance"\ngroups = ["access"]\n', "for comparison only"),
        ("applications.csv", "", "applications.csv: The file has no rows"),
    ],
)  # fmt: skip
def test_bad_input_is_told_and_leaves_nothing(folder: Path, file: str, text: str, words: str) -> None:
    (folder / file).write_text(text)
    run = drawn()
    assert run.exit_code == 1
    assert words in run.output
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)


def test_only_the_first_forty_problems_are_listed(folder: Path) -> None:
    rows = "".join(f"B{at},K,1,ASH\n" for at in range(50))
    (folder / "applications.csv").write_text("application,grade,rank,program\n" + rows)
    assert "... and 10 more." in drawn().output


def test_an_existing_result_is_not_overwritten(folder: Path) -> None:
    drawn()
    again = drawn()
    assert again.exit_code == 1
    assert "exists already" in again.output


def test_a_draw_needs_a_seed(folder: Path) -> None:
    run = lottery("run", *MARKET, "--out", "result")
    assert run.exit_code == 1
    assert "either a plain seed or a round" in run.output


def test_an_unknown_application_is_told(folder: Path) -> None:
    drawn()
    story = lottery("explain", "Z9", "--bundle", "result")
    assert story.exit_code == 1
    assert "no application Z9" in story.output


def test_chances_from_draws_and_from_last_years_cutoffs(folder: Path) -> None:
    drawn()
    done = lottery(
        "chances", *MARKET, "--draws", "200", "--last-year", "result/published/cutoffs.csv", "--out", "chances.csv"
    )
    assert done.exit_code == 0
    rows = list(csv.DictReader((folder / "chances.csv").read_text().splitlines()))
    assert len(rows) == 40
    by_child = {
        number: sum(float(row["chance"]) for row in rows if row["application"] == number) for number in ("A00", "A01")
    }
    assert by_child["A00"] == 1 and 0 < by_child["A01"] < 1
    assert all(float(row["low"]) <= float(row["chance"]) <= float(row["high"]) for row in rows)
    assert float(rows[0]["chance_by_last_year"]) == 1


def test_rules_are_compared_on_the_same_applications(folder: Path) -> None:
    (folder / "boston.toml").write_text('mechanism = "immediate_acceptance"\ngroups = ["access"]\n')
    (folder / "trading.toml").write_text('mechanism = "top_trading_cycles"\ngroups = ["access"]\n')
    (folder / "adjusted.toml").write_text('mechanism = "efficiency_adjusted"\ngroups = ["access"]\n')
    others = [part for name in ("boston", "trading", "adjusted") for part in ("--rules", f"{name}.toml")]
    done = lottery("simulate", *MARKET, *others, "--draws", "5", "--out", "rates.csv")
    assert done.exit_code == 0
    rows = list(csv.DictReader((folder / "rates.csv").read_text().splitlines()))
    matched = {
        row["rules"]: float(row["mean"]) for row in rows if row["measure"] == "matched" and row["group"] == "everyone"
    }
    assert matched == pytest.approx(dict.fromkeys(("rules", "boston", "trading", "adjusted"), 0.55))
    assert {row["group"] for row in rows} == {"everyone"}, "a group of five is too small to be shown"


def test_the_report_opens_without_a_network(folder: Path) -> None:
    drawn("--seed", "spring", "--title", "Kindergarten <draw>")
    page = (folder / "result" / "report.html").read_text()
    assert "Kindergarten &lt;draw&gt;" in page
    assert not re.search(r'(src|href)\s*=\s*"http|url\(|@import', page)
    assert "withheld" in page and "<svg" in page


def test_the_report_is_printed_as_pdf(folder: Path) -> None:
    assert drawn("--seed", "spring", "--pdf", "report.pdf").exit_code == 0
    assert (folder / "report.pdf").read_bytes().startswith(b"%PDF")


def test_a_board_rehearses_on_a_market_of_its_own_shape(tmp_path: Path) -> None:
    place = workbook(tmp_path)
    made = lottery(
        "example",
        "dc",
        "--file",
        str(place),
        "--applicants",
        "60",
        "--seed",
        "board",
        "--out",
        str(tmp_path / "market"),
    )
    assert made.exit_code == 0
    assert "3 programs, 4 seat pools, 65 seats, 60 invented applicants" in made.output
    files = {
        name: str(tmp_path / "market" / name)
        for name in ("programs.csv", "applications.csv", "rules.toml", "published.csv")
    }
    options = [part for name, path in files.items() for part in (f"--{name.split('.')[0]}", path)]
    assert lottery("run", *options, "--seed", "spring", "--out", str(tmp_path / "result")).exit_code == 0
    assert "Simulated and published" in (tmp_path / "result" / "report.html").read_text()
    assert (tmp_path / "result" / "comparison.csv").read_text().count("\n") == 15
    assert "A rehearsal: the applicants are invented." in (tmp_path / "result" / "report.html").read_text()
    assert lottery("verify", str(tmp_path / "result")).exit_code == 0
    rules = tmp_path / "market" / "rules.toml"
    rules.write_text(rules.read_text().replace("rehearsal = true", "rehearsal = false"))
    refused = lottery("run", *options, "--seed", "spring", "--out", str(tmp_path / "real"))
    assert refused.exit_code == 1 and "Leave out --published" in refused.output
    assert not (tmp_path / "real").exists()


@pytest.mark.parametrize(
    ("place", "file"),
    [("nyc", "nyc_high_school_directory_2021.csv"), ("dc", "dc_lottery_results_2023-24.xlsx")],
)
def test_a_real_places_market_is_drawn_explained_and_verified(
    public_data: Path, tmp_path: Path, place: str, file: str
) -> None:
    market, result = tmp_path / "market", tmp_path / "result"
    source = str(public_data / "enrollment" / file)
    made = lottery("example", place, "--file", source, "--applicants", "800", "--seed", "board", "--out", str(market))
    assert made.exit_code == 0
    assert "800 invented applicants" in made.output
    options = [
        part
        for name, kind in (("programs", "csv"), ("applications", "csv"), ("rules", "toml"), ("published", "csv"))
        for part in (f"--{name}", str(market / f"{name}.{kind}"))
    ]
    assert lottery("run", *options, "--seed", "spring", "--out", str(result)).exit_code == 0
    rows = list(csv.DictReader((result / "comparison.csv").read_text().splitlines()))
    assert {row["differs"] for row in rows} == {"", "yes"}, "so few applicants cannot fill a whole city"
    assert "The largest differences" in (result / "report.html").read_text()
    with (market / "applications.csv").open() as applications:
        number = next(csv.DictReader(applications))["application"]
    assert number in lottery("explain", number, "--bundle", str(result)).output
    assert lottery("verify", str(result)).exit_code == 0


def test_report_and_familys_page_come_in_english_and_spanish(folder: Path) -> None:
    drawn()
    english, spanish = ((folder / "result" / name).read_text() for name in ("report.html", "report.es.html"))
    assert '<html lang="en">' in english and "Which choice children got" in english
    assert '<html lang="es">' in spanish and "Qué opción obtuvieron los niños" in spanish
    told = lottery("explain", "A01", "--bundle", "result", "--language", "es", "--page", "family.html")
    assert "Número de sorteo: " in told.output
    page = (folder / "family.html").read_text()
    assert '<html lang="es">' in page and "Sus opciones" in page


def test_no_english_sentence_is_left_in_the_spanish_texts() -> None:
    words = dict(zip(TEXTS.values(), texts(translator("es")).values(), strict=True))
    same = {text for text, other in words.items() if text == other}
    assert same == {"NO"}
    with pytest.raises(ValueError, match="no texts in “fr”"):
        translator("fr")
