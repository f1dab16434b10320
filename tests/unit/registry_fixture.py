"""A registry of DOIs on this machine, which behaves as DataCite's REST API does."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

REPOSITORY, PASSWORD, PREFIX = "ORG.STEELYARD", "open sesame", "10.5072"
KIND = "application/vnd.api+json"


@dataclass
class DoiStub:
    """What is registered, what was asked, and what goes wrong.

    Parameters
    ----------
    faults
        One a request, in order: a status, or 0 to hang up after the request was carried out.
    """

    url: str = ""
    dois: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    faults: list[int | None] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """What a client needs to register there."""
        return {
            "STEELYARD_DOI_API": self.url,
            "STEELYARD_DOI_REPOSITORY": REPOSITORY,
            "STEELYARD_DOI_PASSWORD": PASSWORD,
            "STEELYARD_DOI_PREFIX": PREFIX,
            "STEELYARD_DOI_LANDING": "https://data.example.org/{target}/{version}/",
        }

    def answer(self, method: str, doi: str, said: dict[str, Any]) -> tuple[int, Any]:
        """Carry out a request."""
        if method == "POST":
            if said["doi"] in self.dois:
                return 422, refusal("This DOI has already been taken", "doi")
            if not said["doi"].startswith(f"{PREFIX}/"):
                return 403, refusal("You are not authorized to access this resource.")
            doi = said["doi"]
            self.dois[doi] = {"state": "draft"}
        elif doi not in self.dois:
            return 404, refusal("The resource you are looking for doesn't exist.")
        known = self.dois[doi]
        known |= {name: value for name, value in said.items() if name != "event"}
        if said.get("event") == "publish":
            lacking = {"titles", "creators", "publisher", "publicationYear", "url"} - set(known)
            if lacking:
                return 422, refusal("Can't be blank", sorted(lacking)[0])
            known["state"] = "findable"
        return (201 if method == "POST" else 200), {"data": {"id": doi, "attributes": known}}


def refusal(title: str, source: str | None = None) -> dict[str, Any]:
    return {"errors": [{"status": "4xx", "title": title} | ({"source": source} if source else {})]}


@contextmanager
def doi_registry() -> Iterator[DoiStub]:
    """Lend a registry in which nothing is registered."""
    stub = DoiStub()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def _handle(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            said = json.loads(self.rfile.read(length)) if length else {}
            stub.asked.append((self.command, self.path))
            stub.bodies.append(said)
            fault = stub.faults.pop(0) if stub.faults else None
            if fault:
                return self._say(fault, refusal("The server is out of order"))
            word = base64.b64encode(f"{REPOSITORY}:{PASSWORD}".encode()).decode()
            if self.headers.get("Authorization") != f"Basic {word}":
                return self._say(401, refusal("Bad credentials."))
            if length and self.headers.get("Content-Type") != KIND:
                return self._say(415, refusal("Unsupported media type"))
            attributes = said.get("data", {}).get("attributes", {})
            answer = stub.answer(self.command, self.path.removeprefix("/dois/"), attributes)
            if fault is None:
                self._say(*answer)
            return None

        do_GET = do_POST = do_PUT = _handle

        def _say(self, status: int, content: Any) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", KIND)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stub.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
