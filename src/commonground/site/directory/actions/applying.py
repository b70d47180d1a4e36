"""Writes the changes of an import into the directory: few statements, whatever their number, in the caller's transaction."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pghistory
from django.db import connection

from commonground.site.directory.actions.loading import copy_rows, new_keys
from commonground.site.directory.imports.formats import TITLES
from commonground.site.directory.models import Import, Organization, Person, Source
from commonground.site.directory.models.organization import LEA_KINDS, Status
from commonground.site.directory.models.uploads import ChangeKind
from commonground.site.directory.queries.known import FACT_FIELDS, directory_version, lea_keys

ORGANIZATIONS = "directory_organization"
_BLANKS = {field.name: field.get_default() for field in Organization._meta.concrete_fields if field.name in FACT_FIELDS}


def apply_changes(upload: Import, *, by: Person | None) -> bool:
    """Apply what the preview showed, except what another agency serves.

    False, with nothing written, where the directory is another one by now.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {ORGANIZATIONS} IN SHARE ROW EXCLUSIVE MODE")  # reading goes on, writing waits
    if directory_version() != upload.directory_version:
        return False
    sources = _sources(upload)
    with pghistory.context(user=by.pk if by else None, directory_import=upload.pk):
        leas = _add_new(upload, sources)
        _change(upload, sources, leas)
        if upload.close_missing:
            _close_missing(upload, sources)
    upload.changes.filter(kind=ChangeKind.UNCHANGED).delete()
    return True


def _sources(upload: Import) -> list[int]:
    """The key of the source of each file; the same file imported again is the same source."""
    made = []
    for file in upload.files.all():
        source, _ = Source.objects.get_or_create(
            digest=hashlib.sha256(bytes(file.content or b"")).hexdigest(),
            title=TITLES[file.format],
            day=upload.day,
            defaults={"file_name": file.name},
        )
        made.append(source.pk)
    return made


def _add_new(upload: Import, sources: Sequence[int]) -> dict[str, int]:
    """Write new organizations, LEAs first. Returns every LEA's database key by its key in imports."""
    new = list(
        upload.changes.to_apply()
        .filter(kind=ChangeKind.NEW)
        .order_by("pk")
        .values("key", "organization_kind", "parent_key", "facts", "sources")
    )
    keys = dict(zip((change["key"] for change in new), new_keys(ORGANIZATIONS, len(new)), strict=True))
    leas = lea_keys() | keys
    columns = ("id", "parent_id", *FACT_FIELDS, "area", "sources")
    new.sort(key=lambda change: change["organization_kind"] not in LEA_KINDS)
    copy_rows(ORGANIZATIONS, columns, (_new_row(change, keys, leas, sources) for change in new))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE directory_change AS change SET organization_id = made.id FROM directory_organization AS made "
            "WHERE change.upload_id = %s AND change.kind = 'new' AND change.nces_id <> '' AND made.nces_id = change.nces_id",
            [upload.pk],
        )
    return leas


def _new_row(
    change: Mapping[str, Any], keys: Mapping[str, int], leas: Mapping[str, int], sources: Sequence[int]
) -> tuple[Any, ...]:
    facts = _BLANKS | change["facts"]
    parent = leas[change["parent_key"]] if change["parent_key"] else None
    where = json.dumps(_keyed(change["sources"], sources))
    return (keys[change["key"]], parent, *(facts[name] for name in FACT_FIELDS), [], where)


def _keyed(positions: Mapping[str, int], sources: Sequence[int]) -> dict[str, int]:
    return {fact: sources[position] for fact, position in positions.items()}


def _change(upload: Import, sources: Sequence[int], leas: Mapping[str, int]) -> None:
    """Update what differs; where a newer file only confirms a fact, note the newer source.

    The row itself is the base of `jsonb_populate_record`, so a fact that the import does not name stays as it is.
    """
    columns = ", ".join(("parent_id", *FACT_FIELDS))
    # What opens again has no last day any more, whoever noted it.
    values = columns.replace("closed_on", "CASE WHEN status = 'closed' THEN closed_on END")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE incoming (id bigint, facts jsonb, sources jsonb) ON COMMIT DROP")
        copy_rows("incoming", ("id", "facts", "sources"), list(_incoming(upload, sources, leas)))
        cursor.execute(
            f"UPDATE {ORGANIZATIONS} AS kept SET sources = kept.sources || incoming.sources, ({columns}) = "  # noqa: S608
            f"(SELECT {values} FROM jsonb_populate_record(kept, incoming.facts)) "
            "FROM incoming WHERE incoming.id = kept.id AND incoming.facts <> '{}'"
        )
        cursor.execute(
            f"UPDATE {ORGANIZATIONS} AS kept SET sources = kept.sources || incoming.sources "  # noqa: S608
            "FROM incoming WHERE incoming.id = kept.id AND NOT kept.sources @> incoming.sources"
        )
        cursor.execute("DROP TABLE incoming")


def _incoming(upload: Import, sources: Sequence[int], leas: Mapping[str, int]) -> Iterator[tuple[Any, ...]]:
    same = upload.changes.to_apply().filter(kind__in=[ChangeKind.CHANGED, ChangeKind.UNCHANGED])
    for change in same.values("organization_id", "facts", "sources", "parent_key"):
        facts = {name: new for name, (_, new) in change["facts"].items()}
        if facts.pop("parent", None) is not None:
            facts["parent_id"] = leas[change["parent_key"]]
        where = _keyed(change["sources"], sources)
        yield change["organization_id"], json.dumps(facts), json.dumps(where)


def _close_missing(upload: Import, sources: Sequence[int]) -> None:
    """Mark as closed what the file no longer lists. The day of closing is not known, so none is noted."""
    missing = upload.changes.to_apply().filter(kind=ChangeKind.MISSING).values("organization")
    with connection.cursor() as cursor:
        query, parameters = missing.query.sql_with_params()
        cursor.execute(
            f"UPDATE {ORGANIZATIONS} SET status = %s, sources = sources || %s::jsonb WHERE id IN ({query})",  # noqa: S608
            [Status.CLOSED.value, json.dumps({"status": sources[0]}), *parameters],
        )
