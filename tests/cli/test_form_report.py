"""The report opens from a folder for everybody: small and large screens, screen readers, paper; without a network."""

import builtins
import html
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from pypdf import PdfReader

from commonground.cli.form.cases import assign_facilitators, cases_of
from commonground.cli.form.inputs import Inputs, load, read_inputs
from commonground.cli.form.report import report_html, report_pdf, verdict
from commonground.cli.form.result import Formed, tables_and_map
from commonground.engines.formation import HELP, Group, Scorer, Solution, TravelTable, Unplaced, Weights
from commonground.engines.formation.reasons import because, reason
from commonground.i18n import translator
from commonground.reports.formation.words import PARTS, TEXTS

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "form"
LITERACY = Group(("alder", "birch", "cedar", "dogwood"), "Literacy across subjects")
LANGUAGE = Group(("ivy", "juniper", "larch", "maple"), "Multilingual learners")


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    files = {"schools": "schools.csv", "rules": "rules.toml", "facilitators": "facilitators.csv"}
    sources = load({key: EXAMPLE / name for key, name in files.items()})
    assert isinstance(sources, dict)
    read = read_inputs(sources)
    assert isinstance(read, Inputs), read
    return read


def formed(
    inputs: Inputs, *groups: Group, others: tuple[Solution, ...] = (), status: str = "time", gap: float = 5.0
) -> Formed:
    """An answer put together by hand."""
    scorer = Scorer(inputs.market, inputs.rules)
    score = scorer.total(groups)
    names = {member.id: member.name for member in inputs.market.members}
    left = tuple(
        Unplaced(id, (reason("nobody_near", name=names[id], limit=40.0, unit="km"),)) for id in scorer.unplaced(groups)
    )
    solution = Solution(groups, left, score, score + gap, status, 1.0, 1, {})
    return Formed(inputs, solution, assign_facilitators(inputs, cases_of(inputs.market, groups)), others)


@pytest.fixture(scope="module")
def page(inputs: Inputs) -> bytes:
    other = formed(inputs, LITERACY).solution
    return report_html(formed(inputs, LITERACY, LANGUAGE, others=(other,)))


def test_a_group_is_explained_by_topic_and_nobody_is_ranked(page: bytes):
    text = page.decode()
    assert "Group 1: Literacy across subjects" in text
    assert "Academic writing: Alder Elementary, Birch Academy, Dogwood Charter" in text
    assert "Attendance: Birch Academy can bring it; Alder Elementary, Cedar Middle asked for it" in text
    assert "Facilitator: Luz Ibarra" in text
    assert "No other member is within 40 km of Oak Mountain School." in text
    assert "Alternative 1" in text


def test_an_estimate_is_called_one(page: bytes):
    assert "Travel is an estimate" in page.decode()


def test_in_spanish_no_sentence_of_ours_is_left_in_english(inputs: Inputs):
    answer = replace(formed(inputs, LITERACY, LANGUAGE, others=(formed(inputs, LITERACY).solution,)), language="es")
    text = report_html(answer).decode()
    say = translator("es")
    ours = [*TEXTS.values(), *PARTS.values(), *HELP.values()]
    plain = [one for one in ours if "{" not in one and " " in one and say(one) != one]
    assert [one for one in plain if one in html.unescape(text)] == []
    assert '<html lang="es">' in text
    assert "Ningún otro miembro está a 40 km o menos de Oak Mountain School." in text
    assert "Facilitación: Luz Ibarra" in text
    assert "Mapa de los grupos" in text
    assert "chárter" in tables_and_map(answer)["map.svg"].decode()
    assert "Ningún otro miembro está" in tables_and_map(answer)["without_a_group.csv"].decode()


def test_a_pair_without_any_way_is_told(inputs: Inputs):
    ids = tuple(member.id for member in inputs.market.members)
    minutes = np.full((len(ids), len(ids)), 12.0)
    minutes[0, 1] = np.inf
    market = replace(inputs.market, travel=TravelTable(ids, minutes))
    free = replace(inputs, market=market, rules=replace(inputs.rules, weights=Weights(travel=0)))
    answer = formed(free, LITERACY)
    text = report_html(answer).decode()
    assert "12 minutes between two members on average, 12 minutes at most. Between some there is no way at all." in text
    assert b'"way": null' in tables_and_map(answer)["reasons.json"]


def test_a_reason_and_the_one_behind_it_are_said_in_one_language():
    behind = reason("no_sector", sector="charter", name="Alder", areas=2)
    why = reason("no_feasible_groups", **because(behind))
    assert "Nadie del sector «chárter» eligió una de las 2 áreas de enfoque de Alder." in why.said(translator("es"))


def test_an_answer_without_groups_says_so(inputs: Inputs):
    assert "No group could be formed under these rules." in report_html(formed(inputs)).decode()


def test_names_are_shown_and_never_run(inputs: Inputs):
    evil = "<script>alert(1)</script>"
    members = tuple(replace(m, name=evil) if m.id == "alder" else m for m in inputs.market.members)
    text = report_html(
        formed(replace(inputs, title=evil, market=replace(inputs.market, members=members)), LITERACY)
    ).decode()
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_the_verdict_says_what_is_proven(inputs: Inputs):
    best = formed(inputs, LITERACY, gap=0.0).solution
    assert "no others have more" in verdict(best)
    assert "no others can have more than" in verdict(formed(inputs, LITERACY, gap=5.0).solution)


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_is_accessible_and_fits(page: bytes, chromium: Browser, tmp_path: Path, width: int):
    path = tmp_path / "report.html"
    path.write_bytes(page)
    tab = chromium.new_page(viewport={"width": width, "height": 900})
    said: list[str] = []
    asked: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(path.as_uri())
    found = Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
    assert said == []
    assert asked == [path.as_uri()]
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tab.close()


def test_the_printed_report_is_tagged_and_describes_its_map(page: bytes):
    pdf = report_pdf(page, 2)
    assert isinstance(pdf, bytes)
    reader = PdfReader(io.BytesIO(pdf))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert reader.metadata is not None
    assert reader.metadata.title == "Quads of Willow Valley"
    assert b"pdfuaid" in pdf or b"pdfuaid" in root["/Metadata"].get_data()
    assert "Map of the groups" in alternate_texts(root["/StructTreeRoot"])
    assert report_pdf(page, 2) == pdf


def alternate_texts(node: object) -> list[str]:
    """All alternate texts in a tree of tags."""
    found, todo = [], [node]
    while todo:
        one = todo.pop()
        one = one.get_object() if hasattr(one, "get_object") else one
        if isinstance(one, list):
            todo += one
        elif isinstance(one, dict):
            found += [str(one["/Alt"])] if "/Alt" in one else []
            todo += [one["/K"]] if "/K" in one else []
    return found


def test_without_the_pdf_part_a_sentence_says_what_is_missing(page: bytes, monkeypatch: pytest.MonkeyPatch):
    real = builtins.__import__

    def missing(error: Exception):
        def importing(name: str, *arguments: object, **options: object) -> object:
            if name == "weasyprint":
                raise error
            return real(name, *arguments, **options)

        return importing

    monkeypatch.setattr(builtins, "__import__", missing(ImportError("No module named 'weasyprint'")))
    assert "pip install '.[pdf]'" in str(report_pdf(page, 2))
    monkeypatch.setattr(builtins, "__import__", missing(OSError("cannot load library 'libpango'")))
    assert "Pango is missing" in str(report_pdf(page, 2))


def test_a_report_that_nobody_would_print_is_not_set(page: bytes):
    assert "left out" in str(report_pdf(page, 151))
