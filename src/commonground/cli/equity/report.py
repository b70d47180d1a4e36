"""`equity report`: from the LEAs' files to a site that anyone may read."""

import sys
from datetime import date
from pathlib import Path

import click

from commonground.cli import language as languages
from commonground.i18n import N_, translator

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
STOPPED = 1
TITLE, TITLE_ES = "Equity report", "Informe de equidad"


@click.command("report")
@click.option("--data", multiple=True, type=FOLDER, help="A folder of one LEA's files, or of such folders. Repeatable.")
@click.option("--published", type=FILE, help="A file of figures that a city has published, in place of --data.")
@click.option(
    "--rules", type=FILE, help="Business rules and protection, in TOML. Default: those that come with Common Ground."
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder to make.")
@click.option("--title", default=TITLE, show_default=True, help="What the report is called in English.")
@click.option("--title-es", help="What it is called in Spanish. Default: --title, or “Informe de equidad” without it.")
@click.option("--made", type=click.DateTime(["%Y-%m-%d"]), help="The date of publication; default: today.")
@click.option(
    "--earlier", multiple=True, type=FOLDER, help="A report that was published before: its readers kept it. Repeatable."
)
@click.option(
    "--as-before", multiple=True, metavar="YEAR", help="Tell this year as the earlier report did, without corrections."
)
@click.option(
    "--pdf", multiple=True, help="A school's id: also write its page as PDF. “all” for every school. Repeatable."
)
@click.option(
    "--decisions",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write why each figure is withheld, as CSV. Not for the public.",
)
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes to use.")
@languages.option
def report_command(
    data: tuple[Path, ...], published: Path | None, rules: Path | None, out: Path, title: str, title_es: str | None,
    made: date | None, earlier: tuple[Path, ...], as_before: tuple[str, ...], pdf: tuple[str, ...],
    decisions: Path | None, workers: int, language: str,
) -> None:  # fmt: skip
    """Publish the same figures for every school, by student group, without exposing any child.

    The report is a folder of pages in English and Spanish that opens in any browser, with its open data. It is written
    only when the auditor, who knows nothing but what is published, cannot work out any withheld figure.
    """
    from commonground.cli.equity.steps import figures_of_data, make
    from commonground.cli.equity.wish import ReportError, Wish
    from commonground.engines.disclosure.audit import AuditError
    from commonground.engines.disclosure.protect import SettingsError
    from commonground.engines.disclosure.publication import PublicationError
    from commonground.engines.measures.inputs import InputsError, NotWrittenError
    from commonground.engines.measures.inputs.published import PublishedError, published_figures
    from commonground.engines.measures.rules import RulesError

    say = translator(language)
    if bool(data) == (published is not None):
        raise click.UsageError(say(_EITHER))
    day = (made or date.today()).strftime("%Y-%m-%d")
    spanish = title_es or (TITLE_ES if title == TITLE else title)
    wish = Wish(out, title, spanish, day, rules, earlier, as_before, pdf, workers, decisions, say)
    try:
        pages, withheld = make(lambda: published_figures(published) if published else figures_of_data(data, wish), wish)
    except (
        ReportError,
        InputsError,
        NotWrittenError,
        AuditError,
        PublicationError,
        SettingsError,
        RulesError,
        PublishedError,
    ) as error:
        click.echo(str(error), err=True)
        sys.exit(STOPPED)
    click.echo(say(_DONE).format(pages=pages, withheld=withheld))
    click.echo(say(_OPEN).format(path=out / "index.html"))


_EITHER = N_("Give either --data with the LEAs' folders, or --published with a file of figures.")
_DONE = N_("{pages} pages. {withheld} figures are withheld; none of them can be worked out from the rest.")
_OPEN = N_("Open {path}")
