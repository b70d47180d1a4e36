"""Reads every input of a run and names every mistake at once, with file, row and column."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from commonground.engines.formation import FormationError, GreatCircle, Market, Member, Rules, Travel
from commonground.engines.formation.facilitators import Facilitator
from commonground.engines.formation.feasible import check_rules
from commonground.formats import (
    RoundRules,
    Vocabulary,
    Wishes,
    read_drive_times,
    read_people,
    read_rules,
    read_schools,
    resolve,
    travel_of,
)
from commonground.formats.texts import engine_problem
from commonground.tables import Limits, Problem, Table, read_table

# What each input is called in the result folder; its ending stays, for a table may be CSV or XLSX.
SCHOOLS, RULES, PEOPLE, TIMES = "schools", "rules", "facilitators", "drive_times"


@dataclass(frozen=True, slots=True)
class Source:
    """One input file as it was given: the name that messages use, and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that a run needs, checked. `notes` are doubts that stop nothing."""

    title: str
    market: Market
    rules: Rules
    people: tuple[Facilitator, ...]
    wishes: Wishes
    round: RoundRules
    notes: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """The inputs cannot be used, for these reasons."""

    problems: tuple[Problem, ...]


def load(paths: Mapping[str, Path | None], limits: Limits | None = None) -> dict[str, Source] | Refused:
    """The bytes of every file that was named, or why some cannot be had."""
    most = (limits or Limits()).file_bytes
    sources, problems = {}, []
    for key, path in paths.items():
        if path is None:
            continue
        try:
            size = path.stat().st_size
            if size > most:
                values = {"size": f"{size / 2**20:,.1f} MB", "limit": f"{most / 2**20:,.1f} MB"}
                problems.append(Problem("too_big", path.name, values=values))
            else:
                sources[key] = Source(path.name, path.read_bytes())
        except OSError as error:
            problems.append(Problem("unreadable", path.name, values={"detail": error.strerror or str(error)}))
    return Refused(tuple(problems)) if problems else sources


def read_inputs(
    sources: Mapping[str, Source], *, encoding: str | None = None, limits: Limits | None = None
) -> Inputs | Refused:
    """The inputs in these sources (by SCHOOLS, RULES, PEOPLE, TIMES), or everything that is wrong with them.

    Each file is read as far as it can be, even where another one is wrong: whoever repairs one mistake should not meet
    the next one only on the next try.
    """
    rules, problems = read_rules(sources[RULES].data, sources[RULES].name)
    found = list(problems)
    known = rules or RoundRules(sources[RULES].name)
    areas, topics = Vocabulary(known.focus_areas), Vocabulary(known.topics)
    tables = {key: _table(source, encoding, limits) for key, source in sources.items() if key != RULES}
    schools = read_schools(
        tables[SCHOOLS], areas=areas, topics=topics, need_area=known.share_area, need_place=TIMES not in sources
    )
    found += schools.problems
    words = Vocabulary([*areas.names, *topics.names]) if known.topics else _open(areas, topics)
    people = read_people(tables[PEOPLE], expertise=words, members=schools.members) if PEOPLE in tables else None
    found += people.problems if people else ()
    travel: Travel | None = travel_of(known) or GreatCircle()
    if TIMES in tables and not schools.problems:
        travel, problems = read_drive_times(tables[TIMES], schools.members)
        found += problems
    if found or rules is None or travel is None:
        return Refused(tuple(found))
    notes = (*schools.notes, *(people.notes if people else ()))
    return _checked(rules, schools.members, people.people if people else (), travel, notes)


def _open(areas: Vocabulary, topics: Vocabulary) -> Vocabulary:
    """An open vocabulary that spells as the sign-ups do."""
    words = Vocabulary()
    for name in (*areas.names, *topics.names):
        words.spell(name)
    return words


def _table(source: Source, encoding: str | None, limits: Limits | None) -> Table:
    return read_table(source.data, name=source.name, encoding=encoding, limits=limits)


def _checked(
    rules: RoundRules,
    members: tuple[Member, ...],
    people: tuple[Facilitator, ...],
    travel: Travel,
    notes: tuple[Problem, ...],
) -> Inputs | Refused:
    resolved, wishes, problems = resolve(rules, members, people)
    if problems or resolved is None:
        return Refused(problems)
    try:
        market = Market(members, travel)
        check_rules(market, resolved)
    except FormationError as error:
        return Refused((engine_problem(error.reason, rules.file),))
    return Inputs(rules.title, market, resolved, people, wishes, rules, notes)
