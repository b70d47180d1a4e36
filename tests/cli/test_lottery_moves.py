"""`commonground lottery move` and `second-round`, on the example of the documents."""

import csv
import html
import json
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from commonground.cli import main
from commonground.engines.lottery.bundle.writing import write_bundle

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "lottery"
MARKET = ["--programs", "programs.csv", "--applications", "applications.csv", "--rules", "rules.toml"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(EXAMPLE, tmp_path / "lottery")
    monkeypatch.chdir(tmp_path / "lottery")
    return tmp_path / "lottery"


def lottery(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["lottery", *arguments], catch_exceptions=False)


def chain() -> None:
    """A draw, the moves after it, a second round."""
    assert lottery("run", *MARKET, "--seed", "Spring 2027", "--out", "result").exit_code == 0
    assert lottery("move", "result", "--events", "events.csv", "--late", "late.csv", "--out", "moved").exit_code == 0


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text().splitlines()))


def test_freed_seats_go_down_the_lines_and_the_whole_chain_is_verified(folder: Path) -> None:
    chain()
    journal = [tuple(row.values()) for row in rows(folder / "moved" / "auditors" / "journal.csv")]
    assert journal[:4] == [
        ("1", "S15", "withdraw", "", ""),
        ("1", "S12", "shift", "OAK-6", "access"),
        ("1", "S02", "offer", "OAK-6", "open"),
        ("2", "S02", "accept", "OAK-6", ""),
    ]
    held = {
        row["application"]: row["program"]
        for row in rows(folder / "moved" / "auditors" / "results.csv")
        if row["result"] == "holds"
    }
    assert held["S02"] == "ELM-6" and "S15" not in held and "S13" not in held
    assert lottery("second-round", "moved", "--late", "new.csv", "--out", "second").exit_code == 0
    check = lottery("verify", "second")
    assert check.exit_code == 0
    assert "Before: Before: All 30 lottery numbers follow from the seed." in check.output
    assert "The rules keep the numbers, and the seed is the same." in check.output


def test_a_late_child_stands_behind_others_with_less_priority_unless_the_rules_place_it_by_number(folder: Path) -> None:
    chain()
    line = [
        row["application"] for row in rows(folder / "moved" / "auditors" / "waiting.csv") if row["program"] == "ELM-6"
    ]
    assert line[-1] == "S31", "the only child with a priority, but late"
    (folder / "rules.toml").write_text((folder / "rules.toml").read_text() + "late_in_place = true\n")
    shutil.rmtree(folder / "result")
    shutil.rmtree(folder / "moved")
    (folder / "events.csv").write_text("event,application,program\napply,S31,\n")
    chain()
    line = [
        row["application"] for row in rows(folder / "moved" / "auditors" / "waiting.csv") if row["program"] == "ELM-6"
    ]
    assert line[0] == "S31"


def test_the_rules_decide_whether_a_second_round_draws_new_numbers(folder: Path) -> None:
    chain()
    kept = lottery("second-round", "moved", "--seed", "Summer", "--out", "second")
    assert (kept.exit_code, "leave out the seed" in kept.output) == (1, True)
    (folder / "rules.toml").write_text((folder / "rules.toml").read_text() + "keep_numbers = false\n")
    for name in ("result", "moved"):
        shutil.rmtree(folder / name)
    chain()
    for seed in ((), ("--seed", "Spring 2027")):
        refused = lottery("second-round", "moved", *seed, "--out", "second")
        assert (refused.exit_code, "give a new seed" in refused.output) == (1, True)
    assert lottery("second-round", "moved", "--late", "new.csv", "--seed", "Summer", "--out", "second").exit_code == 0
    assert "The numbers are drawn anew, as the rules say." in lottery("verify", "second").output
    assert not [row for row in rows(folder / "second" / "auditors" / "applications.csv") if row["late"]]


