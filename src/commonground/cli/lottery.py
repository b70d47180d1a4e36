"""`commonground lottery`: draw, verify, explain, estimate and compare; files in, files out."""

import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commonground.engines.lottery.problems import MarketError
from commonground.i18n import ENGLISH, LANGUAGES

if TYPE_CHECKING:
    from commonground.engines.lottery.seeds import Seed

MOST_PROBLEMS = 40
FILE = click.Path(path_type=Path)


def told(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn every foreseen fault into its message and exit code 1; a traceback helps nobody who mends a table."""
    from commonground.engines.lottery.bundle.reading import BundleError
    from commonground.engines.lottery.bundle.whole import RehearsalError
    from commonground.engines.lottery.bundle.writing import FolderError
    from commonground.engines.lottery.checks import PublicationStoppedError
    from commonground.engines.lottery.files import InputError
    from commonground.engines.lottery.seeds import SeedError
    from commonground.pdf import NoPdfError

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except (InputError, MarketError) as error:
            for problem in error.problems[:MOST_PROBLEMS]:
                click.echo(str(problem), err=True)
            rest = len(error.problems) - MOST_PROBLEMS
            if rest > 0:
                click.echo(f"... and {rest} more.", err=True)
            raise click.ClickException("The files were not used; correct them and run again.") from error
        except (
            BundleError, FolderError, NoPdfError, PublicationStoppedError, RehearsalError, SeedError, UserError,
        ) as error:  # fmt: skip
            raise click.ClickException(str(error)) from error
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(f"{place}{error.strerror or error}.") from error

    return run


class UserError(ValueError):
    """A wish that cannot be granted, with the next step."""


@contextmanager
def steps(count: int, label: str) -> Iterator[Callable[[str], None]]:
    """A progress bar of named steps, shown where somebody is watching."""
    with click.progressbar(length=count, label=label, file=sys.stderr, item_show_func=lambda item: item or "") as bar:
        yield lambda name: bar.update(1, name)


def market_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The three files of a market, and the encoding of the tables."""
    for option in (
        click.option("--encoding", help="The tables' encoding when it is not UTF-8, for example cp1252."),
        click.option("--applications", required=True, type=FILE, help="One row a choice."),
        click.option("--programs", required=True, type=FILE, help="Seats, priorities and seat pools."),
    ):
        command = option(command)
    return command


@click.group()
def lottery() -> None:
    """Draw a common lottery, and check one."""


def seed_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Where the seed comes from: the command gets it checked, as `seed`, or None when no option was given."""
    from commonground.engines.lottery.seeds import Seed, SeedError

    @wraps(command)
    def run(
        seed: str | None, round_: int | None, signature: str | None, secret_file: Path | None, commitment: str | None, **others: Any
    ) -> Any:  # fmt: skip
        secret = secret_file.read_text(encoding="utf-8").strip() if secret_file else None
        if {seed, round_, signature, secret, commitment} == {None}:
            return command(seed=None, **others)
        chosen = Seed(plain=seed, round=round_, signature=signature, secret=secret, commitment=commitment)
        faults = chosen.faults()
        if faults:
            raise SeedError(" ".join(faults))
        return command(seed=chosen, **others)

    for option in (
        click.option("--commitment", help="SHA-256 of the secret, as published before the round."),
        click.option("--secret-file", type=FILE, help="A file with the district's secret."),
        click.option("--signature", help="That round's published signature, in hexadecimal."),
        click.option("--round", "round_", type=int, help="The round of the public beacon that was named in advance."),
        click.option("--seed", help="A plain published seed: for trials and rehearsals."),
    ):
        run = option(run)
    return run


LANGUAGE = click.option(
    "--language", type=click.Choice(LANGUAGES), default=ENGLISH, show_default=True, help="Its language."
)


@lottery.command()
@market_options
@click.option("--rules", required=True, type=FILE, help="The rules of the run, in TOML.")
@click.option("--title", default="Lottery results", help="The title of the report.")
@click.option(
    "--published", type=FILE, help="In a rehearsal: published counts (see “lottery example”) to set beside the result."
)
@click.option("--pdf", type=FILE, help="Also write the report as PDF to this file.")
@LANGUAGE
@click.option("--out", required=True, type=FILE, help="A new folder for the result.")
@told
@seed_options
def run(
    programs: Path, applications: Path, rules: Path, encoding: str | None, seed: "Seed | None", title: str,
    published: Path | None, pdf: Path | None, language: str, out: Path,
) -> None:  # fmt: skip
    """Draw the lottery and write the result folder: report in English and Spanish, published files, auditors' files.

    --language says in which language the PDF is, and which report the last lines name.
    """
    from commonground.cli.lottery_run import draw_into, print_report
    from commonground.engines.lottery.report import file_name
    from commonground.engines.lottery.seeds import Seed
    from commonground.pdf import require

    must_be_new(out)
    if pdf is not None:
        require()  # refuses before anything is drawn
    chosen = Seed() if seed is None else seed  # refuses, and says what is missing
    summary = draw_into(out, programs, applications, rules, encoding, chosen, title, published)
    report = out / file_name(language)
    click.echo(summary)
    click.echo(f"The report: {report}\nCheck it:   commonground lottery verify {out}")
    if pdf is not None:
        print_report(report, pdf)
        click.echo(f"For paper:  {pdf}")


def must_be_new(out: Path) -> None:
    """Refuse a folder that exists, before anything is drawn."""
    from commonground.engines.lottery.bundle.writing import FolderError

    if out.exists():
        raise FolderError(f"{out} exists already. Name a new folder, so that no result is overwritten.")


@lottery.command()
@click.argument("folder", type=FILE)
@click.option("--events", required=True, type=FILE, help="One row an event, in the order in which they happened.")
@click.option("--late", type=FILE, help="Late applications, in the format of applications.csv.")
@click.option("--encoding", help="The tables' encoding when it is not UTF-8, for example cp1252.")
@click.option("--title", default="Seats after the draw", help="The title of the report.")
@click.option("--out", required=True, type=FILE, help="A new folder for the result.")
@told
def move(folder: Path, events: Path, late: Path | None, encoding: str | None, title: str, out: Path) -> None:
    """Move the waiting lists of a result FOLDER: seats accepted, declined, given back; late applications."""
    from commonground.cli.lottery_move import move_into

    must_be_new(out)
    click.echo(move_into(out, folder, events, late, encoding, title))
    click.echo(f"The report: {out / 'report.html'}\nCheck it:   commonground lottery verify {out}")


@lottery.command("second-round")
@click.argument("folder", type=FILE)
@click.option("--late", type=FILE, help="New applications, in the format of applications.csv.")
@click.option("--encoding", help="The tables' encoding when it is not UTF-8, for example cp1252.")
@click.option("--title", default="Second round", help="The title of the report.")
@click.option("--out", required=True, type=FILE, help="A new folder for the result.")
@told
@seed_options
def second_round(
    folder: Path, late: Path | None, encoding: str | None, title: str, out: Path, seed: "Seed | None"
) -> None:
    """Draw a second round after a result FOLDER: all keep their seat or better it. A seed only if the rules want new numbers."""
    from commonground.cli.lottery_move import draw_again_into

    must_be_new(out)
    click.echo(draw_again_into(out, folder, late, encoding, seed, title))
    click.echo(f"The report: {out / 'report.html'}\nCheck it:   commonground lottery verify {out}")


@lottery.command()
@click.argument("folder", type=FILE)
@told
def verify(folder: Path) -> None:
    """Check a result FOLDER from scratch: seed, numbers, match, digests. Needs no network."""
    from commonground.engines.lottery.bundle.verifying import verify as findings_of

    with steps(5, "Verifying") as tell:
        findings = findings_of(folder, tell)
    for finding in findings:
        mark = (
            "FAILS:"
            if not finding.holds
            else "not checked:"
            if not finding.checked
            else "note:"
            if finding.note
            else "holds:"
        )
        click.echo(f"{mark:7} {finding.text}")
    failed = sum(not finding.holds for finding in findings)
    if failed:
        raise click.ClickException(f"The bundle does not hold: {failed} of {len(findings)} checks failed.")
    click.echo("The bundle holds: the published result is the one that the seed and the frozen inputs lead to.")


@lottery.command()
@click.argument("application")
@click.option("--bundle", "folder", required=True, type=FILE, help="The result folder.")
@click.option("--page", type=FILE, help="Also write a page for the family, with its proof.")
@LANGUAGE
@told
def explain(application: str, folder: Path, page: Path | None, language: str) -> None:
    """Say why an APPLICATION got what it got, choice by choice."""
    from commonground.cli.lottery_explain import explained
    from commonground.engines.lottery.bundle.writing import write_file
    from commonground.engines.lottery.report import family_page

    story = explained(folder, unicodedata.normalize("NFC", application), language)
    click.echo(story.text())
    if page is not None:
        write_file(page, family_page(story).encode())
        click.echo(f"The family's page: {page}")


@lottery.command()
@market_options
@click.option("--rules", required=True, type=FILE, help="The rules of the run, in TOML.")
@click.option("--draws", default=1000, type=click.IntRange(1, 100_000), show_default=True, help="Trial draws.")
@click.option("--seed", default="trial", show_default=True, help="The seed of the trial draws.")
@click.option("--last-year", type=FILE, help="Last year's published/cutoffs.csv, for a second estimate.")
@click.option("--out", required=True, type=FILE, help="The CSV file to write.")
@told
def chances(
    programs: Path,
    applications: Path,
    rules: Path,
    encoding: str | None,
    draws: int,
    seed: str,
    last_year: Path | None,
    out: Path,
) -> None:
    """Estimate every child's chance of every choice, before the draw."""
    from commonground.cli.lottery_policy import estimate

    count = estimate(programs, applications, rules, encoding, draws, seed, last_year, out)
    click.echo(f"Chances of {count} applications, from {draws} trial draws: {out}")


@lottery.command()
@market_options
@click.option(
    "--rules", required=True, multiple=True, type=FILE, help="Rules to compare; give this option several times."
)
@click.option(
    "--draws", default=100, type=click.IntRange(1, 100_000), show_default=True, help="Trial draws under each."
)
@click.option("--seed", default="trial", show_default=True, help="The seed of the trial draws.")
@click.option("--out", required=True, type=FILE, help="The CSV file to write.")
@told
def simulate(
    programs: Path, applications: Path, rules: tuple[Path, ...], encoding: str | None, draws: int, seed: str, out: Path
) -> None:
    """Compare rules on one set of applications: match rates by choice and by group."""
    from commonground.cli.lottery_policy import compare

    for line in compare(programs, applications, rules, encoding, draws, seed, out):
        click.echo(line)


@lottery.command()
@click.argument("place", type=click.Choice(["dc", "nyc"]))
@click.option("--file", "file", required=True, type=FILE, help="The place's public file.")
@click.option(
    "--applicants", type=click.IntRange(1, 2_000_000), help="How many to invent (default: as demand suggests)."
)
@click.option("--seed", default="rehearsal", show_default=True, help="The same words invent the same applicants.")
@click.option("--out", required=True, type=FILE, help="A new folder for the market's files.")
@told
def example(place: str, file: Path, applicants: int | None, seed: str, out: Path) -> None:
    """Make a market of a real PLACE's shape, with invented applicants, to rehearse on."""
    from commonground.cli.lottery_example import rehearse

    click.echo(rehearse(place, file, applicants, seed, out))
    files = " ".join(
        f"--{name.split('.')[0]} {out / name}" for name in ("programs.csv", "applications.csv", "rules.toml")
    )
    click.echo(
        f"Draw it: commonground lottery run {files} --published {out / 'published.csv'} --seed SEED --out RESULT"
    )
