"""Unfinished files: made aside, renamed into place when whole, swept up after a kill."""

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
_PREFIX = ".unfinished-"


class NoSpaceError(RuntimeError):
    """The disk is full; the message says where, and that nothing half-made stays there."""


@contextmanager
def workplace(folder: Path) -> Iterator[Path]:
    """Lend an empty folder inside another, for files that are renamed into it when whole.

    It is removed at the end, whatever happens. What a killed process left is removed when the
    next workplace is lent in the same folder: a living process holds a lock on its own.

    Parameters
    ----------
    folder
        Where finished files go; made if absent.

    Raises
    ------
    NoSpaceError
        If the disk fills up meanwhile.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        _sweep(folder)
        place = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder))
        handle = os.open(place, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield place
    except OSError as error:
        if error.errno not in NO_SPACE:
            raise
        written = sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
        raise NoSpaceError(
            f"no space left in {folder}; the {written / 1e6:,.1f} MB written there are removed "
            "again. Free some space and try once more"
        ) from error
    finally:
        shutil.rmtree(place, ignore_errors=True)
        os.close(handle)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a lock that lies beside a file, waiting for whoever holds it now.

    Threads and processes exclude each other alike, and the lock of a killed process is free.

    Parameters
    ----------
    path
        The file that is to be made; the lock is ``.<name>.lock`` in its folder, and stays there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.with_name(f".{path.name}.lock")
    lock.touch()
    with locked(lock):
        yield


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock on a file or folder that is there, waiting for whoever holds it now."""
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _sweep(folder: Path) -> None:
    for left in folder.glob(f"{_PREFIX}*"):
        # Gone meanwhile, or locked: somebody is at work there.
        with suppress(OSError):
            handle = os.open(left, os.O_RDONLY)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)
            finally:
                os.close(handle)
