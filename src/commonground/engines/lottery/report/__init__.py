"""The report of a run for a board meeting: one HTML file with its pictures inside, in each language, and the same as PDF."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import jinja2
import numpy as np

from commonground.engines.lottery.bundle.contents import Contents, seed_record, table
from commonground.engines.lottery.bundle.counts import (
    NO_SEAT,
    SMALLEST,
    group_counts,
    rank_counts,
    shown_filled,
    small,
    withhold,
)
from commonground.engines.lottery.checks import Check, checks
from commonground.engines.lottery.model import Numbers, Program, Rules
from commonground.engines.lottery.places.compare import COLUMNS, Compared, by_program, totals
from commonground.engines.lottery.report.bars import bars
from commonground.engines.lottery.report.story import Story
from commonground.engines.lottery.report.words import Texts, said, texts, with_school
from commonground.engines.lottery.results import Result
from commonground.engines.lottery.standing import class_name
from commonground.i18n import ENGLISH, LANGUAGES, Say, translator

# So many seat pools are listed on paper, the most wanted ones: a city's whole list would be sixty pages.
ON_PAPER = 100
_PAGES = jinja2.Environment(
    loader=jinja2.PackageLoader("commonground.engines.lottery.report", "pages"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


def file_name(language: str) -> str:
    """The report's file in a language: report.html, report.es.html."""
    return "report.html" if language == ENGLISH else f"report.{language}.html"


def report_files(made: Contents, title: str, compared: Sequence[Compared] = ()) -> dict[str, bytes]:
    """The report in every language, and the comparison with published counts if there are any, to lie in the bundle."""
    files = {file_name(language): report(made, title, compared, language).encode() for language in LANGUAGES}
    if compared:
        every = [*by_program(compared), *compared]
        rows = ((c.program, c.pool, c.measure, c.published, c.simulated, "yes" if c.differs else "") for c in every)
        files["comparison.csv"] = table(COLUMNS, rows)
    return files


def report(made: Contents, title: str, compared: Sequence[Compared] = (), language: str = ENGLISH) -> str:
    """The report as one HTML page that opens without a network."""
    say = translator(language)
    result, t = made.result, texts(say)
    ranks = rank_counts(result)
    unplaced = ranks[NO_SEAT]
    offered = {program.name: program for program in result.market.programs}
    rows = [_compared_row(one, offered, t) for one in by_program(compared)]
    return render(
        "report.html",
        t=t,
        language=language,
        title=title,
        rehearsal=result.market.rules.rehearsal,
        children=len(result.applications),
        seats=int(result.seats.sum()),
        matched=None if unplaced is None else len(result.applications) - unplaced,
        waiting=small(len({int(result.drawn.arrays.owner[choice]) for choice, _, _ in result.waiting})),
        by_choice=[(_choice_name(rank, t), count) for rank, count in ranks.items()],
        choice_bars=bars([(_choice_name(r, t), n) for r, n in ranks.items() if n is not None], t["by_choice_table"]),
        programs=program_rows(result, t),
        on_paper=ON_PAPER,
        program_bars=bars(_most_wanted(result), t["most_wanted"]),
        groups=group_rows(result),
        smallest=SMALLEST,
        checks=said_checks(checks(result), say),
        totals=[(_measure(name, t), row) for name, row in totals(by_program(compared)).items()],
        compared=rows,
        differing=sorted((r for r in rows if r["differs"]), key=lambda r: -abs(r["published"] - r["simulated"])),
        seed=seed_record(made.seed),
        root=made.root,
        rules=_rules(result.market.rules, t),
    )


def family_page(story: Story) -> str:
    """A child's story as a page for the family."""
    title = story.t["page_title"].format(number=story.number)
    return render("family.html", story=story, t=story.t, language=story.language, title=title)


def said_checks(found: Sequence[Check], say: Say) -> list[tuple[str, bool]]:
    """Each check in words, and whether it holds."""
    return [(say(check.detail), check.holds) for check in found]


def _measure(name: str, t: Texts) -> str:
    return t[{"matches": "matches", "waiting": "waiting"}.get(name, "asked_measure")]


def _compared_row(one: Compared, offered: Mapping[str, Program], t: Texts) -> dict[str, Any]:
    program = offered[one.program]
    counts = {"published": one.published, "simulated": one.simulated, "differs": one.differs}
    return {
        "program": one.program, "school": program.school, "grade": program.grade, "measure": _measure(one.measure, t), **counts,
    }  # fmt: skip


def _rules(rules: Rules, t: Texts) -> list[str]:
    return [
        t["single" if rules.numbers is Numbers.SINGLE else "per_school"],
        t["late_in_place" if rules.late_in_place else "late_behind"],
        t["keep_numbers" if rules.keep_numbers else "new_numbers"],
    ]


def render(name: str, **values: Any) -> str:
    """One of the pages beside this module."""
    return _PAGES.get_template(name).render(**values)


def _choice_name(rank: str, t: Texts) -> str:
    if rank == NO_SEAT:
        return t["no_seat"]
    return t["choice_or_later" if rank.endswith("+") else "choice"].format(rank=rank.removesuffix("+"))


def _wishes(result: Result) -> tuple[Counter[int], Counter[int]]:
    """For every program how many rank it, and how many rank it first."""
    arrays = result.drawn.arrays
    first = arrays.choice_start[:-1][np.diff(arrays.choice_start) > 0]
    return Counter(arrays.choice_program.tolist()), Counter(arrays.choice_program[first].tolist())


def _shown(count: int | None, t: Texts) -> int | str:
    return t["withheld"] if count is None else count


def _most_wanted(result: Result) -> list[tuple[str, int]]:
    first = withhold(_per_program(_wishes(result)[1], len(result.market.programs)))
    names = [with_school(program) for program in result.market.programs]
    wanted = sorted(((count, at) for at, count in first.items() if count), key=lambda row: (-row[0], row[1]))
    return [(names[at], count) for count, at in wanted[:15]]


def _per_program(counts: Counter[int], programs: int) -> dict[int, int]:
    return {at: counts[at] for at in range(programs)}


def program_rows(result: Result, t: Texts) -> list[Mapping[str, Any]]:
    """Each seat pool: seats, children seated, demand (small counts withheld), the last child admitted."""
    every, first = (withhold(_per_program(count, len(result.market.programs))) for count in _wishes(result))
    filled = shown_filled(result)
    rows: list[Mapping[str, Any]] = []
    places = {program.name: at for at, program in enumerate(result.market.programs)}
    wanted = sorted(range(len(result.cutoffs)), key=lambda at: -(every[places[result.cutoffs[at].program.name]] or 0))
    printed = set(wanted[:ON_PAPER])
    for place, (cutoff, seated) in enumerate(zip(result.cutoffs, filled, strict=True)):
        at = places[cutoff.program.name]
        last = cutoff.last
        rows.append(
            {
                "program": cutoff.program.name,
                "school": cutoff.program.school,
                "grade": cutoff.program.grade,
                "pool": said(cutoff.pool.name, t),
                "seats": cutoff.pool.seats,
                "filled": _shown(seated, t),
                "asked": _shown(every[at], t),
                "first": _shown(first[at], t),
                "last_class": "" if last is None else said(class_name(cutoff.program, cutoff.pool, last), t),
                "last_number": "" if cutoff.number is None else cutoff.number[:12],
                "room": not cutoff.full,
                "on_paper": place in printed,
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
