"""The audit bundle: the same inputs give the same bytes, anyone can check it, and one changed byte is found."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.engines.lottery.bundle.contents import (
    APPLICATIONS,
    COUNTS,
    CUTOFFS,
    MANIFEST,
    MANIFEST_DIGEST,
    Contents,
    as_json,
    manifest,
    manifest_digest,
)
from commonground.engines.lottery.bundle.counts import rank_counts
from commonground.engines.lottery.bundle.merkle import levels, proof, root_of
from commonground.engines.lottery.bundle.reading import BundleError
from commonground.engines.lottery.bundle.verifying import verify
from commonground.engines.lottery.bundle.whole import draw_files
from commonground.engines.lottery.bundle.writing import FolderError, write_bundle, write_folder
from commonground.engines.lottery.draw import draw
from commonground.engines.lottery.model import Application, Choice, Linked, Market, Numbers, Program, Rules, SeatPool
from commonground.engines.lottery.results import Result
from commonground.engines.lottery.seeds import Seed, commitment_of
from tests.engines.lottery.test_seeds import ROUND, SIGNATURE

PROGRAMS = (
    Program("P", "S", "K", 12, ("sibling",), (SeatPool("access", 3, "access", hard=True), SeatPool("open", 9))),
    Program("Q", "T", "K", 9, screened=True),
)


def market_of(children: int = 40, **rules: object) -> Market:
    applications = [
        Application(
            f"A{at:03}",
            "K",
            (Choice("P", frozenset({"sibling"} if at % 7 == 0 else ())), Choice("Q", school_rank=at % 5 or None)),
            frozenset({"access"} if at % 3 == 0 else ()),
            linked=f"t{at // 2}" if at < 4 else None,
        )
        for at in range(children)
    ]
    return Market(PROGRAMS, tuple(applications), Rules(groups=("access",), **rules))  # type: ignore[arg-type]


def made(market: Market, seed: Seed) -> Contents:
    return Contents(market, seed, Result(market, draw(market, seed.text)))


def files_of(market: Market, seed: Seed) -> dict[str, bytes]:
    return draw_files(made(market, seed), "Kindergarten")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    write_bundle(tmp_path / "result", files_of(market_of(), Seed(plain="spring")))
    return tmp_path / "result"


def failures(folder: Path) -> list[str]:
    return [finding.text for finding in verify(folder) if not finding.holds]


def test_a_bundle_holds_as_it_was_written(bundle: Path) -> None:
    steps: list[str] = []
    assert all(finding.holds for finding in verify(bundle, steps.append))
    assert steps[0] == "Comparing the digests"


@pytest.mark.parametrize(
    "rules", [{}, {"numbers": Numbers.PER_SCHOOL}, {"linked": Linked.TOGETHER}, {"most_choices": 2, "grades": ("K",)}]
)
def test_bundles_under_all_rules_hold(tmp_path: Path, rules: dict[str, object]) -> None:
    seed = Seed(round=ROUND, signature=SIGNATURE, secret="red barn", commitment=commitment_of("red barn"))
    write_bundle(tmp_path / "result", files_of(market_of(**rules), seed))
    findings = verify(tmp_path / "result")
    assert all(finding.holds for finding in findings)
    assert any("signature is genuine" in finding.text for finding in findings)


def test_two_runs_give_the_same_bytes() -> None:
    first, second = (files_of(market_of(), Seed(plain="spring")) for _ in range(2))
    assert first == second


def test_one_changed_byte_in_any_file_is_found(bundle: Path) -> None:
    for path in sorted(bundle.rglob("*")):
        if not path.is_file():
            continue
        original = path.read_bytes()
        for at in (0, len(original) // 2, len(original) - 1):
            path.write_bytes(original[:at] + bytes([original[at] ^ 1]) + original[at + 1 :])
            try:
                assert failures(bundle), f"{path.name}, byte {at}"
            except BundleError as error:
                assert "was changed" in str(error)
        path.write_bytes(original)
    assert not failures(bundle)


def test_a_missing_or_added_file_is_found(bundle: Path) -> None:
    (bundle / "published" / "note.txt").write_text("trust us")
    assert failures(bundle) == [
        "published/note.txt is not part of the bundle: it was added later.",
        "published/note.txt is not a file that this program makes.",
    ]
    (bundle / "published" / "note.txt").unlink()
    (bundle / CUTOFFS).unlink()
    assert "published/cutoffs.csv is missing." in failures(bundle)


def test_a_result_that_was_changed_together_with_its_digests_is_still_found(tmp_path: Path, bundle: Path) -> None:
    files = files_of(market_of(), Seed(plain="spring"))
    files["auditors/results.csv"] = files["auditors/results.csv"].replace(b",full,", b",matched,", 1)
    write_bundle(tmp_path / "forged", files)
    assert [text[:56] for text in failures(tmp_path / "forged")] == [
        "auditors/results.csv is not what the frozen inputs and th"[:56]
    ]


def test_another_seed_that_was_slipped_in_is_found(tmp_path: Path) -> None:
    forged = files_of(market_of(), Seed(plain="spring"))
    forged["published/seed.json"] = files_of(market_of(), Seed(plain="summer"))["published/seed.json"]
    write_bundle(tmp_path / "forged", forged)
    assert any("numbers.csv is not what" in text for text in failures(tmp_path / "forged"))


def test_a_folder_that_is_no_bundle_is_named(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=MANIFEST):
        verify(tmp_path)


def test_who_made_a_bundle_is_a_claim_that_is_not_checked(tmp_path: Path) -> None:
    folder = forged(tmp_path, {}, {"version": "9.9", "code": "0" * 64})
    claims = [finding for finding in verify(folder) if not finding.checked]
    assert [claim.text[:60] for claim in claims] == ["The bundle says that another program made it (version 9.9, c"]
    assert not failures(folder)


@pytest.mark.parametrize("made_by", [{}, "me", {"version": "9.9"}, None])
def test_a_bundle_that_does_not_say_who_made_it_fails(tmp_path: Path, made_by: object) -> None:
    assert failures(forged(tmp_path, {}, made_by)) == ["manifest.json does not say which program made the bundle."]


def test_a_forged_report_does_not_pass_as_the_wording_of_another_version(tmp_path: Path) -> None:
    folder = forged(tmp_path, {"report.html": b"Everybody won."}, {"version": "9.9", "code": "0" * 64})
    assert [text[:40] for text in failures(folder)] == ["report.html is not what the frozen input"]


def forged(folder: Path, changed: dict[str, bytes], made_by: object) -> Path:
    """A bundle with changed files, another maker, and digests that fit both."""
    files = {**files_of(market_of(), Seed(plain="spring")), **changed}
    record = json.loads(manifest(files))
    record["made_by"] = made_by
    data = as_json(record)
    write_folder(folder / "forged", {**files, MANIFEST: data, MANIFEST_DIGEST: manifest_digest(data)})
    return folder / "forged"


def test_an_existing_folder_is_never_overwritten(bundle: Path) -> None:
    with pytest.raises(FolderError, match="exists already"):
        write_bundle(bundle, {})


def test_a_full_disk_leaves_no_folder_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("commonground.folders.os.fsync", no_room)
    with pytest.raises(FolderError, match=r"No space left on device\. Nothing of it was kept"):
        write_bundle(tmp_path / "result", {"a/b.txt": b"x"})
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_behind_does_not_stop_the_next(tmp_path: Path) -> None:
    (tmp_path / ".result-new-abc").mkdir()
    (tmp_path / ".result-new-abc" / ".lock").write_text("held")
    write_bundle(tmp_path / "result", {"a.txt": b"x"})
    assert sorted(path.name for path in (tmp_path / "result").iterdir()) == [
        "a.txt",
        "manifest.json",
        "manifest.sha256",
    ]


def test_nothing_published_names_a_child_or_counts_a_small_group(bundle: Path) -> None:
    for path in (bundle / "published").iterdir():
        assert "A00" not in path.read_text()
    few = files_of(market_of(12), Seed(plain="spring"))
    assert json.loads(few[COUNTS])["by_group"]["access"] == {"children": None, "matched": None, "first_choice": None}
    assert b",withheld\n" in few[CUTOFFS]
    assert json.loads((bundle / COUNTS).read_text())["by_group"]["access"]["children"] == 14


def ranks(firsts: int, seconds: int, unplaced: int) -> dict[str, int | None]:
    """Published counts when so many children get their first choice, their second, none."""
    programs = (Program("P", "S", "K", firsts), Program("Q", "T", "K", seconds))
    both = (Choice("P"), Choice("Q"))
    children = tuple(Application(f"A{at}", "K", both) for at in range(firsts + seconds + unplaced))
    market = Market(programs, children)
    return rank_counts(Result(market, draw(market, "spring")))


def test_counts_by_choice_never_show_fewer_than_ten_children() -> None:
    assert ranks(20, 15, 30) == {"1": 20, "2": 15, "none": 30}
    assert ranks(20, 4, 30) == {"1+": 24, "none": 30}
    assert ranks(20, 15, 3) == {"1": 20, "2": None, "none": None}
    assert ranks(2, 1, 30) == {"1+": None, "none": None}
    assert ranks(20, 15, 0) == {"1": 20, "2": 15, "none": 0}


def test_the_frozen_inputs_go_to_auditors_only(bundle: Path) -> None:
    assert (bundle / APPLICATIONS).read_text().count("\n") == 81


def test_every_child_is_proved_to_be_behind_the_root() -> None:
    contents = made(market_of(), Seed(plain="spring"))
    for at in range(40):
        assert root_of(contents.leaf(at), contents.proof(at)) == contents.root
        assert root_of(contents.leaf(at) + b" ", contents.proof(at)) != contents.root


def test_the_tree_agrees_with_a_published_root() -> None:
    """The eight leaves of the Certificate Transparency test vectors (RFC 6962)."""
    leaves = [
        bytes.fromhex(text)
        for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
    ]
    assert levels(leaves)[-1][0].hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    assert levels(leaves[:3])[-1][0].hex() == "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"
    assert levels([])[-1][0].hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(st.lists(st.binary(max_size=5), min_size=1, max_size=20), st.data())
def test_a_proof_leads_every_leaf_to_the_root(leaves: list[bytes], data: st.DataObject) -> None:
    tree = levels(leaves)
    at = data.draw(st.integers(0, len(leaves) - 1))
    assert root_of(leaves[at], proof(tree, at)) == tree[-1][0].hex()
