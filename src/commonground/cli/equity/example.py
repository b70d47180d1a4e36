"""`equity example`: an invented city to try everything with, before any LEA has sent a file."""

import sys
from pathlib import Path

import click

NOT_WRITTEN = 5


@click.command("example")
@click.option(
    "--schools", default=240, show_default=True, type=click.IntRange(2, 20_000), help="About 362 students each."
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(min=0), help="Another seed, another city.")
@click.option(
    "--years", default=1, show_default=True, type=click.IntRange(1, 15), help="School years, the last 2024-25."
)
@click.option("--format", "kind", default="csv", show_default=True, type=click.Choice(["csv", "parquet"]))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the LEAs' folders.")
def example_command(schools: int, seed: int, years: int, kind: str, out: Path) -> None:
    """Invent a city: LEAs of both sectors, schools, students, and their records.

    Everybody in it is invented. The same seed gives the same files.
    """
    from commonground.engines.measures.inputs import NotWrittenError
    from commonground.engines.measures.inputs.invented import write_invented_city

    try:
        with click.progressbar(length=years + 1, label="Inventing", file=sys.stderr) as bar:
            rows = write_invented_city(
                out, schools=schools, seed=seed, years=years, kind=kind, progress=lambda year: bar.update(1)
            )
            bar.update(1)
    except NotWrittenError as error:
        click.echo(str(error), err=True)
        sys.exit(NOT_WRITTEN)
    click.echo(f"{out}: {rows['schools']:,} schools of {rows['leas']:,} LEAs, {rows['enrollments']:,} enrollments.")
