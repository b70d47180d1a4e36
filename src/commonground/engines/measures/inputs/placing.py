"""A folder that is written aside and put in place in one step: whatever stops the writing leaves what was there.

What a killed run leaves behind holds student records: it is private, and the next run beside it clears it away.
"""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

_LOCK = ".lock"
_YOUNG_SECONDS = 60


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
        out.parent.mkdir(parents=True, exist_ok=True)
        _refuse_others(out, mark)
        with private_folder(out.parent, f".{out.name}-new-") as fresh:
            yield fresh
            (fresh / _LOCK).unlink()
            _put_in_place(fresh, out)
    except NotWrittenError:
        raise
    except (OSError, duckdb.Error) as error:
        raise NotWrittenError(f"{out} cannot be written: {reason(error)}.") from None


@contextmanager
def private_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """A new folder that only this user may read, removed at the end, whatever happens short of a kill.

    While it is in use its lock is held, so that the next run can tell a folder in use from one that was left behind.
    """
    _sweep(parent, prefix)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    try:
        with (folder / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(parent: Path, prefix: str) -> None:
    """Remove folders of killed runs. A young one may be about to be locked, and is left for later."""
    for folder in parent.glob(f"{prefix}*"):
        try:
            if time.time() - folder.stat().st_mtime < _YOUNG_SECONDS or folder.stat().st_uid != os.getuid():
                continue
            with (folder / _LOCK).open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # in use, or gone meanwhile


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
