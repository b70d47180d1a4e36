"""`equity convert`: an LEA's folder from the files of another system."""

import sys
from pathlib import Path

import click

from commonground.cli import language as languages
from commonground.i18n import translator

REFUSED, NOT_WRITTEN = 1, 5


@click.command("convert")
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the LEA's tables.")
@click.option(
    "--sector", required=True, type=click.Choice(["district", "charter", "other"]), help="The source does not say it."
)
@click.option("--lea", default="", help="The LEA's id, where the source names none.")
@click.option("--lea-name", default="", help="The LEA's name, with --lea.")
@click.option(
    "--year", default="", help="Ending year of the school year, such as 2025; default: the newest in the source."
)
@languages.option
def convert_command(source: Path, out: Path, sector: str, lea: str, lea_name: str, year: str, language: str) -> None:
    """Turn SOURCE, a ZIP file or folder of OneRoster CSV or Ed-Fi XML, into an LEA's tables.

    What the source does not know (OneRoster: attendance, discipline, disability, English learners) stays missing.
    """
    from commonground.engines.measures.inputs import NotWrittenError
    from commonground.engines.measures.inputs.exchange import Options, SourceError, convert
    from commonground.engines.measures.inputs.listing import lines

    translate = translator(language)
    try:
        problems = convert(source, out, Options(sector, lea, lea_name, year))
    except SourceError as refused:
        for line in lines(refused.problems, translate):
            click.echo(line, err=True)
        sys.exit(REFUSED)
    except NotWrittenError as error:
        click.echo(str(error), err=True)
        sys.exit(NOT_WRITTEN)
    for line in lines(problems, translate):
        click.echo(line)
    click.echo(f"{out}: {', '.join(sorted(path.name for path in out.glob('*.csv')))}")
