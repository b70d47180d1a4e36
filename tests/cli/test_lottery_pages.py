"""The reports and a family's page are for everybody: small and large screens, screen readers, paper; without a network."""

import io
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from pypdf import PdfReader

from commonground.engines.lottery.bundle.contents import Contents
from commonground.engines.lottery.bundle.whole import draw_files
from commonground.engines.lottery.draw import draw
from commonground.engines.lottery.model import Application, Choice, Market, Program, Rules
from commonground.engines.lottery.report import ON_PAPER, family_page, report
from commonground.engines.lottery.report.story import story_of
from commonground.engines.lottery.results import Result
from commonground.engines.lottery.seeds import Seed
from commonground.i18n import translator
from commonground.pdf import tagged
from tests.engines.lottery.test_bundle import made, market_of

SEED = Seed(plain="spring")


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_is_accessible_and_fits(chromium: Browser, tmp_path: Path, width: int) -> None:
    contents = made(market_of(), SEED)
    files = draw_files(contents, "Kindergarten")
    pages = {name: files[name].decode() for name in ("report.html", "report.es.html")}
    pages |= {f"family.{to}.html": family_page(story_of(contents, 5, translator(to), to)) for to in ("en", "es")}
    tab = chromium.new_page(viewport={"width": width, "height": 900})
    for name, page in pages.items():
        (tmp_path / name).write_text(page, encoding="utf-8")
        tab.emulate_media(media="screen")
        tab.goto((tmp_path / name).as_uri())
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, name
        for media in ("screen", "print"):
            tab.emulate_media(media=media)  # type: ignore[arg-type]
            found = Axe().run(tab)
            assert found.violations_count == 0, found.generate_report()
    tab.close()


def test_on_paper_only_the_most_wanted_programs_are_listed() -> None:
    """A city's whole list would be sixty pages; the page on a screen has every program."""
    programs = tuple(Program(f"P{at:03}", f"School {at:03}", "K", 2) for at in range(ON_PAPER + 60))
    wanted = [program for at, program in enumerate(programs) for _ in range(12 if at < 50 else 0)]
    children = tuple(Application(f"A{at}", "K", (Choice(program.name),)) for at, program in enumerate(wanted))
    market = Market(programs, children, Rules())
    page = report(Contents(market, SEED, Result(market, draw(market, "spring"))), "Kindergarten")
    assert all(f">{program.name}</th>" in page for program in programs)
    text = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(tagged(page))).pages)
    assert f"the {ON_PAPER} most wanted of {len(programs)} seat pools" in text
    assert "School 049" in text and f"School {ON_PAPER + 59}" not in text
