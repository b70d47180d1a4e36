"""Importing directory files: start, read, apply, cancel.

Reading and applying run as jobs. Each can be run again after a worker was killed: reading starts over, applying is one
transaction that has either happened or not.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from commonground.i18n import N_
from commonground.site.audit.actions import record
from commonground.site.directory.actions.applying import apply_changes
from commonground.site.directory.actions.loading import keep_changes
from commonground.site.directory.imports import areas, comparing, formats, reading
from commonground.site.directory.imports.comparing import Known, Planned
from commonground.site.directory.imports.formats import Format
from commonground.site.directory.models import Import, ImportFile, Organization, Person
from commonground.site.directory.models.organization import Kind
from commonground.site.directory.models.uploads import CAN_BE_CANCELLED, ChangeKind, Stage
from commonground.site.directory.queries.known import directory_version, known_organizations
from commonground.tables import Problem, Table, read_table

SAMPLE_ROWS = 3
BROKE = N_(
    "This broke down, and nothing was changed. Try it once more; if it breaks again, tell the operator of the site."
)

KILLED = N_(
    "The files broke the program that reads them, three times in a row, so it was stopped. Nothing was changed. Open each file in "
    "a spreadsheet program, save it anew as CSV and send it again; if it breaks again, tell the operator of the site."
)


class CancelledError(Exception):
    """Somebody cancelled the import while it was read."""


@transaction.atomic
def start(
    *, by: Person | None, files: Iterable[tuple[str, bytes]], day: date | None, agency: Organization | None = None
) -> Import:
    """Keep the files that somebody sent. Reading them is a job of its own.

    With an agency, organizations in another agency's area are left alone; without one, none: for operators and the command line.
    """
    upload = Import.objects.create(created_by=by, day=day, agency=agency)
    ImportFile.objects.bulk_create(ImportFile(upload=upload, name=name[:255], content=data) for name, data in files)
    record("directory.import_sent", by=by, on=upload, tenant=agency)
    return upload


def read(upload: Import) -> None:
    """Read the files and compare them with the directory. Ends ready to be looked at, faulty, or with columns to match.

    1. Recognize each file by its columns; where that fails, ask a person to match them.
    2. Read all records. With one problem nothing is compared: the file is corrected first.
    3. Compare, and keep the changes for the preview.
    """
    if not _enter(upload, Stage.READING, Stage.WAITING, Stage.READING):
        return
    try:
        files = list(upload.files.all())
        tables = [read_table(bytes(file.content or b""), name=file.name) for file in files]
        broken = [problem for table in tables for problem in table.problems]
        if broken:
            _finish_reading(upload, Stage.FAULTY, problems=broken)
            return
        forms = [_format_of(file, table) for file, table in zip(files, tables, strict=True)]
        if None in forms:
            _finish_reading(upload, Stage.MAPPING)
            return
        _read_records(upload, tables, [form for form in forms if form])
    except CancelledError:
        return


def _enter(upload: Import, stage: Stage, *allowed: Stage) -> bool:
    """Move on to a stage unless somebody else was faster. Committed at once, so that the page shows it."""
    moved = Import.objects.filter(pk=upload.pk, stage__in=allowed).update(stage=stage)
    upload.refresh_from_db()
    return bool(moved)


def _format_of(file: ImportFile, table: Table) -> Format | None:
    if file.mapping:
        return formats.matched(file.mapping["level"], file.mapping["columns"])
    form = formats.recognize(table.header)
    file.format = form.code if form else ""
    file.sample = {} if form else {"header": table.header, "rows": [row.cells for row in table.rows[:SAMPLE_ROWS]]}
    file.save(update_fields=["format", "sample"])
    return form


def _read_records(upload: Import, tables: Sequence[Table], forms: Sequence[Format]) -> None:
    version = directory_version()
    Import.objects.filter(pk=upload.pk).update(rows_total=sum(len(table) for table in tables), rows_read=0)
    readings = []
    before = 0
    for table, form in zip(tables, forms, strict=True):
        readings.append(reading.read(table, form, partial(_progress, upload, before)))
        before += len(table)
    problems = [problem for one in readings for problem in one.problems]
    if problems:
        _finish_reading(upload, Stage.FAULTY, problems=problems)
        return
    known = known_organizations()
    found = comparing.compare(readings, known)
    outside = _outside(upload, found.changes, known)
    _progress(upload, 0, before)
    notes = [note for one in readings for note in one.notes] + list(found.notes)
    with transaction.atomic():
        keep_changes(upload, found.changes, outside)
        counts = _counts(found.changes, outside)
        _finish_reading(upload, Stage.READY, notes=notes, counts=counts, directory_version=version)


def _outside(upload: Import, changes: Sequence[Planned], known: Sequence[Known]) -> frozenset[str]:
    agency = upload.agency
    if agency is None:
        return frozenset()
    others = Organization.objects.filter(kind=Kind.AGENCY).exclude(pk=agency.pk)
    return areas.outside(changes, known, agency.served_area, [other.served_area for other in others])


def _counts(changes: Sequence[Planned], outside: Collection[str]) -> dict[str, int]:
    """How many of each kind will be applied, and how many are left alone."""
    inside = Counter(change.kind.value for change in changes if change.key not in outside)
    alone = sum(change.key in outside and change.kind != ChangeKind.UNCHANGED for change in changes)
    return {kind.value: inside[kind.value] for kind in ChangeKind} | {"outside": alone}


def _progress(upload: Import, before: int, rows: int) -> None:
    """Say how far reading is: so many rows of this file, after those of the files before it."""
    if not Import.objects.filter(pk=upload.pk, stage=Stage.READING).update(rows_read=before + rows):
        raise CancelledError


def _finish_reading(
    upload: Import, stage: Stage, *, problems: Sequence[Problem] = (), notes: Sequence[Problem] = (), **fields: Any
) -> None:
    fields |= {"problems": [asdict(one) for one in problems], "notes": [asdict(one) for one in notes]}
    if not Import.objects.filter(pk=upload.pk, stage=Stage.READING).update(stage=stage, **fields):
        raise CancelledError
    if stage == Stage.FAULTY:  # nothing of a rejected file is kept
        upload.files.update(content=None, sample={})
    upload.refresh_from_db()


@transaction.atomic
def give_up(upload: Import, why: str = BROKE) -> None:
    """After a mistake of ours: what was being applied can be applied again, what was being read is sent again."""
    locked = Import.objects.select_for_update().get(pk=upload.pk)
    broke = asdict(Problem("broke", template=why))
    if locked.stage == Stage.APPLYING:
        others = [note for note in locked.notes if note["code"] != "broke"]
        Import.objects.filter(pk=locked.pk).update(stage=Stage.READY, notes=[broke, *others])
    elif locked.stage in {Stage.WAITING, Stage.READING}:
        Import.objects.filter(pk=locked.pk).update(stage=Stage.FAULTY, problems=[broke])
        locked.files.update(content=None, sample={})


@transaction.atomic
def match_columns(upload: Import, mappings: Mapping[int, dict[str, Any]]) -> bool:
    """Take the columns as a person matched them (by file), to be read again. False where the import has moved on."""
    if not Import.objects.filter(pk=upload.pk, stage=Stage.MAPPING).update(stage=Stage.WAITING):
        return False
    for file in upload.files.filter(pk__in=mappings):
        file.mapping = mappings[file.pk]
        file.format = formats.MATCHED[file.mapping["level"]]
        file.save(update_fields=["mapping", "format"])
    return True


def approve(upload: Import, *, close_missing: bool) -> bool:
    """Order the changes to be applied. True for the first of two clicks only, so that one job is started."""
    approved = Import.objects.filter(pk=upload.pk, stage=Stage.READY)
    return bool(approved.update(stage=Stage.APPLYING, close_missing=close_missing))


@transaction.atomic
def apply(upload: Import, *, by: Person | None) -> bool:
    """Apply the changes that were shown. Does nothing when they are applied already.

    False where the directory has moved since they were compared: the import waits to be read again, and nothing is applied.
    """
    locked = Import.objects.select_for_update().get(pk=upload.pk)
    if locked.stage != Stage.APPLYING:
        return True
    applied = apply_changes(locked, by=by)
    if not applied:
        Import.objects.filter(pk=locked.pk).update(stage=Stage.WAITING)
        return False
    Import.objects.filter(pk=locked.pk).update(stage=Stage.DONE, finished_at=timezone.now())
    locked.files.update(content=None, sample={})
    record(
        "directory.import_applied",
        by=by,
        on=locked,
        tenant=locked.agency,
        close_missing=locked.close_missing,
        **locked.counts,
    )
    return True


@transaction.atomic
def cancel(upload: Import, *, by: Person | None) -> bool:
    """Stop an import that has changed nothing yet, and drop its files."""
    if not Import.objects.filter(pk=upload.pk, stage__in=CAN_BE_CANCELLED).update(
        stage=Stage.CANCELLED, finished_at=timezone.now()
    ):
        return False
    upload.files.update(content=None, sample={})
    upload.changes.all().delete()
    record("directory.import_cancelled", by=by, on=upload, tenant=upload.agency)
    return True
