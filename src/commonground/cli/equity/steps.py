"""What a report is made of, step by step: read, compute, protect, audit, build. Nothing is kept before all is done."""

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

import click

from commonground import pdf
from commonground.folders import new_file, new_folder, private_folder
from commonground.i18n import N_, Say

if TYPE_CHECKING:
    import pyarrow as pa

    from commonground.engines.disclosure.audit import Audit, Finding
    from commonground.engines.disclosure.protect import Protected, Settings
    from commonground.engines.disclosure.publication import Publication
    from commonground.engines.measures.figures import Figures

_MOST = 10
_ROWS = 5


class ReportError(Exception):
    """The report cannot be made as asked: what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for. ``rules`` is None for the rules that come with Common Ground; ``say`` translates."""

    out: Path
    title: str
    title_es: str
    made: str
    rules: Path | None
    earlier: tuple[Path, ...]
    as_before: tuple[str, ...]
    pdf: tuple[str, ...]
    workers: int
    decisions: Path | None
    say: Say


@contextmanager
def bar(label: str, length: int = 1000) -> Iterator["click._termui_impl.ProgressBar[int]"]:
    with click.progressbar(length=length, label=f"{label:<12}", file=sys.stderr) as shown:
        yield shown
        shown.update(length - shown.pos)


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
        done, withheld = _safe(aside, figures, settings, earlier, wish)
        pages = _build(aside, wish)
        if wish.decisions is not None:
            _write_decisions(done, wish.decisions)
    return pages, withheld


def _safe(
    aside: Path, figures: "Figures", settings: "Settings", earlier: "Sequence[Publication]", wish: Wish
) -> "tuple[Protected, int]":
    """Protected figures that the auditor passes, written, and how many are withheld.

    The auditor looks at every figure anyhow, so the protector proves them itself only where the auditor finds one open.
    """
    for proven in (False, True):
        done = _protect(figures, settings, earlier, wish, proven)
        _public(done.publication, figures, wish).write(aside / "data")
        found = _audit(aside, figures, wish)
        if found.ok:
            return done, found.withheld
        rmtree(aside / "data")
        if not proven:
            text = N_(
                "The auditor found {number} figures open. They are protected once more, now with proofs, which takes longer."
            )
            click.echo(wish.say(text).format(number=len(list(found.failed))), err=True)
    open_ones = [_exposed(done, wish.say)] if done.exposed else []
    open_ones += [_stand(years, wish.say)] if (years := _corrected_years(done)) else []
    raise ReportError("\n".join([_failed(list(found.failed), wish.say), *open_ones]))


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


def _protect(
    figures: "Figures", settings: "Settings", earlier: "Sequence[Publication]", wish: Wish, proven: bool
) -> "Protected":
    from commonground.engines.disclosure.protect import ProtectionError, protect

    with bar(wish.say(N_("Protecting"))) as shown:

        def tell(done: int, total: int, _: str) -> None:
            shown.update(int(1000 * done / max(total, 1)) - shown.pos)

        try:
            done = protect(
                figures,
                settings,
                title=wish.title,
                made=wish.made,
                rules=sha256(wish.rules.read_bytes()).hexdigest() if wish.rules else "",
                earlier=earlier,
                as_before=wish.as_before,
                processes=wish.workers,
                proven=proven,
                progress=tell,
            )
        except ProtectionError as error:
            raise ReportError(str(error)) from error
    return done


def _exposed(done: "Protected", say: Say) -> str:
    one = done.exposed[0]
    text = N_(
        "{number} figures stay open to subtraction whatever is withheld, first {metric} of {entity}, {group}, {year}: an earlier "
        "release tells too much, or there is nothing left to hide it among. Leave this metric out of the rules, or add LEAs."
    )
    place = {name: getattr(one, name) for name in ("metric", "entity", "group", "year")}
    return say(text).format(number=len(done.exposed), **place)


def _public(publication: "Publication", figures: "Figures", wish: Wish) -> "Publication":
    """What the report is called in Spanish, and metrics and groups in the order in which partners agreed on them."""
    titled = replace(publication.manifest, title_es=wish.title_es)
    metrics = _in_order(publication.metrics, figures.metrics, ("metric", "version"))
    groups = _in_order(publication.groups, figures.groups, ("group",))
    return replace(publication, manifest=titled, metrics=metrics, groups=groups)


def _in_order(published: "pa.Table", agreed: "pa.Table", key: tuple[str, ...]) -> "pa.Table":
    """The agreed rows first, then those that only figures of an earlier report need."""
    import pyarrow as pa

    known = {tuple(row[name] for name in key) for row in agreed.to_pylist()}
    more = [row for row in published.to_pylist() if tuple(row[name] for name in key) not in known]
    return pa.concat_tables([agreed, pa.Table.from_pylist(more, agreed.schema)]) if more else agreed


def _audit(aside: Path, figures: "Figures", wish: Wish) -> "Audit":
    """The auditor has the last word, also on figures that the protector did not prove safe."""
    from commonground.engines.disclosure.audit import AuditError, ContradictionError, audit

    with bar(wish.say(N_("Auditing"))) as shown:

        def tell(done: int, total: int) -> None:
            shown.update(int(1000 * done / total) - shown.pos)

        try:
            return audit([aside, *wish.earlier], truth=figures.figures, workers=wish.workers, progress=tell)
        except AuditError as error:
            both = wish.earlier and isinstance(error, ContradictionError)
            raise ReportError(_contradiction(wish.say) if both else str(error)) from error


def _contradiction(say: Say) -> str:
    return say(
        N_(
            "This report and the earlier ones contradict each other beyond what corrected data explain: no students fit them all. "
            "Name all earlier reports of this city with --earlier, and none of another. Nothing was written."
        )
    )


def _corrected_years(done: "Protected") -> list[str]:
    """Years of which this report corrects an earlier one."""
    figures, made = done.publication.figures, done.publication.manifest.made
    days = zip(figures["year"].to_pylist(), figures["corrected"].to_pylist(), strict=True)
    return sorted({year for year, day in days if day == made})


def _stand(years: list[str], say: Say) -> str:
    text = N_("Corrections of an earlier report may be the reason. To publish without those of a year, give {options}.")
    return say(text).format(options=" ".join(f"--as-before {year}" for year in years))


def _failed(findings: "list[Finding]", say: Say) -> str:
    lines = (
        f"{finding.verdict}: {', '.join(part for part in finding.key if part)} ({finding.part})"
        for finding in findings[:_MOST]
    )
    text = N_("The auditor worked out {number} figures that the report withholds. Nothing was written.")
    return "\n".join([*lines, say(text).format(number=len(findings))])


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
