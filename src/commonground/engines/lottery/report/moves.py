"""The report of what happened after a draw, and one child's story of it."""

from collections.abc import Iterator

from commonground.engines.lottery.bundle.chain import Moves
from commonground.engines.lottery.bundle.counts import WITHHELD, small
from commonground.engines.lottery.events import checks_of
from commonground.engines.lottery.model import Market
from commonground.engines.lottery.moves import Shift
from commonground.engines.lottery.report import file_name, render, said_checks
from commonground.engines.lottery.report.story import Story, arithmetic
from commonground.engines.lottery.report.words import Texts, said, texts, with_school
from commonground.i18n import ENGLISH, LANGUAGES, Say, translator

# A child's leaf names its number at every program.
NUMBERS = "numbers = [(schools[program], n) for program, n in json.loads(leaf)['numbers'].items()]"


def moves_report_files(moves: Moves, title: str, previous_root: str) -> dict[str, bytes]:
    """The report in every language, to lie in the bundle."""
    return {file_name(language): moves_report(moves, title, previous_root, language).encode() for language in LANGUAGES}


def moves_report(moves: Moves, title: str, previous_root: str, language: str = ENGLISH) -> str:
    """The report as one HTML page that opens without a network."""
    say = translator(language)
    t, state = texts(say), moves.state
    rows = [
        [row[0], said(str(row[1]), t), *(t["withheld"] if n == WITHHELD else n for n in row[2:])]
        for row in moves.seat_rows()
    ]
    return render(
        "moves.html",
        t=t,
        language=language,
        title=title,
        held=small(len(state.held)),
        offered=small(len(state.offers)),
        free=small(sum(state.free.values())),
        events=[(t[str(happening)], times) for happening, times in moves.happenings().items()],
        checks=said_checks(checks_of(moves.done), say),
        root=moves.root,
        previous_root=previous_root,
        seats=rows,
    )


def moved_story(moves: Moves, number: str, say: Say, language: str) -> Story:
    """What one child holds after the moves, where it waits, and what happened to it."""
    t, application = texts(say), moves.state.applications[number]
    market = Market(tuple(moves.state.programs.values()), (), moves.state.rules)
    proof = arithmetic(moves.leaf(number), moves.proof(number), moves.root, moves.seed, market, application, NUMBERS)
    return Story(
        number=number,
        headline=_headline(moves, number, t),
        lines=tuple(_line(moves, number, choice.program, t) for choice in application.choices),
        happened=tuple(_happened(moves, number, t)),
        waits=tuple(
            t["place"].format(program=_name(moves, p), pool=said(pool, t), place=at)
            for p, pool, at in moves.places[number]
        ),
        seed=moves.seed,
        lottery_numbers=tuple(dict.fromkeys(moves.lottery_numbers(number).values())),
        arithmetic=proof,
        language=language,
        t=t,
    )


def _name(moves: Moves, program: str) -> str:
    return with_school(moves.state.programs[program])


def _headline(moves: Moves, number: str, t: Texts) -> str:
    seat = moves.state.held.get(number)
    if seat is not None:
        return t["moved_holds"].format(program=_name(moves, seat[0]), rank=moves.rank_of(number))
    return t["moved_gone" if number in moves.state.gone else "moved_none"]


_LINES = {
    "holds": "moved_line_holds",
    "offered": "moved_offer",
    "waits": "moved_line_waits",
    "withdrawn": "moved_line_left",
    "not asked for": "moved_line_left",
}


def _line(moves: Moves, number: str, program: str, t: Texts) -> str:
    return t[_LINES[moves.outcome(number, program)[0]]].format(program=_name(moves, program))


def _happened(moves: Moves, number: str, t: Texts) -> Iterator[str]:
    """The events of one child, and the offers that events of others brought it, by the event's row."""
    for place, step in enumerate(moves.done.steps, 1):
        if step.event.application == number:
            what = t[str(step.event.happening)]
            where = f" ({step.event.program})" if step.event.program else ""
            yield t["happened"].format(place=place, what=what + where)
        for moved in step.moved:
            if moved.application == number:
                key = "happened_shift" if isinstance(moved, Shift) else "happened_offer"
                yield t[key].format(place=place, program=_name(moves, moved.program), pool=said(moved.pool, t))
