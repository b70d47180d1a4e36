"""The pages of a report: one folder a language, a page for each school and LEA."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

import jinja2

from commonground.reports.equity.book import ALL, CITY, Book, Cell, Place
from commonground.reports.equity.rows import Comparisons, Maker
from commonground.reports.equity.words import LANGUAGES, MONTHS, day, grade, knows, school_year, speaker

TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("commonground.reports.equity", "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
DOWNLOADS = ("figures.csv", "equity.xlsx", "open-data.zip")


def file_name(entity: str) -> str:
    """A file name for an id: letters, digits and dashes stay, anything else becomes its number."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_") else f"~{ord(c):x}" for c in entity)


class Pages:
    """All pages of one language."""

    def __init__(
        self, book: Book, language: str, compare: Comparisons, with_pdf: frozenset[Place] = frozenset()
    ) -> None:
        self.book, self.language, self.with_pdf = book, language, with_pdf
        self.say = speaker(language)
        self.maker = Maker(book, self.say, language, compare)
        self.year = book.years[-1]

    def general(self) -> Iterator[tuple[PurePosixPath, str]]:
        """The pages that are no place's own."""
        folder = PurePosixPath(self.language)
        yield folder / "index.html", self._place_page("city.html", CITY, depth=1, sections=self._sections(CITY))
        yield (
            folder / "schools.html",
            self._page(
                "schools.html",
                "schools",
                depth=1,
                letters=self._letters(),
                leas=self._leas(),
                nameless=any(
                    row["name"] == place[1] for place, row in self.book.places.items() if place[0] == "school"
                ),
            ),
        )
        yield (
            folder / "sectors.html",
            self._page("sectors.html", "sectors", depth=1, tables=list(self._sector_tables())),
        )
        yield (
            folder / "about.html",
            self._page(
                "about.html",
                "about",
                depth=1,
                metrics=self._rules(),
                counts=self._counts,
                again=bool(self.book.publication.manifest.earlier),
            ),
        )

    def place(self, place: Place) -> tuple[PurePosixPath, str]:
        """The page of one school or LEA."""
        return self.path(place), self._place_page("place.html", place, depth=2, sections=self._sections(place))

    def name(self, place: Place) -> str:
        """The name of a place; one that only has a code is called by what it is and its code."""
        if place == CITY:
            return self.say("whole_city")
        known = self.book.places.get(place, {}).get("name", place[1])
        return f"{self.say(place[0])} {known}" if known == place[1] else known

    def path(self, place: Place) -> PurePosixPath:
        folder = {"school": "schools", "lea": "leas"}[place[0]]
        return PurePosixPath(self.language) / folder / f"{file_name(place[1])}.html"

    def _page(self, template: str, page: str, depth: int, **more: Any) -> str:
        manifest = self.book.publication.manifest
        up = "../" * depth
        values = {
            "say": self.say, "grade": grade, "language": self.language, "page": page, "root": up, "home": up + self.language + "/",
            "title": self.book.title(self.language), "made": day(manifest.made, self.language), "minimum": manifest.minimum,
            "school_year": school_year(self.year), "downloads": DOWNLOADS, "here": more.pop("here", f"{page}.html"),
            "others": [name for name in LANGUAGES if name != self.language], "languages": LANGUAGES,
        }  # fmt: skip
        return TEMPLATES.get_template(template).render(values | more)

    def _place_page(self, template: str, place: Place, depth: int, **more: Any) -> str:
        row = {"low_grade": "", "high_grade": "", "sector": "", **self.book.places.get(place, {})}
        year = self.book.latest(place) or self.year
        here = "index.html" if place == CITY else str(self.path(place).relative_to(self.language))
        return self._page(
            template,
            "city" if place == CITY else place[0],
            depth,
            here=here,
            place=row | {"name": self.name(place)},
            level=place[0],
            lea=self._lea_of(place),
            schools=self._schools_of(place),
            pdf=file_name(place[1]) + ".pdf" if place in self.with_pdf else "",
            place_year=school_year(year),
            **more,
        )

    def _lea_of(self, place: Place) -> dict[str, str] | None:
        lea = ("lea", self.book.places.get(place, {}).get("lea", ""))
        if place[0] != "school" or lea not in self.book.places:
            return None
        return {"name": self.name(lea), "file": file_name(lea[1]) if lea in self.book.cells else ""}

    def _schools_of(self, place: Place) -> list[dict[str, str]]:
        schools = self.book.of_level("school") if place[0] == "lea" else []
        return [self._entry(school) for school in schools if self.book.places[school]["lea"] == place[1]]

    def _sections(self, place: Place) -> list[dict[str, Any]]:
        year = self.book.latest(place)
        if year is None:
            return []
        return [self._section(place, metric, year) for metric in self.book.metrics_of(place, year)]

    def _section(self, place: Place, metric: str, year: str) -> dict[str, Any]:
        rows = self.maker.rows(place, metric, year)
        return {
            **self._about(metric),
            **self._notes([row.text for row in rows]),
            "rows": [row for row in rows if not row.crossed],
            "crossed": [row for row in rows if row.crossed],
            "compared": ("city_and_sector_like" if any(row.sectors for row in rows) else "city_like")
            if any(row.city or row.sectors for row in rows)
            else "",
            "changed": any(row.change for row in rows),
            "trend": self._trend(place, metric),
            "months": self._months(place, metric, year),
            "again": bool(self.book.publication.manifest.earlier),
        }

    def _about(self, metric: str) -> dict[str, Any]:
        """A measure's name and rule: the first sentence, and the others, which fold away."""
        about = self.book.metrics[metric]
        first, stop, rest = about[f"sentence_{self.language}"].partition(". ")
        return {
            "id": metric,
            "name": about[f"name_{self.language}"],
            "sentence": first + stop.strip(),
            "details": rest,
            "about": about,
            "source": self._source(about),
            "since": school_year(about["effective"]),
        }

    def _source(self, about: Mapping[str, Any]) -> str:
        """Where a rule comes from, in Spanish where the rules say it."""
        return (about.get("source_es") if self.language == "es" else "") or about["source"]

    def _notes(self, texts: list[str]) -> dict[str, bool]:
        """Which explanations a table with these texts needs."""
        return {
            "withheld": self.say("withheld") in texts,
            "coded": any(text[:1] in "≥≤" for text in texts if text),
            "ranges": any("–" in text for text in texts),
        }

    def _trend(self, place: Place, metric: str) -> list[tuple[str, str]]:
        told = ((year, self.book.cell(place, metric, year, ALL)) for year in self.book.years)
        found = [(school_year(year), self._noted(cell)) for year, cell in told if cell is not None]
        return found if len(found) > 1 else []

    def _noted(self, cell: Cell) -> str:
        """A figure of an earlier year, and whether it was corrected since it was first published."""
        corrected = self.maker.corrected(cell)
        return f"{self.maker.text(cell)} ({corrected})" if corrected else self.maker.text(cell)

    def _months(self, place: Place, metric: str, year: str) -> list[tuple[str, str]]:
        cells = self.book.months.get(place, {}).get((metric, year), {})
        order = sorted(cells, key=lambda month: (int(month) < 7, int(month)))  # a school year begins in summer
        return [(MONTHS[self.language][int(month) - 1].capitalize(), self._noted(cells[month])) for month in order]

    def _entry(self, place: Place) -> dict[str, str]:
        row = self.book.places[place]
        lea = ("lea", row["lea"])
        sector = self.say(f"sector:{row['sector']}") if knows(f"sector:{row['sector']}") else ""
        more = {"name": self.name(place), "file": file_name(place[1]), "sector_name": sector}
        return {**row, **more, "lea_name": self.name(lea) if lea in self.book.places else ""}

    def _letters(self) -> dict[str, list[dict[str, str]]]:
        found: dict[str, list[dict[str, str]]] = {}
        for place in self.book.of_level("school"):
            entry = self._entry(place)
            found.setdefault(entry["name"][:1].upper() or "?", []).append(entry)
        return found

    def _leas(self) -> list[dict[str, str]]:
        return [self._entry(place) for place in self.book.of_level("lea")]

    def _sector_tables(self) -> Iterator[dict[str, Any]]:
        places = [*self.book.of_level("sector"), CITY]
        shown = [place for place in places if place in self.book.cells]
        if len(shown) < 2 or shown[-1] != CITY:
            return
        heads = [self.say(f"schools_of:{place[1]}") if place != CITY else self.say("whole_city") for place in shown]
        for metric in self.book.metrics_of(CITY, self.year):
            groups = [group for group in self.book.groups_of(CITY, metric, self.year) if "*" not in group]
            most = self.maker.scale(CITY, metric, self.year, groups)
            rows = [
                (self.maker.group_name(group), self.maker.beside(shown, metric, self.year, group, most))
                for group in groups
            ]
            texts = [cell.text for _, cells in rows for cell in cells]
            yield {**self._about(metric), **self._notes(texts), "heads": heads, "rows": rows}

    def _rules(self) -> list[dict[str, Any]]:
        return [
            {
                "name": row[f"name_{self.language}"],
                "sentence": row[f"sentence_{self.language}"],
                "since": school_year(row["effective"]),
                "about": row,
                "source": self._source(row),
            }
            for row in self.book.metrics.values()
        ]

    @cached_property
    def _counts(self) -> str:
        return self.say("about_counts", withheld=f"{self.book.withheld:,}", all=f"{self.book.of:,}")


def landing(book: Book) -> str:
    """The first page: choose a language."""
    titles = {language: book.title(language) for language in LANGUAGES}
    return TEMPLATES.get_template("landing.html").render(titles=titles, languages=LANGUAGES)
