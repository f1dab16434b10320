"""One file over HTTP: resumed where it broke off, tried again with patience, and whole."""

import json
import os
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from steelyard import __version__
from steelyard.warehouse.files import replace_text
from steelyard.warehouse.unfinished import NoSpaceError

_BLOCK = 1 << 18
#: An attempt that brings so much more than any before begins the count of failures anew.
_GAIN = 1 << 20
#: How messages of urllib3 begin: the object that failed, or its host, which is known.
_CONNECTION = re.compile(r"^(?:<[^>]*>|HTTPS?Connection(?:Pool)?\([^)]*\)): ")
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 522, 524})
_HOPELESS = (
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.SSLError,
    requests.exceptions.TooManyRedirects,
)
_ADVICE = {
    401: "It wants a login: get the file by hand",
    403: (
        "The publisher may refuse what is no browser: set STEELYARD_USER_AGENT to what your "
        "browser calls itself, or get the file by hand in one"
    ),
    404: "It is not there, or not any more: look on the landing page whether it moved",
    410: "It is not there any more: look on the landing page whether it moved",
}


class DownloadError(RuntimeError):
    """A file cannot be had; the message names it, and says why and what to do."""


class MissingFileError(DownloadError):
    """The publisher, or the mirror, does not have the file."""


@dataclass(frozen=True)
class Progress:
    """How far a transfer is.

    Parameters
    ----------
    url
        The publisher's URL, whatever mirror it comes from.
    done_bytes
        Bytes on disk.
    total_bytes
        Bytes of the whole file, or None where the server does not say.
    """

    url: str
    done_bytes: int
    total_bytes: int | None


Report = Callable[[Progress], None]


@dataclass(frozen=True)
class DownloadOptions:
    """As whom, and how patiently, a publisher is asked.

    Parameters
    ----------
    user_agent
        What the client calls itself; some publishers refuse what is no browser.
    connect_seconds, read_seconds
        How long a connection, and the next bytes on it, are waited for.
    attempts
        How many attempts in a row may bring less than a megabyte before it is given up.
    pause_seconds, longest_pause_seconds
        Waited before the second attempt; each further pause is twice as long, up to the longest.
    is_refreshing
        Ask also where the file lies here already; only one that has changed is transferred.
    """

    user_agent: str = f"Mozilla/5.0 (compatible; steelyard/{__version__})"
    connect_seconds: float = 15
    read_seconds: float = 60
    attempts: int = 6
    pause_seconds: float = 1
    longest_pause_seconds: float = 60
    is_refreshing: bool = False

    @property
    def timeout(self) -> tuple[float, float]:
        """Both time-outs as `requests` takes them."""
        return self.connect_seconds, self.read_seconds


