"""A folder that is written aside and put in place in one step: whatever stops the writing leaves what was there."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb


class NotWrittenError(OSError):
    """A folder could not be written, or a working file not kept; what was there before is as it was."""


@contextmanager
def new_folder(out: Path, mark: str) -> Iterator[Path]:
    """A fresh folder to write to, which becomes `out` when the block ends without an error.

    An earlier folder at `out` is replaced only if it holds a file called `mark`, which says that it was made here.

    Raises:
        NotWrittenError: the disk is full, the folder may not be written, or something else stands there.
    """
    fresh: Path | None = None
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        _refuse_others(out, mark)
        fresh = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
        yield fresh
        _put_in_place(fresh, out)
    except NotWrittenError:
        raise
    except (OSError, duckdb.Error) as error:
        raise NotWrittenError(f"{out} cannot be written: {reason(error)}.") from None
    finally:
        if fresh is not None:
            shutil.rmtree(fresh, ignore_errors=True)


def _refuse_others(out: Path, mark: str) -> None:
    if out.is_dir() and (not any(out.iterdir()) or (out / mark).exists()):
        return
    if out.exists():
        raise NotWrittenError(f"{out} holds something else. Name another folder, or remove it.")


def _put_in_place(fresh: Path, out: Path) -> None:
    """Only an empty folder can be renamed onto, so an earlier one steps aside, and comes back on failure."""
    mask = os.umask(0)
    os.umask(mask)
    fresh.chmod(0o777 & ~mask)  # a temporary folder is private; this one is no longer temporary
    if not out.exists():
        fresh.rename(out)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{out.name}-old-", dir=out.parent))
    try:
        out.rename(aside / "old")
        try:
            fresh.rename(out)
        except OSError:
            (aside / "old").rename(out)
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def reason(error: Exception) -> str:
    """Why the system or the database refused, in a few words."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if "No space left" in str(error) or "disk" in str(error).lower():
        return "no space is left on the disk"
    if isinstance(error, duckdb.OutOfMemoryException):
        return "the memory is too small, or no space is left on the disk"
    return str(error).splitlines()[0].rstrip(".")
