"""The folder of canonical tables: written whole or not at all, and what to say when it cannot be."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from commonground import folders

# What the database makes of a full disk or too little memory, at whatever step it meets them.
NO_ROOM = (duckdb.OutOfMemoryException, duckdb.IOException, duckdb.TransactionException, duckdb.FatalException)


class NotWrittenError(OSError):
    """A folder could not be written, or a working file not kept; what was there before is as it was."""


@contextmanager
def new_folder(out: Path, mark: str) -> Iterator[Path]:
    """A fresh folder to write to, which becomes `out` when the block ends without an error.

    An earlier folder at `out` is replaced only if it holds a file called `mark`, which says that it was made here.

    Raises:
        NotWrittenError: the disk is full, the folder may not be written, or something else stands there.
    """
    try:
        _refuse_others(out, mark)
        with folders.new_folder(out) as fresh:
            yield fresh
    except NotWrittenError:
        raise
    except (OSError, duckdb.Error) as error:
        raise NotWrittenError(f"{out} cannot be written: {reason(error)}.") from None


def _refuse_others(out: Path, mark: str) -> None:
    if out.is_dir() and (not any(out.iterdir()) or (out / mark).exists()):
        return
    if out.exists():
        raise NotWrittenError(f"{out} holds something else. Name another folder, or remove it.")


def reason(error: Exception) -> str:
    """Why the system or the database refused, in a few words."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if "No space left" in str(error) or "disk" in str(error).lower():
        return "no space is left on the disk"
    if isinstance(error, duckdb.OutOfMemoryException):
        return "the memory is too small, or no space is left on the disk"
    return str(error).splitlines()[0].rstrip(".")
