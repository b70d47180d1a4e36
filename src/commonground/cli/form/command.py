"""The command `form`: its options, what it prints, and its exit codes."""

from pathlib import Path

import click

from commonground.cli import language
from commonground.cli.form.exits import CHECK_FAILED, INPUT_REFUSED, NOT_SOLVED, NOT_WRITTEN

# The engine is imported only when a command runs: `commonground --help` must not load a solver.
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

EXIT_CODES = f"""\b
Exit codes:
  0  done
  {CHECK_FAILED}  a check found something that does not hold
  2  wrong options
  {INPUT_REFUSED}  an input file is wrong; every mistake is listed, nothing was solved
  {NOT_SOLVED}  no groups obey the rules, or none were found in time
  {NOT_WRITTEN}  the folder cannot be written; an earlier result is as it was
"""


@click.group(invoke_without_command=True, epilog=EXIT_CODES)
@click.option("--schools", type=FILE, help="Sign-ups: CSV or XLSX.")
@click.option("--rules", type=FILE, help="Rules of the round: TOML.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the result.")
@click.option("--facilitators", type=FILE, help="People who offer to facilitate: CSV or XLSX.")
@click.option("--drive-times", type=FILE, help="Minutes of driving between schools: CSV or XLSX.")
@click.option("--seconds", type=click.FloatRange(min=0.1), default=60.0, show_default=True, help="Time for the search.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of the search.")
@click.option(
    "--alternatives",
    type=click.IntRange(0, 20),
    default=0,
    show_default=True,
    help="Other solutions to add; the time is shared.",
)
@click.option("--encoding", help="Encoding of CSV files that are not UTF-8, such as cp1252.")
@language.option
@click.option("--force", is_flag=True, help="Replace a folder that holds something else than an earlier result.")
@click.pass_context
def form(context: click.Context, /, **options: object) -> None:
    """Form groups of schools from sign-ups and rules, with reasons and a proof.

    \b
    commonground form --schools schools.csv --rules rules.toml --out result
    commonground form check result
    """
    if context.invoked_subcommand is not None:
        return
    missing = [f"--{name}" for name in ("schools", "rules", "out") if options[name] is None]
    if missing:
        raise click.UsageError(f"Missing {', '.join(missing)}. A run needs --schools, --rules and --out.")
    from commonground.cli.form.running import run

    run(**options)  # type: ignore[arg-type]  # click made each of the type that its option states


@form.command()
@click.argument("folder", type=click.Path(path_type=Path))
def check(folder: Path) -> None:
    """Check a result, as a folder or as the ZIP file of a site: its files, that the groups obey the rules, and the proofs.

    Everything is computed again from the saved inputs. Ends with exit code 1 if anything does not hold.
    """
    from commonground.cli.form.running import show_check

    show_check(folder)


@form.command()
@click.option("--directory", type=FILE, required=True, help="School directory as the NCES school search exports it.")
@click.option("--county", required=True, help='Name of the county, such as "Fresno County".')
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of what is invented.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Sign-ups to write (CSV).")
@click.option("--people", type=click.IntRange(1, 10_000), default=20, show_default=True, help="Facilitators to invent.")
@click.option("--facilitators", type=click.Path(dir_okay=False, path_type=Path), help="Facilitators to write (CSV).")
def example(directory: Path, county: str, seed: int, out: Path, people: int, facilitators: Path | None) -> None:
    """Invent sign-ups: all charters and district schools of a county, with needs that nobody stated.

    The schools are real, everything they ask for is invented. For trying out only.
    """
    from commonground.cli.form.example import write_example

    write_example(directory, county, seed, out, people, facilitators)
