"""How long a published school file takes into the directory, beside a plain COPY of the same rows into a bare table.

    python benchmarks/directory_import.py ../shared/data/directory/california_schools.csv

Runs in a database of its own on the private server. Prints JSON as its last line: `seconds` from the file to the committed
directory (read, checked, compared, previewed, applied), `copy_seconds` for COPY alone, and `ratio` of the two; `again_seconds`
is a second import of the same file, which changes nothing.
"""

import json
import os
import sys
import time
from pathlib import Path


def main(file: Path) -> None:
    from commonground.site.config import postgres

    with postgres.server("benchmark").in_use():
        os.environ |= {"DJANGO_SETTINGS_MODULE": "commonground.site.config.settings", "COMMONGROUND_PRIVATE": "1"}
        os.environ |= {"DATABASE_URL": postgres.server("benchmark").url, "COMMONGROUND_HTTPS": "0"}
        import django

        django.setup()
        print(json.dumps(measure(file)))


def measure(file: Path) -> dict[str, float | int]:
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", interactive=False, verbosity=0)
    from commonground.site.directory.models import Import, Organization, Source

    with connection.cursor() as cursor:
        tables = ", ".join(model._meta.db_table for model in (Organization, Import, Source))
        cursor.execute(f"TRUNCATE {tables} CASCADE")
    seconds = imported(file)
    again = imported(file)
    copied = copy(file)
    return {
        "schools": Organization.objects.filter(kind="school").count(),
        "seconds": round(seconds, 2),
        "again_seconds": round(again, 2),
        "copy_seconds": round(copied, 3),
        "ratio": round(seconds / copied, 1),
    }


def imported(file: Path) -> float:
    from commonground.site.directory.actions import imports

    begun = time.perf_counter()
    upload = imports.start(by=None, files=[(file.name, file.read_bytes())], day=None)
    imports.read(upload)
    imports.approve(upload, close_missing=False)
    if not imports.apply(upload, by=None):
        sys.exit("The directory changed while the benchmark ran.")
    upload.refresh_from_db()
    if upload.stage != "done":
        sys.exit(f"The file was not imported: {upload.stage}, {upload.problems[:3]}")
    return time.perf_counter() - begun


def copy(file: Path) -> float:
    """The peer: the same rows, as text, into a table without rules, indexes or history."""
    from django.db import connection

    from commonground.site.directory.actions.loading import copy_rows
    from commonground.tables import read_table

    begun = time.perf_counter()
    table = read_table(file)
    columns = [f"c{number}" for number in range(len(table.header))]
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE plain ({', '.join(f'{name} text' for name in columns)})")
    copy_rows("plain", columns, (row.cells for row in table.rows))
    return time.perf_counter() - begun


if __name__ == "__main__":
    main(Path(sys.argv[1]))
