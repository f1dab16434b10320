"""Zip files: the one member that is meant, as a file."""

import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath


class ArchiveError(RuntimeError):
    """A zip cannot be read, or has not the one member that is meant."""


@contextmanager
def extracted(path: Path, member: str | None, *, beside: Path) -> Iterator[Path]:
    """Give a zip's member as a temporary file; what is no zip, or has no member, is given as it is.

    Parameters
    ----------
    path
        The raw file.
    member
        Regular expression for the member's base name, upper and lower case alike.
    beside
        Folder for the temporary file.

    Raises
    ------
    ArchiveError
        If the zip is truncated, or not exactly one member matches.
    """
    if member is None or not path.name.lower().endswith(".zip"):
        yield path
        return
    beside.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory(dir=beside) as folder:
            names = archive.namelist()
            found = [
                name
                for name in names
                if re.fullmatch(member, PurePosixPath(name).name, re.IGNORECASE)
            ]
            if len(found) != 1:
                raise ArchiveError(
                    f"{path}: {len(found)} members match {member!r}; it holds {names[:10]}"
                )
            text = Path(folder) / PurePosixPath(found[0]).name
            with archive.open(found[0]) as source, text.open("wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
            yield text
    except zipfile.BadZipFile as error:
        raise ArchiveError(f"{path}: is truncated or no zip: {error}") from error
