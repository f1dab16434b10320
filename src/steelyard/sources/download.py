"""A published file, brought here whole from its publisher or a mirror, with a record of it."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from steelyard.sources.transfer import (
    DownloadError,
    DownloadOptions,
    MissingFileError,
    Progress,
    Report,
    Transferred,
    Validators,
    transfer,
)
from steelyard.warehouse.files import replace_text
from steelyard.warehouse.unfinished import NO_SPACE, NoSpaceError, held

__all__ = [
    "DownloadError",
    "DownloadOptions",
    "Downloaded",
    "MissingFileError",
    "Progress",
    "download",
    "located",
    "recorded",
]

PATIENT = DownloadOptions()
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Downloaded:
    """A published file that lies here, and how it came.

    Parameters
    ----------
    path
        Where it lies; its record is ``<name>.json`` beside it.
    url
        The publisher's URL.
    retrieved_from
        Where it came from: the URL itself, or a place in a mirror.
    bytes, sha256
        Its size and hash.
    etag, last_modified
        How the server told this edition from others, for later questions; None where it did not.
    retrieved_at
        When, in UTC.
    """

    path: Path
    url: str
    retrieved_from: str
    bytes: int
    sha256: str
    etag: str | None
    last_modified: str | None
    retrieved_at: str

    @property
    def validators(self) -> Validators:
        """By what to ask later whether the publisher has another edition."""
        return Validators(self.etag, self.last_modified)


def download(
    url: str,
    destination: Path,
    *,
    sha256: str | None = None,
    mirror: str | None = None,
    progress: Report | None = None,
    options: DownloadOptions = PATIENT,
) -> Downloaded:
    """Bring a file here, or find that it lies here already.

    A transfer that breaks off is resumed, now or the next time, from ``<name>.part``; only a
    whole file gets its name. Threads and processes that want the same file wait for one another.

    Parameters
    ----------
    url
        The publisher's.
    destination
        The file; its folder is made if absent.
    sha256
        The hash that it must have; None is any.
    mirror
        A folder, or an ``http`` address, that holds ``<host>/<path of the URL>``.
    progress
        Called after each block.
    options
        As whom, and how patiently, to ask.

    Raises
    ------
    MissingFileError
        If publisher or mirror do not have the file.
    DownloadError
        If it cannot be had, or is another file than expected: then nothing stays here.
    NoSpaceError
        If the disk is full; then nothing stays here either.
    """
    place = located(url, mirror)
    with held(destination), _nothing_half(url, destination):
        here = recorded(destination)
        if here is not None and (here.url != url or here.sha256 != (sha256 or here.sha256)):
            here = None
        if here is not None and not options.is_refreshing:
            return here
        part = _part(destination)
        came = _bring(url, place, part, here, progress, options)
        if here is not None and came.is_unchanged:
            return here
        if sha256 not in (None, _sha256(part)) and came.was_resumed:
            # Perhaps what lay here was damaged; the file itself may be right.
            _forget(part)
            came = _bring(url, place, part, None, progress, options)
        found = _sha256(part)
        if sha256 not in (None, found):
            _forget(part)
            raise DownloadError(_another(url, place, str(sha256), found))
        return _put(destination, url, str(place), found, came.validators)


@contextmanager
def _nothing_half(url: str, destination: Path) -> Iterator[None]:
    """Leave no part of a file on a full disk."""
    try:
        yield
    except NoSpaceError:
        _forget(_part(destination))
        raise
    except OSError as error:
        if error.errno not in NO_SPACE:
            raise
        _forget(_part(destination))
        raise NoSpaceError(
            f"{url}: no space left in {destination.parent}; what had come is removed again. "
            "Free some space and try once more"
        ) from error


def located(url: str, mirror: str | None) -> str | Path:
    """Return where a file is to be had: its URL, or its address or path in a mirror."""
    if not mirror:
        return url
    parts = urlsplit(url)
    if mirror.startswith(("http://", "https://")):
        query = f"?{parts.query}" if parts.query else ""
        return f"{mirror.rstrip('/')}/{parts.netloc}{parts.path}{query}"
    folder = url2pathname(urlsplit(mirror).path) if mirror.startswith("file://") else mirror
    return Path(folder).expanduser() / parts.netloc / unquote(parts.path).lstrip("/")


def recorded(destination: Path) -> Downloaded | None:
    """Return the record of a file that lies here whole; None where there is none that fits it."""
    try:
        said: dict[str, Any] = json.loads(_record(destination).read_text(encoding="utf-8"))
        found = Downloaded(path=destination, **said)
        return found if destination.stat().st_size == found.bytes else None
    except (OSError, ValueError, TypeError):
        return None


def _bring(
    url: str,
    place: str | Path,
    part: Path,
    here: Downloaded | None,
    progress: Report | None,
    options: DownloadOptions,
) -> Transferred:
    if isinstance(place, Path):
        return _copy(url, place, part, progress)

    def report(step: Progress) -> None:
        if progress is not None:
            progress(Progress(url, step.done_bytes, step.total_bytes))

    known = here.validators if here is not None and here.retrieved_from == place else None
    return transfer(place, part, known=known, report=report, options=options)


def _copy(url: str, place: Path, part: Path, progress: Report | None) -> Transferred:
    if not place.is_file():
        raise MissingFileError(
            f"{url}: the mirror has no {place}. Put the file there, or name another mirror in "
            "STEELYARD_MIRROR, or none to ask the publisher"
        )
    total, done = place.stat().st_size, 0
    with place.open("rb") as source, part.open("wb") as sink:
        while block := source.read(_BLOCK):
            sink.write(block)
            done += len(block)
            if progress is not None:
                progress(Progress(url, done, total))
    if done != total:
        part.unlink()
        raise DownloadError(f"{url}: {place} changed while it was copied; try once more")
    return Transferred(Validators())


def _put(
    destination: Path, url: str, place: str, sha256: str, validators: Validators
) -> Downloaded:
    """Give a whole file its name, and its record."""
    part = _part(destination)
    made = Downloaded(
        path=destination,
        url=url,
        retrieved_from=place,
        bytes=part.stat().st_size,
        sha256=sha256,
        etag=validators.etag,
        last_modified=validators.last_modified,
        retrieved_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    # A record of the file before would vouch for this one, if it were as long.
    _record(destination).unlink(missing_ok=True)
    part.replace(destination)
    _forget(part)
    said = {key: value for key, value in asdict(made).items() if key != "path"}
    replace_text(_record(destination), json.dumps(said, indent=2) + "\n")
    return made


def _part(destination: Path) -> Path:
    return destination.with_name(f"{destination.name}.part")


def _record(destination: Path) -> Path:
    return destination.with_name(f"{destination.name}.json")


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    part.with_name(f"{part.name}.json").unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _another(url: str, place: str | Path, expected: str, found: str) -> str:
    came = "" if str(place) == url else f" It came from {place}."
    return (
        f"{url}: is not the file that was expected.\n"
        f"  expected sha256 {expected}\n  found sha256    {found}\n"
        f"Nothing of it is kept.{came} The publisher may have put another edition in its place: "
        "look at the landing page. If the new one is meant, write its hash into the registry "
        "entry; if the old one is, put it into the drop folder by hand"
    )
