"""The database in which a city's files are put together: in a private folder, within a limit of memory, gone afterwards."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from commonground.folders import private_folder

# Python, Arrow and the database's own code take about 200 MB beyond what the database manages itself.
MEMORY_MB = 700


@dataclass(frozen=True, slots=True)
class Workspace:
    """A connection and the folder that holds its database and what it moves out of memory."""

    connection: duckdb.DuckDBPyConnection
    folder: Path


@contextmanager
def workspace(beside: Path | None = None, memory_mb: int = MEMORY_MB) -> Iterator[Workspace]:
    """A database on disk, in a folder that only this user may read, below `beside` (default: the temporary folder)."""
    with private_folder(beside or Path(tempfile.gettempdir()), ".commonground-equity-") as folder:
        connection = duckdb.connect(
            folder / "city.duckdb",
            config={
                "memory_limit": f"{memory_mb}MB",
                "temp_directory": str(folder / "spill"),
                "threads": 2,
                "autoinstall_known_extensions": False,
                "preserve_insertion_order": True,
            },
        )
        connection.execute("SET enable_progress_bar = false")  # it would write into what the command says
        try:
            yield Workspace(connection, folder)
        finally:
            connection.close()


def name(identifier: str) -> str:
    """An identifier as SQL writes it."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str | Path) -> str:
    """A text as SQL writes it."""
    return "'" + str(value).replace("'", "''") + "'"
