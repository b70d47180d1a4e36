"""What `lottery run` does, step by step: read, draw, check, report, write."""

from pathlib import Path

from commonground.cli.lottery import UserError, steps
from commonground.engines.lottery.bundle.contents import Contents
from commonground.engines.lottery.bundle.whole import draw_files
from commonground.engines.lottery.bundle.writing import write_bundle, write_file
from commonground.engines.lottery.checks import checks, must_hold
from commonground.engines.lottery.draw import draw
from commonground.engines.lottery.files import read_market
from commonground.engines.lottery.model import Mechanism
from commonground.engines.lottery.places.compare import read_published
from commonground.engines.lottery.results import Result
from commonground.engines.lottery.seeds import Seed
from commonground.pdf import tagged


def draw_into(
    out: Path,
    programs: Path,
    applications: Path,
    rules: Path,
    encoding: str | None,
    seed: Seed,
    title: str,
    published: Path | None = None,
) -> str:
    """Draw a market of files into a new folder; the answer is a summary of one line."""
    with steps(5, "Drawing") as tell:
        tell(f"reading the files ({sum(_size(path) for path in (programs, applications)) / 2**20:,.0f} MB)")
        market = read_market(programs, applications, rules, encoding=encoding)
        if market.rules.mechanism is not Mechanism.DEFERRED_ACCEPTANCE:
            raise UserError(
                f"{market.rules.mechanism} is here for comparison only: use “lottery simulate”, or draw with deferred_acceptance."
            )
        tell("drawing")
        result = Result(market, draw(market, seed.text))
        tell("checking the result")
        must_hold(checks(result))
        tell("writing the report")
        made = Contents(market, seed, result)
        files = draw_files(made, title, None if published is None else read_published(published))
        tell("writing the folder")
        write_bundle(out, files)
    matched = int((result.drawn.choice >= 0).sum())
    return f"{matched} of {len(market.applications)} children matched. Merkle root {made.root}"


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def print_report(page: Path, out: Path) -> None:
    """Write a report as PDF."""
    with steps(1, "Printing") as tell:
        tell("laying out the pages")
        write_file(out, tagged(page.read_text(encoding="utf-8")))
