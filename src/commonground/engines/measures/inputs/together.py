"""Files of one table that look alike, read as one: sixty LEAs then take as many steps as one does.

1. Small text files of one table with the same header, delimiter and spaces are put together, up to a limit.
2. The database reads them in one pass; rows keep their file, and their number in it.
3. One query asks of each file which texts it holds and whether any cell does not fit.
4. Where every file is without a fault, and no two take one text for different things, all rows are kept at once.

Anything else is read file by file (`loading`), which says what is wrong and where: here nothing is ever reported but what a
header tells.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import duckdb

from commonground.engines.measures.inputs.layout import LAYOUTS, Field, Layout
from commonground.engines.measures.inputs.loading import (
    InputFile,
    cell_faults,
    coded,
    find_columns,
    keep_meanings,
    load,
    meanings,
    read_csv,
    staged,
    typed,
)
from commonground.engines.measures.inputs.problems import Problem, Problems
from commonground.engines.measures.inputs.scanning import RefusedError, TextFile, scan
from commonground.engines.measures.inputs.workspace import Workspace, name

# Of files together, whose text the database holds in memory.
_BYTES = 32 * 2**20
Scanned = tuple[InputFile, TextFile | None]


def load_all(
    space: Workspace, files: Sequence[InputFile], problems: Problems, say: Callable[[str], None] = lambda step: None
) -> None:
    """Read the files into the tables of their layouts; what is wrong with them becomes problems."""
    for table in LAYOUTS:
        scanned = [(file, _scanned(space, file)) for file in files if file.table == table]
        for batch in _batches(scanned):
            say(batch[0][0].shown)
            if not _load_together(space.connection, batch, problems):
                for file, _ in batch:
                    say(file.shown)
                    load(space, file, problems)


def _scanned(space: Workspace, file: InputFile) -> TextFile | None:
    """The file, if it is small and may be read as it is."""
    try:
        if file.path.suffix.lower() == ".parquet" or file.path.stat().st_size > _BYTES // 2:
            return None
        source = scan(file.path, file.shown, space.folder / "repaired.csv")
    except (OSError, RefusedError):
        return None
    return source if source.path == file.path and not source.warnings else None


def _batches(files: Sequence[Scanned]) -> Iterator[list[Scanned]]:
    """Files of one shape, in their order, as many as the limit allows; any other file alone."""
    shapes: dict[object, list[Scanned]] = {}
    for number, (file, source) in enumerate(files):
        shape = number if source is None else (source.header, source.delimiter, source.spaces)
        shapes.setdefault(shape, []).append((file, source))
    for alike in shapes.values():
        batch: list[Scanned] = []
        size = 0
        for file, source in alike:
            bytes_ = file.path.stat().st_size if source else 0
            if batch and size + bytes_ > _BYTES:
                yield batch
                batch, size = [], 0
            batch.append((file, source))
            size += bytes_
        yield batch


def _load_together(connection: duckdb.DuckDBPyConnection, batch: Sequence[Scanned], problems: Problems) -> bool:
    """Whether the files could be read as one; else nothing of them is kept."""
    files, sources = [file for file, _ in batch], [source for _, source in batch if source]
    if len({source.path for source in sources}) < max(len(files), 2):
        return False
    layout = LAYOUTS[files[0].table]
    columns = [find_columns(file, layout, sources[0].header) for file in files]
    found = columns[0][0]
    if found is None or not _stage(connection, layout, found, sources):
        return False
    survey = _survey(connection, layout, found)
    known = [(one, _agreed(one, [texts[at] for _, *texts in survey])) for at, one in enumerate(coded(layout))]
    if any(faults for (_, _, faults), *_ in survey) or any(texts is None for _, texts in known):
        return False
    for one, texts in known:
        keep_meanings(connection, one, texts or {})
    first = {filename: number for (filename, number, _), *_ in survey}
    _keep(connection, layout, files, first)
    problems.add_all([problem for _, wrong in columns for problem in wrong])
    problems.add_all([Problem("no_rows", file.shown) for file in files if str(file.path) not in first])
    return True


def _stage(
    connection: duckdb.DuckDBPyConnection, layout: Layout, found: Mapping[str, int], sources: Sequence[TextFile]
) -> bool:
    """The rows of all files as trimmed text, numbered throughout; `filled` where there is any. False for a row that is none."""
    cells, filled = staged(layout, found, sources[0].spaces)
    try:
        connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE together AS SELECT *, {filled} AS filled FROM (
                SELECT {cells}, filename, row_number() OVER () AS number FROM {read_csv(sources)})"""
        )
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        return False
    rejected = connection.execute("SELECT count(*) FROM reject_errors").fetchone()
    for table in ("reject_errors", "reject_scans"):
        connection.execute(f"DELETE FROM {table}")
    return rejected == (0,)


def _survey(connection: duckdb.DuckDBPyConnection, layout: Layout, found: Mapping[str, int]) -> list[tuple[Any, ...]]:
    """Of each file with rows: its name, first number and faults; then the texts of each column that is looked up."""
    faults = " OR ".join(f"({fault.condition})" for fault in cell_faults(layout, found))
    lists = (
        f", coalesce(list(DISTINCT {name(one.name)}) FILTER ({name(one.name)} <> ''), [])" for one in coded(layout)
    )
    return connection.execute(
        f"""SELECT (filename, min(number), count_if(filled AND ({faults or "false"}))) {"".join(lists)}
        FROM together AS raw GROUP BY filename HAVING bool_or(filled)"""
    ).fetchall()


def _agreed(one: Field, of_files: Sequence[Sequence[str]]) -> Mapping[str, str | date] | None:
    """What the texts mean in every file; each file decides for itself how it writes dates."""
    agreed: dict[str, str | date] = {}
    for texts in of_files:
        understood = meanings(one, texts)
        if understood.fault or len(understood.values) < len(texts):
            return None
        if any(agreed.setdefault(said, value) != value for said, value in understood.values.items()):
            return None
    return agreed


def _keep(
    connection: duckdb.DuckDBPyConnection, layout: Layout, files: Sequence[InputFile], first: Mapping[str, int]
) -> None:
    """All rows into the table. A file's rows are numbered from its own first one, which stands below the header."""
    given = [
        (str(file.path), file.folder, file.shown, first[str(file.path)]) for file in files if str(file.path) in first
    ]
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE files AS SELECT unnest(?::VARCHAR[]) AS filename, unnest(?::INTEGER[]) AS folder,
        unnest(?::VARCHAR[]) AS shown, unnest(?::BIGINT[]) AS first""",
        [[row[at] for row in given] for at in range(4)],
    )
    columns, joins = typed(layout)
    connection.execute(
        f"""INSERT INTO {name(layout.name)} SELECT {columns}, files.folder, files.shown, raw.number - files.first + 2
        FROM together AS raw JOIN files USING (filename) {joins} WHERE raw.filled"""
    )
    connection.execute("DROP TABLE together")
