"""What a report is made of, step by step: read, compute, protect, audit, build. Nothing is kept before all is done."""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from commonground.engines.disclosure.audit import Finding
    from commonground.engines.disclosure.protect import Protected
    from commonground.engines.measures.figures import Figures

_MOST = 10


class ReportError(Exception):
    """The report cannot be made as asked: what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for. ``rules`` is None for the rules that come with Common Ground."""

    out: Path
    title: str
    made: str
    rules: Path | None
    earlier: tuple[Path, ...]
    pdf: tuple[str, ...]
    workers: int
    decisions: Path | None


@contextmanager
def bar(label: str, length: int = 1000) -> Iterator["click._termui_impl.ProgressBar[int]"]:
    with click.progressbar(length=length, label=f"{label:<12}", file=sys.stderr) as shown:
        yield shown
        shown.update(length - shown.pos)


@contextmanager
def set_aside(out: Path) -> Iterator[Path]:
    """A folder beside ``out`` that takes its name when the block ends well, and is gone when it does not."""
    if out.exists():
        raise ReportError(f"{out} exists already. Name a new folder, so that no report is overwritten.")
    aside = out.absolute().with_name(f".{out.name}.unfinished")
    shutil.rmtree(aside, ignore_errors=True)  # what a killed run left behind
    try:
        aside.mkdir(parents=True)
        yield aside
        aside.rename(out)
    except OSError as error:
        raise ReportError(f"{out} could not be written: {error.strerror or error}. Nothing was kept.") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def figures_of_data(folders: Sequence[Path], rules: Path | None) -> "Figures":
    """Figures from the LEAs' folders. Raises ReportError where the files have errors."""
    import commonground.engines.measures.compute as measures
    from commonground.engines.measures.inputs import read_city
    from commonground.engines.measures.inputs.listing import lines
    from commonground.engines.measures.rules import read_rules, shipped_rules
    from commonground.engines.measures.tables import open_tables

    agreed = read_rules(rules) if rules else shipped_rules()
    with tempfile.TemporaryDirectory(prefix="commonground-") as scratch, bar("Reading", 1) as reading:
        tables, problems = read_city(folders, Path(scratch) / "city")
        if not tables:
            first = "\n".join(lines(problems[:_MOST], str))
            raise ReportError(
                f"{first}\nThe files have errors; “commonground equity check” lists them all. Nothing was written."
            )
        reading.update(1)
        with bar("Measuring", len(agreed.metrics)) as measuring:
            connection = measures.connect(spill=scratch)
            return measures.compute(
                agreed, open_tables(Path(scratch) / "city", connection), tell=lambda _: measuring.update(1)
            )


def make(figures: "Figures", wish: Wish) -> tuple[int, int]:
    """Protect, audit and publish; the answer is the number of pages and of withheld figures. Raises ReportError."""
    with set_aside(wish.out) as aside:
        done = _protect(figures, wish)
        done.publication.write(aside / "data")
        withheld = _audit(aside, figures, wish)
        pages = _build(aside, wish)
    if wish.decisions is not None:
        _write_decisions(done, wish.decisions)
    return pages, withheld


def _protect(figures: "Figures", wish: Wish) -> "Protected":
    from commonground.engines.disclosure.protect import ProtectionError, Settings, protect, read_settings
    from commonground.engines.disclosure.publication import Publication

    with bar("Protecting") as shown:

        def tell(done: int, total: int, _: str) -> None:
            shown.update(int(1000 * done / max(total, 1)) - shown.pos)

        try:
            done = protect(
                figures,
                read_settings(wish.rules) if wish.rules else Settings(),
                title=wish.title,
                made=wish.made,
                rules=sha256(wish.rules.read_bytes()).hexdigest() if wish.rules else "",
                earlier=[Publication.read(folder) for folder in wish.earlier],
                processes=wish.workers,
                progress=tell,
            )
        except ProtectionError as error:
            raise ReportError(str(error)) from error
    if done.exposed:
        one = done.exposed[0]
        raise ReportError(
            f"{len(done.exposed)} figures would stay open to subtraction whatever is withheld now, first {one.metric} of "
            f"{one.entity}, {one.group}, {one.year}: an earlier release tells too much, or there is nothing left to hide it "
            "among. Leave this metric out of the rules, or add LEAs. Nothing was written."
        )
    return done


def _audit(aside: Path, figures: "Figures", wish: Wish) -> int:
    from commonground.engines.disclosure.audit import audit

    with bar("Auditing") as shown:

        def tell(done: int, total: int) -> None:
            shown.update(int(1000 * done / total) - shown.pos)

        found = audit([aside, *wish.earlier], truth=figures.figures, workers=wish.workers, progress=tell)
    if not found.ok:
        raise ReportError(_failed(list(found.failed)))
    return found.withheld


def _failed(findings: "list[Finding]") -> str:
    lines = (
        f"{finding.verdict}: {', '.join(part for part in finding.key if part)} ({finding.part})"
        for finding in findings[:_MOST]
    )
    return "\n".join(
        [*lines, f"The auditor worked out {len(findings)} figures that the report withholds. Nothing was written."]
    )


def _build(aside: Path, wish: Wish) -> int:
    from commonground.reports.equity import NoPdfError, build_site

    with bar("Writing") as shown:

        def tell(done: int, total: int) -> None:
            shown.update(int(1000 * done / total) - shown.pos)

        try:
            return build_site(aside, pdf=wish.pdf, workers=wish.workers, progress=tell)
        except (NoPdfError, ValueError) as error:
            raise ReportError(f"{error} Nothing was written.") from error


def _write_decisions(done: "Protected", path: Path) -> None:
    import pyarrow.csv as pcsv

    pcsv.write_csv(done.decisions, path)
