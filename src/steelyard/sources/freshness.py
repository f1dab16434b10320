"""What is new at the publishers: asked by conditional requests, without transferring a file."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import requests

from steelyard.sources.download import PATIENT, Downloaded, located, recorded
from steelyard.sources.transfer import DownloadOptions, Validators, open_session, reason_of

State = Literal["new", "changed", "unchanged", "gone", "unpublished", "unreachable", "not asked"]

_HOSTS_AT_ONCE = 4
#: So many silences in a row, and a host is not asked on.
_SILENCES = 2
#: Servers that do not like to be asked for headers alone answer so.
_NO_HEAD = (400, 403, 405, 501)
_THERE = (200, 206)
_GONE = (404, 410)


@dataclass(frozen=True)
class Question:
    """A file to ask about.

    Parameters
    ----------
    name
        What the answer is called.
    url
        The publisher's.
    destination
        Where the file lies, or would; None for a vintage that nobody has registered yet.
    """

    name: str
    url: str
    destination: Path | None = None


@dataclass(frozen=True)
class Freshness:
    """What a publisher says of a file.

    Parameters
    ----------
    name, url
        As asked.
    state
        ``new``: published, and not here; ``changed`` or ``unchanged`` since it came here;
        ``gone``: registered, and not published any more; ``unpublished``: a vintage that is not
        there yet; ``unreachable``: no answer; ``not asked``: a dry run.
    told
        By what it is known, or why it is not.
    """

    name: str
    url: str
    state: State
    told: str


@dataclass(frozen=True)
class _Edition:
    """What a server says of a file, without sending it."""

    status: int
    validators: Validators
    length: int | None
    is_page: bool


def check(
    questions: Sequence[Question],
    *,
    mirror: str | None = None,
    is_dry_run: bool = False,
    progress: Callable[[Freshness], None] | None = None,
    options: DownloadOptions = PATIENT,
) -> list[Freshness]:
    """Ask which files are new, changed, unchanged, gone or unreachable.

    Each URL is asked once: several hosts at a time, the files of one in turn. A host that keeps
    silent is not asked on.

    Parameters
    ----------
    questions
        The files.
    mirror
        An ``http`` address is asked in the publishers' place. A folder knows nothing of the
        publishers: then, as in a dry run, it is only told what would be asked.
    is_dry_run
        Ask nobody.
    progress
        Called with each answer as it comes, from several threads.
    options
        As whom to ask, and how long to wait; nothing is asked twice.

    Returns
    -------
    list of Freshness
        One a question, in their order.
    """
    by_url = {question.url: question for question in reversed(questions)}
    by_host: dict[str, list[tuple[Question, str]]] = {}
    for question in reversed(by_url.values()):
        place = located(question.url, mirror)
        if isinstance(place, str) and not is_dry_run:
            by_host.setdefault(urlsplit(place).netloc, []).append((question, place))

    def ask(asked: list[tuple[Question, str]]) -> dict[str, Freshness]:
        answers = {}
        for answer in _ask_host(asked, options):
            answers[answer.url] = answer
            if progress is not None:
                progress(answer)
        return answers

    with ThreadPoolExecutor(_HOSTS_AT_ONCE) as pool:
        told = {
            url: answer for host in pool.map(ask, by_host.values()) for url, answer in host.items()
        }
    return [
        Freshness(question.name, question.url, told[question.url].state, told[question.url].told)
        if question.url in told
        else _would_ask(question, located(question.url, mirror))
        for question in questions
    ]


def _ask_host(asked: list[tuple[Question, str]], options: DownloadOptions) -> Iterator[Freshness]:
    silences = 0
    with open_session(options) as session:
        for question, place in asked:
            here = _here(question)
            if silences == _SILENCES:
                told = f"{urlsplit(place).netloc} kept silent before"
                yield Freshness(question.name, question.url, "unreachable", told)
                continue
            try:
                edition = _ask(session, place, _known(here, place), options)
            except requests.RequestException as error:
                silences += 1
                yield Freshness(question.name, question.url, "unreachable", reason_of(error))
            else:
                silences = 0
                state, told = _compared(question, here, place, edition)
                yield Freshness(question.name, question.url, state, told)


def _ask(
    session: requests.Session, place: str, known: Validators, options: DownloadOptions
) -> _Edition:
    asked, wait = known.conditions(), options.timeout
    with session.head(place, headers=asked, timeout=wait, allow_redirects=True) as response:
        if response.status_code not in _NO_HEAD:
            return _edition(response)
    asked["Range"] = "bytes=0-0"
    with session.get(place, headers=asked, timeout=wait, stream=True) as response:
        return _edition(response)


def _edition(response: requests.Response) -> _Edition:
    total = response.headers.get("Content-Range", "").rpartition("/")[2]
    length = total if response.status_code == 206 else response.headers.get("Content-Length", "")
    kind = response.headers.get("Content-Type", "").lower()
    return _Edition(
        status=response.status_code,
        validators=Validators.of(response),
        length=int(length) if length.isdecimal() else None,
        is_page=kind.startswith("text/html"),
    )


def _here(question: Question) -> Downloaded | None:
    return recorded(question.destination) if question.destination is not None else None


def _known(here: Downloaded | None, place: str) -> Validators:
    """Return the validators that the same place gave for what lies here."""
    same = here is not None and here.retrieved_from == place
    return here.validators if here is not None and same else Validators()


def _compared(
    question: Question, here: Downloaded | None, place: str, now: _Edition
) -> tuple[State, str]:
    if now.status in _GONE or (now.status in _THERE and now.is_page):
        told = f"the server answers {now.status}" + " with a web page" * now.is_page
        return ("unpublished" if question.destination is None else "gone"), told
    if now.status == 304:
        return "unchanged", "the publisher says so"
    if now.status not in _THERE:
        return "unreachable", f"the server answers {now.status}"
    size = f"{now.length / 1e6:,.1f} MB" if now.length is not None else "of unknown size"
    edition = ", ".join(filter(None, [size, now.validators.last_modified]))
    if here is None:
        return "new", edition
    known = _known(here, place)
    same = _is_same(known, here.bytes, now)
    if not same:
        return "changed", f"{edition}; came here {here.retrieved_at}"
    return "unchanged", f"by its {same}"


def _is_same(known: Validators, length: int, now: _Edition) -> str:
    """Say by what an edition is the one known; empty if it is another.

    Servers behind one address may give one file several ETags; date and length together tell.
    """
    if known.etag and known.etag == now.validators.etag:
        return "ETag"
    is_as_long = now.length in (length, None)
    dates = (known.last_modified, now.validators.last_modified)
    if all(dates):
        return "date and length" * (dates[0] == dates[1] and is_as_long)
    if known.etag and now.validators.etag:
        return ""
    return "length alone" * (now.length == length)


def _would_ask(question: Question, place: str | Path) -> Freshness:
    if isinstance(place, Path):
        there = "is there" if place.is_file() else "is not there"
        told = f"a mirror's folder knows nothing of the publisher; {place} {there}"
        return Freshness(question.name, question.url, "not asked", told)
    here = _here(question)
    conditions = _known(here, place).conditions()
    told = ", ".join(f"{name}: {value}" for name, value in conditions.items())
    whether = told or ("whether it is there" if here is None else f"its length, {here.bytes:,}")
    return Freshness(question.name, question.url, "not asked", f"would ask {whether}")
