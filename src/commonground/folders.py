"""A folder that is written aside and put in place in one step: whatever stops the writing leaves what was there.

What a killed run leaves behind may hold student records: it is private, and the next run beside it clears it away.
"""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_LOCK = ".lock"
_YOUNG_SECONDS = 60


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """A fresh folder to write to, which takes the place of `out` when the block ends without an error.

    An earlier folder at `out` is replaced: whoever calls this decides before whether it may be.

    Raises:
        OSError: the disk is full, or the folder may not be written; what was there is as it was.
    """
    out = out.absolute()
    out.parent.mkdir(parents=True, exist_ok=True)
    with private_folder(out.parent, f".{out.name}-new-") as fresh:
        yield fresh
        (fresh / _LOCK).unlink()
        _put_in_place(fresh, out)
        _flush(out.parent)


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to, which takes its place when the block ends without an error. Raises OSError."""
    aside = path.with_name(f".{path.name}.part")
    try:
        yield aside
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files by their paths within a folder, each flushed to the disk. Raises OSError."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())


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
            lock.write("held")
            lock.flush()
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(parent: Path, prefix: str) -> None:
    """Remove folders of killed runs. A young one whose lock nobody has held yet may be about to be locked."""
    for folder in parent.glob(f"{prefix}*"):
        try:
            state = folder.stat()
            if state.st_uid != os.getuid():
                continue
            with (folder / _LOCK).open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if lock.read() or time.time() - state.st_mtime > _YOUNG_SECONDS:
                    shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # in use, or gone meanwhile


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


def _flush(folder: Path) -> None:
    """A rename is only safe from a power cut once its folder is on disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
