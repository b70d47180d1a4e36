"""The report of a run for a board meeting: one HTML file with its pictures inside, and the same as PDF."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import jinja2
import numpy as np

from commonground.engines.lottery.bundle.contents import SMALLEST, Contents, seed_record, table
from commonground.engines.lottery.bundle.counts import NO_SEAT, group_counts, rank_counts
from commonground.engines.lottery.checks import checks
from commonground.engines.lottery.places.compare import COLUMNS, Compared, totals
from commonground.engines.lottery.report.bars import bars
from commonground.engines.lottery.results import Result
from commonground.engines.lottery.standing import class_name

_PAGES = jinja2.Environment(
    loader=jinja2.PackageLoader("commonground.engines.lottery.report", "pages"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


class NoPdfError(RuntimeError):
    """The parts that make a PDF are not installed."""


def report_files(made: Contents, title: str, compared: Sequence[Compared] = ()) -> dict[str, bytes]:
    """The report, and the comparison with published counts if there are any, to lie in the bundle beside the rest."""
    files = {"report.html": report(made, title, compared).encode()}
    if compared:
        rows = ((c.program, c.pool, c.measure, c.published, c.simulated, "yes" if c.differs else "") for c in compared)
        files["comparison.csv"] = table(COLUMNS, rows)
    return files


def report(made: Contents, title: str, compared: Sequence[Compared] = ()) -> str:
    """The report as one HTML page that opens without a network."""
    result = made.result
    ranks = rank_counts(result)
    unplaced = ranks[NO_SEAT]
    page = _PAGES.get_template("report.html")
    return page.render(
        title=title,
        children=len(result.applications),
        seats=int(result.seats.sum()),
        matched=None if unplaced is None else len(result.applications) - unplaced,
        waiting=len({int(result.drawn.arrays.owner[choice]) for choice, _, _ in result.waiting}),
        by_choice=[(_choice_name(rank), count) for rank, count in ranks.items()],
        choice_bars=bars(
            [(_choice_name(r), n) for r, n in ranks.items() if n is not None], "Children by the choice they got"
        ),
        programs=program_rows(result),
        program_bars=bars(_most_wanted(result), "First choices of the most wanted programs"),
        groups=group_rows(result),
        smallest=SMALLEST,
        checks=checks(result),
        totals=totals(compared),
        differing=sorted((c for c in compared if c.differs), key=lambda c: -abs(c.published - c.simulated)),
        seed=seed_record(made.seed),
        root=made.root,
        rules=result.market.rules,
    )


def pdf(page: str) -> bytes:
    """The report as tagged PDF.

    Raises:
        NoPdfError: WeasyPrint is not installed.
    """
    try:
        import weasyprint
    except (ImportError, OSError) as error:
        raise NoPdfError(
            "A PDF needs the extra parts: pip install 'commonground[pdf]', and Pango on the machine."
        ) from error
    made: bytes = weasyprint.HTML(string=page).write_pdf(pdf_variant="pdf/ua-1")
    return made


def render(name: str, **values: Any) -> str:
    """One of the pages beside this module."""
    return _PAGES.get_template(name).render(**values)


def _choice_name(rank: str) -> str:
    if rank == NO_SEAT:
        return "No seat"
    return f"Choice {rank[:-1]} or later" if rank.endswith("+") else f"Choice {rank}"


def _wishes(result: Result) -> tuple[Counter[int], Counter[int]]:
    """For every program how many rank it, and how many rank it first."""
    arrays = result.drawn.arrays
    first = arrays.choice_start[:-1][np.diff(arrays.choice_start) > 0]
    return Counter(arrays.choice_program.tolist()), Counter(arrays.choice_program[first].tolist())


def _withheld(count: int) -> str:
    return str(count) if count == 0 or count >= SMALLEST else f"<{SMALLEST}"


def _most_wanted(result: Result) -> list[tuple[str, int]]:
    names = [program.name for program in result.market.programs]
    return [(names[at], count) for at, count in _wishes(result)[1].most_common(15) if count >= SMALLEST]


def program_rows(result: Result) -> list[Mapping[str, Any]]:
    """Each seat pool: seats, children seated, demand (small counts withheld), the last child admitted."""
    every, first = _wishes(result)
    rows: list[Mapping[str, Any]] = []
    places = {program.name: at for at, program in enumerate(result.market.programs)}
    for cutoff in result.cutoffs:
        at = places[cutoff.program.name]
        last = cutoff.last
        rows.append(
            {
                "program": cutoff.program.name,
                "school": cutoff.program.school,
                "grade": cutoff.program.grade,
                "pool": cutoff.pool.name,
                "seats": cutoff.pool.seats,
                "filled": cutoff.filled,
                "asked": _withheld(every[at]),
                "first": _withheld(first[at]),
                "last_class": "" if last is None else class_name(cutoff.program, cutoff.pool, last),
                "last_number": "" if cutoff.number is None else cutoff.number[:12],
                "room": not cutoff.full,
            }
        )
    return rows


def group_rows(result: Result) -> list[Mapping[str, Any]]:
    """Match rates by student group; None where a number would show a small group."""
    rows: list[Mapping[str, Any]] = []
    for name, counts in group_counts(result).items():
        size = counts["children"]
        rows.append(
            {
                "group": name,
                **counts,
                "rate": _share(counts["matched"], size),
                "first_rate": _share(counts["first_choice"], size),
            }
        )
    return rows


def _share(part: int | None, whole: int | None) -> str | None:
    return None if part is None or not whole else f"{part / whole:.0%}"
