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

PARTS = {
    "shared_need": "Shared needs",
    "met_need": "Needs met by others",
    "travel": "Travel",
    "context": "Similar setting",
    "past": "Worked together before",
    "readiness": "Different readiness",
    "choice": "Ranked choice",
    "size": "Group size",
    "unplaced": "Schools without a group",
}
# A group fills about two pages, and setting one takes about a tenth of a second: nobody prints more than this.
MOST_GROUPS_ON_PAPER = 150
UNITS = {"km": "km", "min": "minutes"}


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
    area: str
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
    solution = formed.solution
    travel = formed.inputs.market.travel
    placed = sum(len(group.members) for group in solution.groups)
    return {
        "title": formed.inputs.title or "Proposed groups",
        "solution": solution,
        "verdict": verdict(solution),
        "schools": len(formed.inputs.market),
        "placed": placed,
        "cards": [_card(formed, n) for n in range(1, len(solution.groups) + 1)],
        "left": [(formed.members[u.member].name, [str(why) for why in u.reasons]) for u in solution.unplaced],
        "map": draw_map(map_points(formed), texts=map_texts(formed), standalone=True),
        "estimate": travel.is_estimate,
        "straight": travel.unit == "km" and not travel.is_estimate,
        "parts": [
            (PARTS[part], points, HELP.get(part, "Points lost for each school without a group."))
            for part, points in formed.scorer.parts(solution.groups).items()
        ],
        "assignment": formed.assignment,
        "loads": _loads(formed),
        "others": [_compared(formed, n, other) for n, other in enumerate(formed.others, start=1)],
        "notes": [str(note) for note in formed.inputs.notes],
    }


def verdict(solution: Solution) -> str:
    """How good the groups are, in one sentence."""
    if solution.bound - solution.score <= 1e-6 * max(1.0, abs(solution.score)):
        return f"The groups have {solution.score:,.1f} points. It is proven that no others have more under these rules."
    more = f"{solution.bound - solution.score:,.1f} points more"
    if solution.score > 0:
        more += f", {solution.gap:.1%}"
    return (
        f"The groups have {solution.score:,.1f} points. It is proven that no others can have more than "
        f"{solution.bound:,.1f} under these rules ({more})."
    )


def _card(formed: Formed, number: int) -> Card:
    group, why = formed.solution.groups[number - 1], formed.explanations[number - 1]
    ways = [pair.travel for pair in why.score.pairs]
    row = formed.facilitators.get(group_id(number))
    return Card(
        number=number,
        id=group_id(number),
        area=group.area or "",
        members=tuple(_choice(formed, group, id) for id in group.members),
        shared=tuple(f"{need.topic}: {_names(formed, need.members)}" for need in why.shared),
        exchanges=_exchanges(formed, why),
        weak=tuple(str(one) for one in weak(why)),
        travel=_travel(ways, UNITS[formed.inputs.market.travel.unit]),
        points=why.score.total,
        facilitator=formed.facilitator_name(number),
        facilitator_reasons=tuple(str(one) for one in row.reasons) if row else (),
    )


def _travel(ways: Sequence[float], unit: str) -> str:
    known = [way for way in ways if math.isfinite(way)]
    lost = " Between some there is no way at all." if len(known) < len(ways) else ""
    if not known:
        return lost.strip()
    mean = sum(known) / len(known)
    return f"{mean:.0f} {unit} between two members on average, {max(known):.0f} {unit} at most.{lost}"


def _choice(formed: Formed, group: Group, id: str) -> Choice:
    member = formed.members[id]
    rank = member.rank(group.area)
    return Choice(member.name, member.sector, member.lea, "not ranked" if rank is None else f"choice {rank + 1}")


def _exchanges(formed: Formed, why: Explanation) -> tuple[str, ...]:
    return tuple(
        f"{one.topic}: {_names(formed, one.offered_by)} can bring it; {_names(formed, one.needed_by)} asked for it"
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
    parts = [f"{PARTS[part].lower()} {points:+.1f}" for part, points in change.parts.items() if abs(points) >= 0.05]
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
        return 'report.pdf was left out: the PDF part is not installed (pip install "commonground[pdf]").'
    except OSError:
        return "report.pdf was left out: Pango is missing on this machine (on Debian: apt-get install libpango-1.0-0)."
    pdf: bytes = weasyprint.HTML(string=html.decode()).write_pdf(pdf_variant="pdf/ua-1")
    return pdf
