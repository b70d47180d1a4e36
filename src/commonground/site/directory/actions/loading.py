"""Many rows at once into PostgreSQL, by COPY: ten thousand schools in a second."""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import connection

from commonground.site.directory.imports.comparing import Planned
from commonground.site.directory.models import Import


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Add rows to a table, in the transaction of the caller. Table and columns are this project's own names, never input.

    The rows must not come from the database while they are copied: one connection does one thing at a time.
    """
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def new_keys(table: str, how_many: int) -> list[int]:
    """Keys that the table's own sequence gives out, so that rows can name each other before they are written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, how_many]
        )
        return [key for (key,) in cursor.fetchall()]


CHANGE_COLUMNS = (
    "upload_id", "kind", "organization_kind", "organization_id", "name", "nces_id", "facts", "sources", "parent_key", "key",
    "outside",
)  # fmt: skip


def keep_changes(upload: Import, changes: Iterable[Planned], outside: Collection[str] = ()) -> None:
    """The changes of an import, for its preview and for applying them later; those of an earlier reading go.

    `outside` has the keys of those that are only shown.
    """
    upload.changes.all().delete()
    copy_rows("directory_change", CHANGE_COLUMNS, (_row(upload, change, change.key in outside) for change in changes))


def _row(upload: Import, change: Planned, outside: bool) -> tuple[Any, ...]:
    return (
        upload.pk,
        change.kind.value,
        change.organization_kind,
        change.pk,
        change.name,
        change.nces_id,
        json.dumps(dict(change.facts)),
        json.dumps(dict(change.sources)),
        change.parent,
        change.key,
        outside,
    )