@dataclass(frozen=True)
class Validators:
    """What a server calls an edition of a file, to be asked by later whether it is the same."""

    etag: str | None = None
    last_modified: str | None = None

    @classmethod
    def of(cls, response: requests.Response) -> "Validators":
        """Read them from an answer."""
        return cls(response.headers.get("ETag"), response.headers.get("Last-Modified"))

    @property
    def for_range(self) -> str | None:
        """The one that vouches for every byte; a weak ETag does not."""
        if self.etag and not self.etag.startswith("W/"):
            return self.etag
        return self.last_modified

    def conditions(self) -> dict[str, str]:
        """Headers by which a server says 304 where nothing has changed."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in asked.items() if value}


@dataclass(frozen=True)
class Transferred:
    """What a server said of the file that has come, or that it is the one known already."""

    validators: Validators
    was_resumed: bool = False
    is_unchanged: bool = False


class _AgainError(Exception):
    """An attempt failed, and another may not."""

    def __init__(self, reason: str, wait_seconds: float = 0) -> None:
        super().__init__(reason)
        self.wait_seconds = wait_seconds


def open_session(options: DownloadOptions) -> requests.Session:
    """Begin a conversation with publishers; their files come as they are, not packed on the way."""
    session = requests.Session()
    session.headers.update({"User-Agent": options.user_agent, "Accept-Encoding": "identity"})
    return session


def transfer(
    url: str,
    part: Path,
    *,
    known: Validators | None = None,
    report: Report | None = None,
    options: DownloadOptions,
) -> Transferred:
    """Bring a file over HTTP into ``part``, going on where an earlier transfer broke off.

    Parameters
    ----------
    part
        The unfinished file. ``<part>.json`` beside it says of which edition it is a part.
    known
        Validators of the edition that lies here already; where it is still the publisher's,
        nothing is transferred.

    Raises
    ------
    MissingFileError
        If the server does not have the file.
    DownloadError
        If it refuses, or as many attempts in a row as allowed bring nothing.
    NoSpaceError
        If the disk has not enough space for the rest.
    """
    failures, most = 0, _size(part)
    with open_session(options) as session:
        while True:
            try:
                return _attempt(session, url, part, known, report or _unseen, options)
            except _AgainError as error:
                trouble = error
            except _HOPELESS as error:
                raise DownloadError(f"{url}: cannot be asked for: {reason_of(error)}") from error
            except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
                trouble = _AgainError(reason_of(error))
            failures = 0 if _size(part) >= most + _GAIN else failures + 1
            most = max(most, _size(part))
            if failures >= options.attempts:
                raise DownloadError(_gave_up(url, part, trouble, failures)) from trouble
            pause = max(options.pause_seconds * 2 ** max(failures - 1, 0), trouble.wait_seconds)
            time.sleep(min(pause, options.longest_pause_seconds))


def refusal_of(url: str, status: int) -> DownloadError:
    """Say in words that a server answered with a status that no second attempt will change."""
    kind = MissingFileError if status in (404, 410) else DownloadError
    advice = _ADVICE.get(status, "Get the file by hand, or try once more another day")
    return kind(f"{url}: the server answers {status}. {advice}")


def is_passing(status: int) -> bool:
    """Whether a status tells of trouble that may pass."""
    return status in _AGAIN


def _attempt(
    session: requests.Session,
    url: str,
    part: Path,
    known: Validators | None,
    report: Report,
    options: DownloadOptions,
) -> Transferred:
    begun, total = _begun(part, url)
    offset = _size(part) if begun else 0
    if begun and offset == total:
        return Transferred(begun, was_resumed=True)
    headers = known.conditions() if known else {}
    if begun:
        headers = {"Range": f"bytes={offset}-", "If-Range": str(begun.for_range)}
    with session.get(url, headers=headers, stream=True, timeout=options.timeout) as response:
        if response.status_code == 304:
            return Transferred(Validators.of(response), is_unchanged=True)
        if begun and response.status_code in (206, 416) and not _goes_on(response, begun, offset):
            _forget(part)
            raise _AgainError("what lies here is no part of what the server has")
        _refuse(response, url)
        is_rest = response.status_code == 206
        if not is_rest:
            _forget(part)
            begun, offset, total = Validators.of(response), 0, _length(response)
            said = {"url": url, "total_bytes": total, **asdict(begun)}
            replace_text(_notes(part), json.dumps(said))
        _write(response, part, Progress(url, offset, total), report)
        return Transferred(begun or Validators(), was_resumed=is_rest)


def _write(response: requests.Response, part: Path, begin: Progress, report: Report) -> None:
    done, total = begin.done_bytes, begin.total_bytes
    free = shutil.disk_usage(part.parent).free
    if total is not None and total - done > free:
        raise NoSpaceError(
            f"{begin.url}: {(total - done) / 1e9:,.2f} GB are to come, and {part.parent} has "
            f"{free / 1e9:,.2f} GB left. Free some space and try once more"
        )
    with part.open("ab", buffering=0) as file:
        while block := response.raw.read1(_BLOCK, decode_content=False):
            file.write(block)
            done += len(block)
            report(Progress(begin.url, done, total))
        os.fsync(file.fileno())
    if total is not None and done != total:
        raise _AgainError(f"{done:,} of {total:,} bytes came")


def _length(response: requests.Response) -> int | None:
    said = response.headers.get("Content-Length", "")
    return int(said) if said.isdecimal() else None


def _goes_on(response: requests.Response, begun: Validators, offset: int) -> bool:
    """Whether what came is the rest of what lies here, and not of another edition."""
    sent = response.headers.get("Content-Range", "").removeprefix("bytes ")
    etag = response.headers.get("ETag")
    same = not (etag and begun.etag and etag != begun.etag)
    return response.status_code == 206 and same and sent.startswith(f"{offset}-")


def _refuse(response: requests.Response, url: str) -> None:
    status = response.status_code
    if is_passing(status):
        wait = response.headers.get("Retry-After", "")
        raise _AgainError(f"the server answers {status}", float(wait) if wait.isdecimal() else 0)
    if status not in (200, 206):
        raise refusal_of(url, status)
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    name = urlsplit(url).path.lower()
    if kind == "text/html" and not name.endswith((".html", ".htm")):
        raise DownloadError(
            f"{url}: a web page came instead of the file. Look at it in a browser: the publisher "
            "may have moved the file, or want a login"
        )
    packed = response.headers.get("Content-Encoding", "identity").lower()
    if packed != "identity" and not name.endswith((".gz", ".tgz")):
        raise DownloadError(
            f"{url}: the server packs the file as {packed} on its way, unasked; get it by hand"
        )


def _begun(part: Path, url: str) -> tuple[Validators | None, int | None]:
    """Return of which edition a part is, and how long that is; None where it cannot be resumed."""
    try:
        said: dict[str, Any] = json.loads(_notes(part).read_text(encoding="utf-8"))
        found = Validators(said["etag"], said["last_modified"])
        if said["url"] != url or not found.for_range or not _size(part):
            return None, None
        total = said["total_bytes"]
        return (found, total) if total is None or _size(part) <= total else (None, None)
    except (OSError, ValueError, KeyError, TypeError):
        return None, None


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _notes(part).unlink(missing_ok=True)


def _notes(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _unseen(_: Progress) -> None:
    """Tell nobody."""


def reason_of(error: Exception) -> str:
    """Say what is wrong without the objects that libraries put around it."""
    inner = error.args[0] if error.args and isinstance(error.args[0], Exception) else error
    reason = str(getattr(inner, "reason", None) or inner)
    return _CONNECTION.sub("", reason) or type(error).__name__


def _gave_up(url: str, part: Path, reason: Exception, attempts: int) -> str:
    kept = f" {_size(part):,} bytes are kept, and the next time goes on from there." * bool(
        _size(part)
    )
    return (
        f"{url}: {reason}; given up after {attempts} attempts that brought less than 1 MB.{kept} "
        "Try once more later, name a mirror in STEELYARD_MIRROR, or get the file by hand"
    )
