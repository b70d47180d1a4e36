"""The directory as an import compares with it."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import connection

from commonground.site.directory.imports.comparing import Known
from commonground.site.directory.imports.formats import Level
from commonground.site.directory.imports.reading import key_of
from commonground.site.directory.models import Organization
from commonground.site.directory.models.organization import LEA_KINDS, Kind

FACT_FIELDS = (
    "kind", "name", "sector", "status", "closed_on", "category", "nces_id", "state_id", "street", "city", "county", "state",
    "zip_code", "phone", "website", "latitude", "longitude", "locale", "low_grade", "high_grade", "enrollment", "teachers",
    "free_lunch", "reduced_lunch", "directly_certified",
)  # fmt: skip
"""The fields that an import may fill."""


def directory_version() -> str:
    """Changes with every organization added, changed or removed: what was compared with another version is out of date."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT coalesce(max(id), 0) FROM directory_organization) || '.' || "
            "(SELECT coalesce(max(pgh_id), 0) FROM directory_organizationevent)"
        )
        return str(cursor.fetchone()[0])


def known_organizations() -> list[Known]:
    """All LEAs and schools, in the form that `imports.comparing` takes."""
    rows = list(Organization.objects.exclude(kind=Kind.AGENCY).order_by().values("pk", "parent_id", *FACT_FIELDS))
    keys = {row["pk"]: _key(row) for row in rows}
    return list(_known(rows, keys))


def lea_keys() -> dict[str, int]:
    """Every LEA's database key by the key that imports know it by."""
    rows = (
        Organization.objects.filter(kind__in=LEA_KINDS).order_by().values("pk", "kind", "nces_id", "state", "state_id")
    )
    return {_key(row): row["pk"] for row in rows}


def _level(row: Mapping[str, Any]) -> Level:
    return "school" if row["kind"] == Kind.SCHOOL else "lea"


def _key(row: Mapping[str, Any]) -> str:
    if row["nces_id"] or row["state_id"]:
        return key_of(_level(row), row)
    return f"{_level(row)}:entry {row['pk']}"  # entered by hand without an identifier; no file can mean it


def _known(rows: list[dict[str, Any]], keys: dict[int, str]) -> Iterator[Known]:
    for row in rows:
        pk, parent = row.pop("pk"), row.pop("parent_id")
        row["closed_on"] = row["closed_on"] and row["closed_on"].isoformat()
        yield Known(pk, keys[pk], _level(row), row, keys.get(parent, ""))
