"""Zip files: the one member that is meant, as a file."""

import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from steelyard.warehouse.text_faults import UnreadableFileError
from steelyard.warehouse.unfinished import NoSpaceError, workplace

_BLOCK = 1 << 20
_SHOWN = 8
_IS_ENCRYPTED = 0x1
_AGAIN = "Get it anew; a browser and `unzip -t` show whether it is whole"


class ArchiveError(RuntimeError):
    """A zip cannot be read, or has not the one member that is meant."""


@contextmanager
def extracted(path: Path, member: str | None, *, beside: Path) -> Iterator[Path]:
    """Give a zip's member as a temporary file; what is no zip, or has no member, is given as it is.

    The member is read to its end, and its checksum compared, before it is given. The temporary
    file is gone afterwards; what a killed process left goes when the next one comes.

    Parameters
    ----------
    path
        The raw file.
    member
        Regular expression for the member's base name, upper and lower case alike; the member may
        lie in a folder of the zip.
    beside
        Folder for the temporary file.

    Raises
    ------
    UnreadableFileError
        If whoever uses the file cannot read it: the message names zip and member.
    ArchiveError
        If the file is truncated or no zip, not exactly one member matches, or that one is
        damaged, encrypted, or packed in a way that Python cannot read. The message names the zip,
        the member and what to do.
    NoSpaceError
        If there is not enough space for the member.
    """
    if member is None or not path.name.lower().endswith(".zip"):
        yield path
        return
    with workplace(beside) as folder:
        text = _extract(path, member, folder)
        try:
            yield text
        except UnreadableFileError as error:
            # Who reads the message has the zip, and never sees the temporary file.
            told = str(error).replace(str(text), f"{path} ({text.name})")
            raise UnreadableFileError(told) from error


def _extract(path: Path, member: str, folder: Path) -> Path:
    try:
        with zipfile.ZipFile(path) as archive:
            info = _the_one(path, archive, member)
            _refuse_too_large(info, path, folder)
            text = folder / PurePosixPath(info.filename).name
            with archive.open(info) as source, text.open("wb") as sink:
                shutil.copyfileobj(source, sink, _BLOCK)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ArchiveError(f"{path}: is truncated or no zip: {error}. {_AGAIN}") from error
    except NotImplementedError as error:
        raise ArchiveError(
            f"{path}: {member} is packed in a way that cannot be read here ({error}); unpack the "
            "zip with another program and put the unpacked file into its drop folder"
        ) from error
    return text


def _the_one(path: Path, archive: zipfile.ZipFile, member: str) -> zipfile.ZipInfo:
    infos = [info for info in archive.infolist() if not info.is_dir()]
    found = [info for info in infos if _is_meant(info, member)]
    if len(found) == 1 and not found[0].flag_bits & _IS_ENCRYPTED:
        return found[0]
    if len(found) == 1:
        raise ArchiveError(
            f"{path}: {found[0].filename} is encrypted; unpack the zip with its password and put "
            "the unpacked file into its drop folder"
        )
    names = [info.filename for info in found or infos]
    shown = ", ".join(names[:_SHOWN]) + (
        f", and {len(names) - _SHOWN} more" * (len(names) > _SHOWN)
    )
    if found:
        raise ArchiveError(
            f"{path}: {len(found)} members match {member!r}: {shown}. Narrow the registry entry's "
            "member, or put the one that is meant, unpacked, into the drop folder"
        )
    raise ArchiveError(
        f"{path}: 0 members match {member!r}; it holds {shown or 'nothing'}. Is it the zip of "
        "another vintage? If the publisher renamed the member, change the registry entry's member"
    )


def _is_meant(info: zipfile.ZipInfo, member: str) -> bool:
    place = PurePosixPath(info.filename)
    # What a Mac adds to a zip: `__MACOSX/._pppub23.csv`.
    is_shadow = "__MACOSX" in place.parts or place.name.startswith("._")
    return not is_shadow and re.fullmatch(member, place.name, re.IGNORECASE) is not None


def _refuse_too_large(info: zipfile.ZipInfo, path: Path, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if info.file_size > free:
        raise NoSpaceError(
            f"{path}: {info.filename} takes {info.file_size / 1e9:,.2f} GB unpacked, and "
            f"{folder.parent} has {free / 1e9:,.2f} GB left. Free some space and try once more"
        )
