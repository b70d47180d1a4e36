"""What `lottery move` and `lottery second-round` do: from a result folder to the one that follows it."""

from pathlib import Path

from commonground.cli.lottery import UserError, steps
from commonground.engines.lottery.bundle.chain import Moves, second_round_files
from commonground.engines.lottery.bundle.contents import Contents
from commonground.engines.lottery.bundle.reading import Bundle
from commonground.engines.lottery.bundle.verifying import verify
from commonground.engines.lottery.bundle.whole import draw_files, moves_files
from commonground.engines.lottery.bundle.writing import write_bundle
from commonground.engines.lottery.checks import checks, must_hold
from commonground.engines.lottery.draw import draw
from commonground.engines.lottery.events import checks_of
from commonground.engines.lottery.files.events import read_late, replayed
from commonground.engines.lottery.model import Application, Market
from commonground.engines.lottery.moves import MoveError, State
from commonground.engines.lottery.results import Result
from commonground.engines.lottery.rounds import second_round
from commonground.engines.lottery.seeds import Seed


def move_into(out: Path, folder: Path, events: Path, late: Path | None, encoding: str | None, title: str) -> str:
    """Let events happen to the result in a folder, into a new folder; the answer is a summary of one line."""
    with steps(4, "Moving") as tell:
        tell("checking the result before")
        bundle = _sound(folder)
        tell("letting the events happen")
        state, seed = bundle.state(), bundle.draw_seed()
        new = _new(late, state, encoding)
        read, done = replayed(events, state, seed.text, new, encoding=encoding)
        must_hold(checks_of(done))
        tell("writing the report")
        moves = Moves(done, read, new, seed.text)
        files = moves_files(moves, title, bundle.files)
        tell("writing the folder")
        write_bundle(out, files)
    held, offers = len(done.after.held), len(done.after.offers)
    return f"{len(read)} events; {held} seats held, {offers} offers open. Merkle root {moves.root}"


def draw_again_into(
    out: Path, folder: Path, late: Path | None, encoding: str | None, seed: Seed | None, title: str
) -> str:
    """Draw a second round after the result in a folder, into a new folder; the answer is a summary of one line."""
    with steps(4, "Drawing again") as tell:
        tell("checking the result before")
        bundle = _sound(folder)
        state = bundle.state()
        chosen = _seed(state, bundle.draw_seed(), seed)
        tell("drawing")
        new = _new(late, state, encoding)
        market = _market(state, new)
        result = Result(market, draw(market, chosen.text))
        must_hold(checks(result))
        tell("writing the report")
        made = Contents(market, chosen, result)
        files = {**draw_files(made, title), **second_round_files(bundle.files, new)}
        tell("writing the folder")
        write_bundle(out, files)
    matched = int((result.drawn.choice >= 0).sum())
    return f"{matched} of {len(market.applications)} children hold a seat. Merkle root {made.root}"


def _sound(folder: Path) -> Bundle:
    """The bundle in a folder, if it holds: nothing may be built on a changed one."""
    failed = [finding.text for finding in verify(folder) if not finding.holds]
    if failed:
        raise UserError(f"{folder} does not hold, so nothing can follow it. {failed[0]}")
    return Bundle.read(folder)


def _new(late: Path | None, state: State, encoding: str | None) -> tuple[Application, ...]:
    return () if late is None else read_late(late, state, encoding=encoding)


def _seed(state: State, before: Seed, chosen: Seed | None) -> Seed:
    """The seed that the rules ask for."""
    if state.rules.keep_numbers and chosen is not None:
        raise UserError(
            "The rules keep the first round's numbers (keep_numbers = true), so its seed is used: leave out the seed."
        )
    if not state.rules.keep_numbers and (chosen is None or chosen.text == before.text):
        raise UserError("The rules draw new numbers (keep_numbers = false): give a new seed.")
    return before if chosen is None else chosen


def _market(state: State, new: tuple[Application, ...]) -> Market:
    try:
        return second_round(state, new)
    except MoveError as error:
        raise UserError(str(error)) from error
