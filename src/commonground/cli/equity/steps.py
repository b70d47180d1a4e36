"""What a report is made of, step by step: read, compute, protect, audit, build. Nothing is kept before all is done."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from commonground import pdf
from commonground.cli.equity.safe import Safe
from commonground.cli.equity.wish import ReportError, Wish, bar
from commonground.folders import new_file, new_folder, private_folder
from commonground.i18n import N_, Say

if TYPE_CHECKING:
    from commonground.engines.disclosure.protect import Protected, Settings
    from commonground.engines.disclosure.publication import Publication
    from commonground.engines.measures.figures import Figures

_ROWS = 5


@contextmanager
def set_aside(out: Path, say: Say) -> Iterator[Path]:
    """A folder beside ``out`` that takes its name when the block ends well, and is gone when it does not."""
    if out.exists():
        text = N_("{out} exists already. Name a new folder, so that no report is overwritten.")
        raise ReportError(say(text).format(out=out))
    try:
        with new_folder(out) as aside:
            yield aside
    except OSError as error:
        text = N_("{out} could not be written: {reason}. Nothing was kept.")
        raise ReportError(say(text).format(out=out, reason=error.strerror or error)) from error
    except BrokenProcessPool as error:
        text = N_("A process that helped was stopped, mostly for want of memory. Try --workers 1. Nothing was kept.")
        raise ReportError(say(text)) from error


def figures_of_data(folders: Sequence[Path], wish: Wish) -> "Figures":
    """Figures from the LEAs' folders. Raises ReportError where the files have errors, NotWrittenError."""
    import commonground.engines.measures.compute as measures
    from commonground.engines.measures.inputs import open_city
    from commonground.engines.measures.inputs.listing import listing
    from commonground.engines.measures.inputs.placing import NO_ROOM, NotWrittenError, reason
    from commonground.engines.measures.rules import read_rules, shipped_rules
    from commonground.engines.measures.tables import open_tables

    say = wish.say
    agreed = read_rules(wish.rules) if wish.rules else shipped_rules()
    with private_folder(Path(tempfile.gettempdir()), ".commonground-report-") as scratch:
        with bar(say(N_("Reading")), 1), open_city(folders, year_begins=agreed.year_begins) as city:
            if city.problems.errors:
                text = N_("The files have errors; “commonground equity check” lists them all. Nothing was written.")
                raise ReportError("\n".join(["", *listing(city.problems, say, _ROWS), say(text)]))
            city.write(scratch / "city")
        with bar(say(N_("Measuring")), len(agreed.metrics)) as measuring:
            try:
                connection = measures.connect(spill=str(scratch))
                return measures.compute(
                    agreed, open_tables(scratch / "city", connection), tell=lambda _: measuring.update(1)
                )
            except NO_ROOM as error:
                text = N_("The figures could not be computed: {reason}.")
                raise NotWrittenError(say(text).format(reason=reason(error))) from error


def make(read: Callable[[], "Figures"], wish: Wish) -> tuple[int, int]:
    """Read, protect, audit and publish; the answer is the number of pages and of withheld figures.

    What can be refused at once is refused before the long work. Raises ReportError.
    """
    with set_aside(wish.out, wish.say) as aside:
        settings, earlier = _settings(wish), _earlier(wish)
        _check_pdf(wish)
        figures = read()
        _check_schools(figures, wish)
        done, withheld = Safe(aside, figures, settings, earlier, wish).publish()
        pages = _build(aside, wish)
        if wish.decisions is not None:
            _write_decisions(done, wish.decisions)
    return pages, withheld


def _settings(wish: Wish) -> "Settings":
    from commonground.engines.disclosure.protect import Settings, read_settings

    return read_settings(wish.rules) if wish.rules else Settings()


def _earlier(wish: Wish) -> "list[Publication]":
    from commonground.engines.disclosure.publication import Publication

    releases = [Publication.read(folder) for folder in wish.earlier]
    told = {year for release in releases for year in release.manifest.years}
    for year in wish.as_before:
        if year not in told:
            text = N_("--as-before: no earlier report tells {year}. Give a year that one given with --earlier tells.")
            raise ReportError(wish.say(text).format(year=year))
    return releases


def _check_pdf(wish: Wish) -> None:
    if wish.pdf:
        try:
            pdf.require()
        except pdf.NoPdfError as error:
            raise ReportError(wish.say(str(error))) from error


def _check_schools(figures: "Figures", wish: Wish) -> None:
    schools = {row["entity"] for row in figures.entities.to_pylist() if row["level"] == "school"}
    for name in wish.pdf:
        if name != "all" and name not in schools:
            text = N_("--pdf: there is no school “{name}” in the data. Give its id as in the data, or “all”.")
            raise ReportError(wish.say(text).format(name=name))


def _build(aside: Path, wish: Wish) -> int:
    from commonground.reports.equity import build_site

    with bar(wish.say(N_("Writing"))) as shown:

        def tell(done: int, total: int) -> None:
            shown.update(int(1000 * done / total) - shown.pos)

        try:
            return build_site(aside, wish.pdf, workers=wish.workers, progress=tell)
        except ValueError as error:
            raise ReportError(str(error)) from error


def _write_decisions(done: "Protected", path: Path) -> None:
    """Aside first: whoever reads it, reads all of it."""
    import pyarrow.csv as pcsv

    with new_file(path) as aside:
        pcsv.write_csv(done.decisions, aside)
