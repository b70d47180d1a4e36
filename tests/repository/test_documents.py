"""The documents: all can be reached, all links lead somewhere, what is marked as run is run, and every name in them exists."""

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from commonground.cli import main
from commonground.site.directory.models.organization import Kind, Sector
from commonground.site.directory.roles import Role
from tests.repository.test_repository import FILES, ROOT, name_of

DOCUMENTS = [path for path in FILES if path.suffix == ".md" and "vendor" not in path.parts]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
# Their commands need the folders that they name; tests/cli/test_form_documents.py and test_lottery_documents.py run them there.
RUN_ELSEWHERE = {
    "docs/tutorials/form-groups-on-the-command-line.md",
    "docs/tutorials/draw-a-lottery.md",
    "docs/tutorials/publish-an-equity-report.md",
}
INDEX = (ROOT / "docs" / "README.md").read_text()


def anchors(document: Path) -> set[str]:
    """The anchors that a reader of the repository gets for the headings."""
    headings = re.findall(r"^#+ (.*)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", re.sub(LINK, "", heading).lower()).replace(" ", "-") for heading in headings}


def links(document: Path) -> list[tuple[str, str]]:
    """(path, anchor) of every link inside the repository."""
    targets = [
        target for target in LINK.findall(document.read_text()) if "://" not in target and "mailto:" not in target
    ]
    return [(path, anchor) for path, _hash, anchor in (target.partition("#") for target in targets)]


def test_every_link_leads_to_a_file_and_to_a_heading_in_it() -> None:
    broken = []
    for document in DOCUMENTS:
        for path, anchor in links(document):
            target = (document.parent / path).resolve() if path else document
            if not target.exists() or (anchor and anchor not in anchors(target)):
                broken.append(f"{name_of(document)} -> {path}#{anchor}")
    assert not broken


def test_every_document_can_be_reached_from_the_readme() -> None:
    seen: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        document = waiting.pop()
        if document.suffix == ".md" and document not in seen:
            seen.add(document)
            waiting += [(document.parent / path).resolve() for path, _anchor in links(document) if path]
    assert {name_of(path) for path in DOCUMENTS} == {name_of(path) for path in seen}


def blocks() -> list[tuple[str, str, str]]:
    """(document, kind, content) of every block between fences."""
    return [(name_of(path), kind, block) for path in DOCUMENTS for kind, block in BLOCK.findall(path.read_text())]


def test_every_block_says_what_it_is() -> None:
    known = {"console", "python", "text", "toml", "csv", "json"}
    assert not [document for document, kind, _block in blocks() if kind not in known]


RUN = [one for one in blocks() if one[1] in {"console", "python"} and one[0] not in RUN_ELSEWHERE]


@pytest.mark.parametrize(("document", "kind", "block"), RUN)
def test_blocks_that_are_marked_as_run_do_run(document: str, kind: str, block: str, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", block]
    if kind == "console":
        lines = [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]
        assert lines, document
        command = ["bash", "-euc", "\n".join(lines)]
    programs = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    subprocess.run(command, cwd=tmp_path, env=programs, check=True, capture_output=True)


def test_every_command_and_make_target_that_is_named_exists() -> None:
    context = click.Context(main)
    commands = set(main.list_commands(context))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for document in DOCUMENTS:
        text = document.read_text()
        code = "\n".join(re.findall(r"`([^`\n]+)`", text) + [block for _kind, block in BLOCK.findall(text)])
        named = set(re.findall(r"(?:^|[\s/$])commonground ([a-z]+)\b", code, re.MULTILINE))
        assert named <= commands, name_of(document)
        assert set(re.findall(r"(?:^|\s)make ([a-z-]+)\b", code, re.MULTILINE)) <= targets, name_of(document)


def test_decisions_are_numbered_without_a_gap_and_have_their_four_parts() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    for number, path in enumerate(decisions, start=1):
        text = path.read_text()
        assert path.name.startswith(f"{number:04}-"), path.name
        assert text.startswith(f"# {number}. "), path.name
        for part in ("Context", "Decision", "Cost", "Refused"):
            assert f"**{part}.**" in text, f"{path.name} has no {part}"
        assert f"{number}. [{text.splitlines()[0].split('. ', 1)[1]}](decisions/{path.name})" in INDEX, path.name


TERMS = re.findall(r"^\*\*(.+?)\.\*\*", (ROOT / "GLOSSARY.md").read_text(), re.MULTILINE)


def test_the_glossary_is_in_the_order_of_the_alphabet_and_says_each_word_once() -> None:
    assert sorted(set(TERMS), key=str.lower) == TERMS


def test_the_glossary_holds_the_name_of_every_role_kind_and_sector() -> None:
    explained = {re.sub(r" \(.*\)", "", term).lower() for term in TERMS}
    roles = {str(role.label).lower() for role in Role} | {"family", "public"}
    kinds = {"agency", "district", "charter operator", "lea", "school"}
    assert len(kinds) == len(Kind), "a new kind needs its word"
    assert roles | kinds | {"sector", "charter school", "district"} <= explained
    assert len(Sector) == 3
