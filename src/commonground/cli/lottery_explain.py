"""What `lottery explain` does: one child's result in words, and a page with its proof."""

from pathlib import Path

from commonground.cli.lottery import UserError
from commonground.engines.lottery.bundle.chain import MOVES, Moves
from commonground.engines.lottery.bundle.contents import Contents
from commonground.engines.lottery.bundle.reading import Bundle
from commonground.engines.lottery.draw import draw
from commonground.engines.lottery.report.moves import moved_story
from commonground.engines.lottery.report.story import Story, story_of
from commonground.engines.lottery.results import Result
from commonground.i18n import translator


def explained(folder: Path, number: str, language: str) -> Story:
    """Why an application got what it got, from a bundle.

    Raises:
        UserError: there is no such application.
    """
    bundle = Bundle.read(folder)
    say = translator(language)
    if bundle.kind == MOVES:
        events, late, done = bundle.replayed()
        moves = Moves(done, events, late, bundle.draw_seed().text)
        if number not in moves.state.applications:
            raise _unknown(folder, number)
        return moved_story(moves, number, say, language)
    market, seed = bundle.market(), bundle.seed()
    at = next((at for at, application in enumerate(market.applications) if application.number == number), None)
    if at is None:
        raise _unknown(folder, number)
    return story_of(Contents(market, seed, Result(market, draw(market, seed.text))), at, say, language)


def _unknown(folder: Path, number: str) -> UserError:
    return UserError(f"There is no application {number} in {folder}. Check the number.")
