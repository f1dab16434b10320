"""DataCite's REST API: a draft first, then the event that lets everybody find it.

https://support.datacite.org/docs/api-create-dois.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from steelyard import __version__
from steelyard.publish.doi import Registry
from steelyard.publish.place import PublicationError

Json = dict[str, Any]

_KIND = "application/vnd.api+json"
_TIMEOUT = (15, 60)
_PASSING = (429, 500, 502, 503, 504)
_AFTERWARDS = "The files are published as they were; run the same command again for the DOI"


@dataclass(frozen=True)
class Registered:
    """A DOI, what it is at the registry (``draft`` or ``findable``), and what was sent for that."""

    doi: str
    state: str
    sent: tuple[str, ...]


class DataCite:
    """A client of the registry.

    Parameters
    ----------
    registry
        Where, and as whom.
    pause_seconds
        Before the second attempt at what failed in passing; each further pause is twice as long.
    """

    def __init__(self, registry: Registry, *, pause_seconds: float = 1) -> None:
        self._root = registry.api.rstrip("/")
        self._session = requests.Session()
        self._session.auth = (registry.repository, registry.password)
        # No password of a ~/.netrc in the place of the one that was given.
        self._session.trust_env = False
        agent = f"steelyard/{__version__}"
        self._session.headers.update({"Accept": _KIND, "Content-Type": _KIND, "User-Agent": agent})
        # A repeated POST might find its own DOI taken; the next run finds it by GET.
        patience = Retry(
            total=4,
            backoff_factor=pause_seconds,
            status_forcelist=_PASSING,
            allowed_methods=("GET", "PUT"),
            raise_on_status=False,
        )
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=patience))

    def register(self, attributes: Mapping[str, Any], *, is_draft: bool) -> Registered:
        """Register a DOI, or find that it is registered; any number of times, with one result.

        Parameters
        ----------
        attributes
            Of the DOI, with ``doi``, ``url`` and ``version``.
        is_draft
            Leave a draft, which can be deleted.

        Raises
        ------
        PublicationError
            If the registry cannot be reached or refuses, or the DOI is another version's.
        """
        doi, sent = str(attributes["doi"]), []
        found = self._found(doi)
        if found is None:
            self._send("POST", "/dois", attributes)
            sent.append("draft")
        elif found["version"] != attributes["version"]:
            raise PublicationError(
                f"{doi} is registered for version {found['version']} and not for "
                f"{attributes['version']}: it is left alone. Use another prefix. {_AFTERWARDS}"
            )
        elif found["state"] != "findable" or found["url"] != attributes["url"]:
            self._send("PUT", f"/dois/{doi}", attributes)
            sent.append("metadata")
        is_found_by_all = found is not None and found["state"] == "findable"
        if not is_draft and not is_found_by_all:
            self._send("PUT", f"/dois/{doi}", {"event": "publish"})
            sent.append("publish")
        return Registered(doi, self._checked(attributes, is_draft=is_draft), tuple(sent))

    def _checked(self, attributes: Mapping[str, Any], *, is_draft: bool) -> str:
        """Read back what the registry has now."""
        found = self._found(attributes["doi"]) or {"state": "missing", "url": None}
        wanted = ("draft", "findable") if is_draft else ("findable",)
        if found["state"] not in wanted or found["url"] != attributes["url"]:
            raise PublicationError(
                f"{attributes['doi']} was sent, and the registry has it as {found['state']}, "
                f"leading to {found['url']}. {_AFTERWARDS}"
            )
        return str(found["state"])

    def _found(self, doi: str) -> Json | None:
        with self._explained():
            answer = self._session.get(f"{self._root}/dois/{doi}", timeout=_TIMEOUT)
            if answer.status_code == 404:
                return None
            self._refuse(answer)
            said = answer.json()["data"]["attributes"]
            return {name: said.get(name) for name in ("state", "url", "version")}

    def _send(self, method: str, path: str, attributes: Mapping[str, Any]) -> None:
        content: Json = {"data": {"type": "dois", "attributes": dict(attributes)}}
        with self._explained():
            address = f"{self._root}{path}"
            self._refuse(self._session.request(method, address, json=content, timeout=_TIMEOUT))

    def _refuse(self, answer: requests.Response) -> None:
        if answer.ok:
            return
        told = f"{self._root} answers {answer.status_code}: {_titles(answer)}"
        if answer.status_code in (401, 403):
            told += (
                ". It refuses STEELYARD_DOI_REPOSITORY with STEELYARD_DOI_PASSWORD, or the "
                "repository may not use STEELYARD_DOI_PREFIX"
            )
        raise PublicationError(f"{told}. {_AFTERWARDS}")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (requests.RequestException, KeyError, TypeError) as error:
            raise PublicationError(
                f"{self._root} cannot be reached, or what it answers cannot be read: {error!r}. "
                f"{_AFTERWARDS}"
            ) from error


def _titles(answer: requests.Response) -> str:
    """Say what the registry finds wrong, in its own words."""
    try:
        errors = answer.json()["errors"]
        return "; ".join(
            ": ".join(filter(None, (error.get("source"), error.get("title")))) for error in errors
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return answer.reason