def test_moves_can_follow_moves_and_a_second_round(folder: Path) -> None:
    chain()
    lottery("second-round", "moved", "--out", "second")
    (folder / "more.csv").write_text("event,application,program\nwithdraw,S01,\n")
    assert lottery("move", "second", "--events", "more.csv", "--out", "third").exit_code == 0
    (folder / "more.csv").write_text("event,application,program\nwithdraw,S04,\n")
    assert lottery("move", "third", "--events", "more.csv", "--out", "fourth").exit_code == 0
    assert lottery("verify", "fourth").exit_code == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("event,application,program\nshout,S01,\n", "events.csv, row 2, column “event”: There is no event “shout”"),
        ("event,application,program\naccept,S01,\n", "row 2, column “program”: “accept” needs the program"),
        ("event,application,program\nwithdraw,S01,OAK-6\n", "row 2, column “program”: “withdraw” is about the whole"),
        ("event,application,program\nwithdraw,S01,\naccept,S02,OAK-6\n", "row 3: Application S02 has no open offer from OAK-6"),
        ("event,application,program\nwithdraw,S99,\n", "row 2: There is no application S99"),
        ("event,application,program\nwithdraw,S01,\nwithdraw,S01,\n", "row 3: Application S01 has withdrawn"),
        ("event,application,program\napply,S31,\n", "row 2: Application S31 is not among the late applications"),
        ("event,application,program\nwithdraw,=S1,\n", "row 2, column “application”: “=S1” cannot be a code"),
        ("event,application,program\naccept,S01,NOWHERE\n", "row 2: There is no program “NOWHERE”"),
        ("event,application,program\n", "The file has no rows"),
    ],
)  # fmt: skip
def test_events_that_do_not_fit_are_told_by_their_row_and_leave_nothing(folder: Path, text: str, words: str) -> None:
    assert lottery("run", *MARKET, "--seed", "Spring 2027", "--out", "result").exit_code == 0
    (folder / "events.csv").write_text(text)
    done = lottery("move", "result", "--events", "events.csv", "--out", "moved")
    assert (done.exit_code, words in done.output) == (1, True), done.output
    assert not (folder / "moved").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("S01,6,1,ELM-6,\n", "It appears 2 times"),
        ("S31,6,1,NOWHERE,\n", "There is no program “NOWHERE”"),
        ("S31,5,1,ELM-6,\n", "is for grade 6, not grade 5"),
        ("S31,6,1,ELM-6,ELM-6\n", "cannot bring a guaranteed seat"),
        ("S31,6,2,ELM-6,\n", "has no rank 1"),
    ],
)
def test_late_applications_that_do_not_fit_are_told(folder: Path, text: str, words: str) -> None:
    lottery("run", *MARKET, "--seed", "Spring 2027", "--out", "result")
    (folder / "late.csv").write_text("application,grade,rank,program,guaranteed\n" + text)
    done = lottery("move", "result", "--events", "events.csv", "--late", "late.csv", "--out", "moved")
    assert done.exit_code == 1
    assert words in done.output and "late.csv" in done.output
    assert not (folder / "moved").exists()


def test_a_late_application_that_never_applies_is_told(folder: Path) -> None:
    lottery("run", *MARKET, "--seed", "Spring 2027", "--out", "result")
    (folder / "events.csv").write_text("event,application,program\nwithdraw,S01,\n")
    done = lottery("move", "result", "--events", "events.csv", "--late", "late.csv", "--out", "moved")
    assert (done.exit_code, "S31 has no event “apply”" in done.output) == (1, True)


def test_nothing_follows_a_result_that_was_changed(folder: Path) -> None:
    lottery("run", *MARKET, "--seed", "Spring 2027", "--out", "result")
    seed = folder / "result" / "published" / "seed.json"
    seed.write_text(seed.read_text().replace("Spring", "Winter"))
    for command in (("move", "result", "--events", "events.csv"), ("second-round", "result")):
        done = lottery(*command, "--out", "next")
        assert (done.exit_code, "does not hold, so nothing can follow it" in done.output) == (1, True)


def test_one_changed_byte_anywhere_in_a_chain_is_found(folder: Path) -> None:
    chain()
    lottery("second-round", "moved", "--late", "new.csv", "--out", "second")
    chance = random.Random(20270401)
    for path in sorted(path for path in (folder / "second").rglob("*") if path.is_file()):
        original = path.read_bytes()
        at = chance.randrange(len(original))
        path.write_bytes(original[:at] + bytes([original[at] ^ (1 << chance.randrange(8))]) + original[at + 1 :])
        assert lottery("verify", "second").exit_code == 1, f"{path}, byte {at}"
        path.write_bytes(original)
    assert lottery("verify", "second").exit_code == 0


def test_moves_forged_together_with_their_digests_are_found(folder: Path) -> None:
    chain()
    files = {
        p.relative_to(folder / "moved").as_posix(): p.read_bytes() for p in (folder / "moved").rglob("*") if p.is_file()
    }
    own = {name: data for name, data in files.items() if name not in {"manifest.json", "manifest.sha256"}}
    forged = own | {
        "auditors/results.csv": own["auditors/results.csv"].replace(b"S02,1,ELM-6,holds", b"S07,1,ELM-6,holds")
    }
    write_bundle(folder / "forged", forged)
    assert "auditors/results.csv is not what the frozen inputs" in lottery("verify", "forged").output
    link = json.loads(own["published/previous.json"]) | {"root": "0" * 64}
    write_bundle(folder / "untied", own | {"published/previous.json": json.dumps(link).encode()})
    assert "names another bundle before" in lottery("verify", "untied").output


def test_the_story_of_a_child_after_moves_proves_itself(folder: Path) -> None:
    chain()
    for number, words in (
        ("S02", "Holds a seat of ELM-6 (Elm Charter School), choice 1."),
        ("S15", "was withdrawn"),
        ("S31", "ELM-6 (Elm Charter School), open seats: place"),
    ):
        story = lottery("explain", number, "--bundle", "moved", "--page", "family.html")
        assert words in story.output
        code = re.search(r"<pre[^>]*>(.*?)</pre>", (folder / "family.html").read_text(), re.DOTALL)
        assert code is not None
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", html.unescape(code[1])], capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == "True"
    assert lottery("explain", "S99", "--bundle", "moved").exit_code == 1
