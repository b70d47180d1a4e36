"""`commonground directory import`: published school and district files into the site's directory."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commonground.cli.django import needs_site

if TYPE_CHECKING:
    from commonground.site.directory.models import Import, Person

SHOWN = 20


@click.group()
def directory() -> None:
    """The directory of agencies, LEAs and schools."""


@directory.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--preview", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--yes", is_flag=True, help="Apply without asking.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="The date of the facts, such as 2024-10-01.")
@click.option("--close-missing", is_flag=True, help="Mark schools and LEAs that the files no longer list as closed.")
@click.option("--by", metavar="EMAIL", help="Who imports, for the audit trail.")
@needs_site
def import_(
    files: tuple[Path, ...], preview: bool, yes: bool, day: datetime | None, close_missing: bool, by: str | None
) -> None:
    """Import FILES: NCES search exports, Common Core of Data and EDGE geocode files, as CSV or XLSX.

    Files are recognized by their columns. Send files that belong together in one go, such as schools, districts and geocodes.
    """
    from commonground.site.directory.actions import imports

    person = _person(by)
    contents = [(file.name, file.read_bytes()) for file in files]
    upload = imports.start(by=person, files=contents, day=day.date() if day else None)
    try:
        imports.read(upload)
        upload.refresh_from_db()
        _show(upload)
        if preview or not (yes or _confirmed(upload, close_missing)):
            click.echo("Nothing was changed.")
            return
        imports.approve(upload, close_missing=close_missing)
        if not imports.apply(upload, by=person):
            raise click.ClickException("The directory changed meanwhile; nothing was applied. Run the command again.")
        click.echo("Applied.")
    finally:
        imports.cancel(
            upload, by=person
        )  # drops the files of an import that was not applied; does nothing to one that was


def _person(email: str | None) -> "Person | None":
    from commonground.site.directory.models import Person

    if email is None:
        return None
    person = Person.objects.filter(email__iexact=email).first()
    if person is None:
        raise click.ClickException(f"Nobody has the email address {email}.")
    return person


def _confirmed(upload: "Import", close_missing: bool) -> bool:
    closing = f" and close {upload.counts['missing']:,}" if close_missing else ""
    return click.confirm(f"Add {upload.counts['new']:,}, change {upload.counts['changed']:,}{closing}?")


def _show(upload: "Import") -> None:
    """What would change; a file that cannot be used ends the command with its problems."""
    from commonground.site.directory.models.uploads import Stage

    if upload.stage == Stage.MAPPING:
        names = ", ".join(file.name for file in upload.files.filter(format=""))
        raise click.ClickException(
            f"No known format has the columns of {names}. Match them by hand on the import page."
        )
    _say(upload.problems, err=True)
    if upload.stage == Stage.FAULTY:
        raise click.ClickException("Nothing was imported. Correct the file and import it again.")
    _say(upload.notes)
    counts = upload.counts
    click.echo(
        f"New {counts['new']:,}, changed {counts['changed']:,}, missing {counts['missing']:,}, "
        f"unchanged {counts['unchanged']:,}."
    )
    for change in upload.changes.filter(kind="changed")[:SHOWN]:
        differences = "; ".join(f"{fact}: {old} → {new}" for fact, (old, new) in change.facts.items())
        click.echo(f"  {change.name}: {differences}")


def _say(problems: Iterable[dict[str, Any]], err: bool = False) -> None:
    from commonground.tables import Problem

    listed = [Problem(**problem) for problem in problems]
    for problem in listed[:SHOWN]:
        click.echo(str(problem), err=err)
    if len(listed) > SHOWN:
        click.echo(f"... and {len(listed) - SHOWN:,} more.", err=err)
