"""The report: one HTML file without network and script, and the same as a tagged PDF where that can be made."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import jinja2

from commonground.cli.form.cases import group_id
from commonground.cli.form.result import Formed, map_points, map_texts, weak
from commonground.engines.formation import HELP, Explanation, Group, Solution
from commonground.engines.formation.map import draw_map
from commonground.i18n import N_, Say
from commonground.reports.formation.words import PARTS, UNPLACED, Texts, group_name, texts
from commonground.tables.problems import Problem

# A group fills about two pages, and setting one takes about a tenth of a second: nobody prints more than this.
MOST_GROUPS_ON_PAPER = 150


@dataclass(frozen=True, slots=True)
class Choice:
    """One member of a group, as a row of its table."""

    name: str
    sector: str
    lea: str
    choice: str


@dataclass(frozen=True, slots=True)
class Card:
    """One group, as the report shows it. Nobody is labeled as giving or taking: topics are."""

    number: int
    id: str
    name: str
    members: tuple[Choice, ...]
    shared: tuple[str, ...]
    exchanges: tuple[str, ...]
    weak: tuple[str, ...]
    travel: str
    points: float
    facilitator: str
    facilitator_reasons: tuple[str, ...]


def report_html(formed: Formed) -> bytes:
    """The whole report as one page."""
    template = _environment().get_template("report.html")
    return (template.render(**_content(formed)) + "\n").encode()


def _environment() -> jinja2.Environment:
    folder = files("commonground.cli.form").joinpath("templates")
    source = {"report.html": folder.joinpath("report.html").read_text(encoding="utf-8")}
    environment = jinja2.Environment(
        loader=jinja2.DictLoader(source),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["points"] = lambda value: f"{value:,.1f}"
    return environment


def _content(formed: Formed) -> Mapping[str, Any]:
    solution, say = formed.solution, formed.say
    travel, t = formed.inputs.market.travel, texts(say)
    placed = sum(len(group.members) for group in solution.groups)
    return {
        "t": t,
        "language": formed.language,
        "title": formed.inputs.title or t["title"],
        "solution": solution,
        "verdict": verdict(solution, say),
        "schools": len(formed.inputs.market),
        "placed": placed,
        "cards": [_card(formed, n) for n in range(1, len(solution.groups) + 1)],
        "left": [(formed.members[u.member].name, [why.said(say) for why in u.reasons]) for u in solution.unplaced],
        "map": draw_map(map_points(formed), texts=map_texts(formed), standalone=True),
        "estimate": travel.is_estimate,
        "straight": travel.unit == "km" and not travel.is_estimate,
        "parts": [
            (say(PARTS[part]), points, say(HELP.get(part, UNPLACED)))
            for part, points in formed.scorer.parts(solution.groups).items()
        ],
        "assignment": formed.assignment,
        "loads": _loads(formed),
        "others": [_compared(formed, n, other) for n, other in enumerate(formed.others, start=1)],
        "notes": [_note(note, t, say) for note in formed.inputs.notes],
    }


def _note(note: Problem, t: Texts, say: Say) -> str:
    row = t["row"].format(row=note.row) if note.row is not None else ""
    column = t["column"].format(column=note.column) if note.column is not None else ""
    place = ", ".join(part for part in (note.file, row, column) if part)
    said = say(note.template).format(**note.values)
    return f"{place}: {said}" if place else said


def verdict(solution: Solution, say: Say = N_) -> str:
    """How good the groups are, in one sentence."""
    t, score = texts(say), f"{solution.score:,.1f}"
    if solution.bound - solution.score <= 1e-6 * max(1.0, abs(solution.score)):
        return t["best"].format(score=score)
    said = {"score": score, "bound": f"{solution.bound:,.1f}", "more": f"{solution.bound - solution.score:,.1f}"}
    return t["at_most_share" if solution.score > 0 else "at_most"].format(**said, share=f"{solution.gap:.1%}")


def _card(formed: Formed, number: int) -> Card:
    group, why = formed.solution.groups[number - 1], formed.explanations[number - 1]
    ways = [pair.travel for pair in why.score.pairs]
    row, t = formed.facilitators.get(group_id(number)), texts(formed.say)
    return Card(
        number=number,
        id=group_id(number),
        members=tuple(_choice(formed, group, id) for id in group.members),
        shared=tuple(f"{need.topic}: {_names(formed, need.members)}" for need in why.shared),
        exchanges=_exchanges(formed, why),
        name=group_name(t, number, group.area),
        weak=tuple(one.said(formed.say) for one in weak(why)),
        travel=_travel(ways, t, formed.inputs.market.travel.unit),
        points=why.score.total,
        facilitator=formed.facilitator_name(number),
        facilitator_reasons=tuple(one.said(formed.say) for one in row.reasons) if row else (),
    )


def _travel(ways: Sequence[float], t: Texts, unit: str) -> str:
    known = [way for way in ways if math.isfinite(way)]
    said = []
    if known:
        mean, most = f"{sum(known) / len(known):.0f}", f"{max(known):.0f}"
        said.append(t["ways"].format(mean=mean, most=most, unit=t[unit]))
    if len(known) < len(ways):
        said.append(t["no_way"])
    return " ".join(said)


def _choice(formed: Formed, group: Group, id: str) -> Choice:
    member, t = formed.members[id], texts(formed.say)
    rank = member.rank(group.area)
    choice = t["not_ranked"] if rank is None else t["choice"].format(rank=rank + 1)
    return Choice(member.name, formed.say(member.sector), member.lea, choice)


def _exchanges(formed: Formed, why: Explanation) -> tuple[str, ...]:
    t = texts(formed.say)
    return tuple(
        t["exchange"].format(
            topic=one.topic, offered=_names(formed, one.offered_by), needed=_names(formed, one.needed_by)
        )
        for one in why.exchanges
    )


def _names(formed: Formed, ids: tuple[str, ...]) -> str:
    return ", ".join(formed.members[id].name for id in ids)


def _loads(formed: Formed) -> list[tuple[str, str, int]]:
    """Who accompanies which groups, and how many each offered to take."""
    if formed.assignment is None:
        return []
    of: dict[str, list[str]] = {}
    for row in formed.assignment.rows:
        if row.facilitator:
            of.setdefault(row.facilitator, []).append(row.case)
    return [(person.name, ", ".join(of.get(person.id, [])), person.caseload) for person in formed.inputs.people]


def _compared(formed: Formed, number: int, other: Solution) -> Mapping[str, Any]:
    """What an alternative changes against the proposal."""
    same = {frozenset(g.members) for g in formed.solution.groups} & {frozenset(g.members) for g in other.groups}
    change = formed.scorer.compare(formed.solution.groups, other.groups)
    parts = [
        f"{formed.say(PARTS[part]).lower()} {points:+.1f}"
        for part, points in change.parts.items()
        if abs(points) >= 0.05
    ]
    groups = [
        f"{_names(formed, group.members)}" + (f" ({group.area})" if group.area else "")
        for group in other.groups
        if frozenset(group.members) not in same
    ]
    left = _names(formed, tuple(u.member for u in other.unplaced))
    return {
        "number": number,
        "score": other.score,
        "change": change.total,
        "same": len(same),
        "parts": ", ".join(parts),
        "groups": groups,
        "left": left,
    }


def report_pdf(html: bytes, groups: int) -> bytes | str:
    """The page as a tagged PDF (PDF/UA-1); where that cannot be made here, a sentence that says why."""
    if groups > MOST_GROUPS_ON_PAPER:
        return (
            f"report.pdf was left out: it is made for up to {MOST_GROUPS_ON_PAPER} groups. Print parts of report.html."
        )
    try:
        import weasyprint
    except ImportError:
        return (
            "report.pdf was left out: the PDF part is not installed (pip install '.[pdf]' in Common Ground's folder)."
        )
    except OSError:
        return "report.pdf was left out: Pango is missing on this machine (on Debian: apt-get install libpango-1.0-0)."
    pdf: bytes = weasyprint.HTML(string=html.decode()).write_pdf(pdf_variant="pdf/ua-1")
    return pdf
