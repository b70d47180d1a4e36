"""The pages of an equity report: complete, in both languages, without a network."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from commonground.reports.equity import build_site

from .toy import write_toy


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_toy(tmp_path_factory.mktemp("equity"))
    build_site(folder, printed=["0101"], workers=1)
    return folder


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: set[str] = set()
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.found += [value for name in ("href", "src") if (value := given.get(name))]
        self.ids |= {value for value in (given.get("id"),) if value}
        self.scripts += tag == "script" or "style" in given


def parsed(path: Path) -> Links:
    links = Links()
    links.feed(path.read_text(encoding="utf-8"))
    return links


def pages(site: Path) -> Iterator[Path]:
    yield from sorted(site.rglob("*.html"))


def test_both_languages_have_the_same_pages_and_every_link_leads_somewhere(site: Path) -> None:
    names = {
        code: {str(path.relative_to(site / code)) for path in (site / code).rglob("*.html")} for code in ("en", "es")
    }
    assert names["en"] == names["es"]
    assert {"index.html", "schools/0101.html", "schools/C~2f7.html", "leas/L1.html", "about.html"} <= names["en"]
    for page in pages(site):
        links = parsed(page)
        assert links.scripts == 0
        for link in links.found:
            target, _, anchor = link.partition("#")
            file = (page.parent / target) if target else page
            assert file.is_file(), f"{page}: {link}"
            assert not anchor or anchor in parsed(file).ids, f"{page}: {link}"


def text_of(path: Path) -> str:
    text = re.sub(r"<[^>]*>", " ", path.read_text(encoding="utf-8"))
    return " ".join(text.split())


def test_a_school_page_tells_figures_and_why_others_are_withheld(site: Path) -> None:
    english, spanish = text_of(site / "en/schools/0101.html"), text_of(site / "es/schools/0101.html")
    assert "Cedar &lt;Elementary&gt; School" in english
    assert (
        "Withheld: the group has fewer than 10 students, or this figure, alone or with others, would tell about"
        in english
    )
    assert "No se publica: el grupo tiene menos de 10 estudiantes" in spanish
    assert "10–19 %" in english and "≤ 5 %" in spanish
    assert "127 7 more" in english and "127 7 más" in spanish
    assert "October 12 %" in english and "Octubre 12 %" in spanish
    assert "Rule version 1, in force since 2012-13" in english
    assert "Published November 3, 2025" in english and "Publicado el 3 de noviembre de 2025" in spanish
    assert "Race not stated" not in english
    assert "Source: Common Ground starter rules." in english and "Fuente: Reglas iniciales." in spanish
    beside = "12 % no clear difference District: 12 % Charter: 12 %"
    assert beside in english.replace("\xa0", " ")


def test_schools_are_in_the_order_of_the_alphabet_and_sectors_side_by_side(site: Path) -> None:
    listed = text_of(site / "en/schools.html")
    assert listed.index("Cedar") < listed.index("Ñandú Academy")
    assert "Group Charter schools District schools City" in text_of(site / "en/sectors.html")


def test_downloads_hold_what_the_pages_show(site: Path) -> None:
    workbook = openpyxl.load_workbook(site / "downloads/equity.xlsx")
    assert workbook.sheetnames == ["enrollment", "chronic_absence", "entry", "growth"]
    rows = list(workbook["chronic_absence"].iter_rows(values_only=True))
    assert (rows[0][0], rows[1][0]) == ("Chronic absence", "Ausentismo crónico")
    assert rows[2][:7] == ("Level", "Id", "Name", "Year", "All students", "Asian", "Black")
    assert rows[3][:5] == ("Nivel", "Id", "Nombre", "Año", "Todos los estudiantes")
    assert ("sector", "charter", "Charter schools / Escuelas chárter", "2024") in [row[:4] for row in rows]
    assert rows[-1][8] == "withheld / no se publica"
    assert ("school", "0101", "Cedar <Elementary> School", "2025", "12 %", "≤ 5 %", "10–19 %") in [
        row[:7] for row in rows
    ]
    with zipfile.ZipFile(site / "downloads/open-data.zip") as archive:
        assert archive.read("equity-data/figures.csv") == (site / "data/figures.csv").read_bytes()
        dictionary = list(csv.DictReader(io.StringIO(archive.read("equity-data/dictionary.csv").decode("utf-8-sig"))))
        described = {(row["file"], name) for row in dictionary for name in row["columns"].split(", ")}
        for name in ("figures", "entities", "groups", "metrics"):
            header = archive.read(f"equity-data/{name}.csv").decode("utf-8-sig").splitlines()[0].replace('"', "")
            assert {(f"{name}.csv", column) for column in header.split(",")} <= described


def test_the_same_publication_gives_the_same_site(site: Path, tmp_path: Path) -> None:
    again = write_toy(tmp_path)
    build_site(again, workers=2)
    for path in sorted(path for path in again.rglob("*") if path.suffix in (".html", ".zip", ".css")):
        if path.stem != "0101":  # only the first site was asked for its PDF, and links it
            assert path.read_bytes() == (site / path.relative_to(again)).read_bytes()


def test_a_pdf_is_tagged_and_in_the_language_of_its_page(site: Path) -> None:
    for language in ("en", "es"):
        printed = PdfReader(site / language / "schools/0101.pdf")
        assert tuple(printed.pages[0].mediabox)[2:] == (612, 792)  # its style was there: Letter paper
        root = printed.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"]  # type: ignore[index]
        assert root["/Lang"] == language  # type: ignore[index]


def test_a_school_that_is_not_there_cannot_be_printed(site: Path) -> None:
    with pytest.raises(ValueError, match="There is no school “0999”"):
        build_site(site, printed=["0999"])


@pytest.fixture(scope="module")
def tab(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page()
    yield page
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
def test_pages_are_accessible_fit_and_ask_for_nothing_else(site: Path, tab: Page, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 900})
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    for page in pages(site):
        tab.goto(page.as_uri())
        assert said == [], page
        found = Axe().run(tab)
        assert found.violations_count == 0, f"{page}: {found.generate_report()}"
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, page
        said.clear()  # axe asks for the style sheet again, which a browser refuses it from a folder
