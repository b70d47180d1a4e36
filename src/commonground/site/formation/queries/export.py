"""Sign-ups as tables: for a spreadsheet, for the command line, and as an example of what can be imported.

Remarks about others never leave the site in a file.
"""

from collections.abc import Sequence

from commonground.site.formation.models import Round, SignUp
from commonground.site.formation.models.choices import Side, SignUpState
from commonground.site.formation.queries.market import LOCALES, places_of
from commonground.site.formation.queries.topics import final_topics
from commonground.tables import csv_bytes, xlsx_bytes

SHARED = (
    "id",
    "name",
    "sector",
    "lea",
    "latitude",
    "longitude",
    "focus_areas",
    "needs",
    "strengths",
    "grades",
    "locale",
    "enrollment",
    "readiness",
    "languages",
    "travel_limit",
)
OWN = ("goals", "capacity", "head_name", "head_email", "coordinator_name", "coordinator_email")
STATE = ("state", "how_it_came_in", "own_words")
Line = list[str | int | float | None]


def export(round: Round, form: str) -> bytes:
    """The sign-ups as `csv` or `xlsx`: first the columns that `commonground form` and the import read, of what was submitted.

    A workbook has a second sheet with everything else, for all sign-ups: goals, people, state, own words.
    """
    signups = list(
        round.signups.select_related("organization__parent").prefetch_related("choices", "ranked_areas__area", "team")
    )
    lines = _lines(round, signups)
    submitted = (signup.state == SignUpState.SUBMITTED for signup in signups)
    shared = [line[: len(SHARED)] for line, is_ready in zip(lines, submitted, strict=True) if is_ready]
    if form == "csv":
        return csv_bytes(SHARED, shared)
    others = [[line[0], line[1], *line[len(SHARED) :]] for line in lines]
    return xlsx_bytes({"sign-ups": (SHARED, shared), "answers": (("id", "name", *OWN, *STATE), others)})


def _lines(round: Round, signups: Sequence[SignUp]) -> list[Line]:
    topics = {pk: topic.code for pk, topic in final_topics(round.agency).items()}
    places = places_of(signup.organization for signup in signups)
    return [_line(signup, places[signup.organization_id] or (None, None), topics) for signup in signups]


def _line(signup: SignUp, place: tuple[float | None, float | None], topics: dict[int, str]) -> Line:
    one = signup.organization
    readiness = signup.readiness_score
    shared: Line = [
        one.nces_id or one.state_id or "",
        one.name,
        one.sector,
        one.parent.name if one.parent else "",
        *place,
        "; ".join(ranked.area.code for ranked in signup.ranked_areas.all()),
        _topics(signup, Side.NEED, topics),
        _topics(signup, Side.STRENGTH, topics),
        "; ".join(signup.grade_bands),
        LOCALES.get((one.locale or 0) // 10, ""),
        one.enrollment,
        None if readiness is None else round(readiness, 2),
        "; ".join(signup.languages),
        signup.travel_limit_km,
    ]
    words = "; ".join(f"{choice.side}: {choice.words}" for choice in signup.choices.all() if choice.words)
    return [*shared, signup.goals, signup.capacity, *_people(signup), signup.state, signup.source, words]


def _topics(signup: SignUp, side: Side, topics: dict[int, str]) -> str:
    chosen = [choice for choice in signup.choices.all() if choice.side == side and choice.topic_id]
    return "; ".join(f"{topics[choice.topic_id or 0]}:{choice.importance}" for choice in chosen)


def _people(signup: SignUp) -> Line:
    team = list(signup.team.all())
    head = next((member for member in team if member.is_head), None)
    coordinator = next((member for member in team if member.is_coordinator), None)
    return [text for one in (head, coordinator) for text in ((one.name, one.email) if one else ("", ""))]


def example(round: Round, form: str) -> bytes:
    """A file with every column and two rows filled in, to be replaced; as `xlsx` with lists of what can be written."""
    areas = [(area.code, area.name_en, area.name_es) for area in round.areas.all()]
    topics = [
        (topic.code, topic.name_en, topic.name_es)
        for topic in round.agency.topics.order_by("family", "code")
        if topic.is_offered
    ]
    codes = [code for code, _en, _es in topics] or ["attendance"]
    chosen = "; ".join(code for code, _en, _es in areas[:2])
    rows = _example_rows(chosen, codes)
    if form == "csv":
        return csv_bytes((*SHARED, *OWN), rows)
    return xlsx_bytes(
        {
            "sign-ups": ((*SHARED, *OWN), rows),
            "focus areas": (("code", "English", "Spanish"), areas),
            "topics": (("code", "English", "Spanish"), topics),
        }
    )


def _example_rows(areas: str, codes: Sequence[str]) -> list[Line]:
    """A row with every column filled in, and one with the fewest."""
    first, second, third = (codes[number % len(codes)] for number in range(3))
    full: dict[str, str | int | float] = {
        "id": "060000000001",
        "name": "Example School (replace this row)",
        "sector": "district",
        "lea": "Example Unified",
        "latitude": 36.75,
        "longitude": -119.8,
        "focus_areas": areas,
        "needs": f"{first}:3; {second}",
        "strengths": third,
        "grades": "K-5",
        "locale": "city",
        "enrollment": 420,
        "readiness": 0.7,
        "languages": "English; Spanish",
        "travel_limit": 40,
        "goals": "Fewer students miss many days.",
        "capacity": "medium",
        "head_name": "Ana Ruiz",
        "head_email": "ana@school.example",
        "coordinator_name": "Lee Park",
        "coordinator_email": "lee@school.example",
    }
    short = {
        "name": "Example Academy (replace this row)",
        "sector": "charter",
        "focus_areas": areas,
        "needs": third,
        "strengths": f"{first}:2",
        "grades": "6-8",
    }
    return [[row.get(column, "") for column in (*SHARED, *OWN)] for row in (full, short)]
