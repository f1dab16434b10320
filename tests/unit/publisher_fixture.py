"""A publisher's server on this machine, with the faults that real ones have."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from steelyard.sources.download import DownloadOptions

#: Patience for tests.
HASTY = DownloadOptions(
    connect_seconds=2, read_seconds=0.4, attempts=4, pause_seconds=0.01, longest_pause_seconds=0.05
)


@dataclass
class Publisher:
    """What the server has, how it behaves, and what it was asked.

    Parameters
    ----------
    files
        Path to content.
    faults
        One a request, in order: ``drop N`` sends N bytes and closes, ``status N`` answers so,
        ``hang`` sends nothing more after half, ``page`` sends a web page, ``long`` and ``short``
        say more or fewer bytes than are sent; ``-`` is none. None are left: all goes well.
    knows
        What the server can do: ``range``, ``etag``, ``date``, ``length``, ``head``, ``304``.
    etag_prefix
        ``W/`` makes ETags weak.
    """

    files: dict[str, bytes]
    faults: list[str] = field(default_factory=list)
    knows: set[str] = field(
        default_factory=lambda: {"range", "etag", "date", "length", "head", "304"}
    )
    etag_prefix: str = ""
    dates: dict[str, float] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    root: str = ""

    def url(self, path: str = "/survey.zip") -> str:
        return f"{self.root}{path}"

    def ranges(self) -> list[str | None]:
        return [headers.get("range") for _, _, headers in self.asked]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    publisher: Publisher

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        publisher = self.publisher
        headers = {name.lower(): value for name, value in self.headers.items()}
        publisher.asked.append((self.command, self.path, headers))
        fault, _, number = (publisher.faults.pop(0) if publisher.faults else "-").partition(" ")
        content = publisher.files.get(self.path)
        if fault == "status":
            self._say(int(number), b"", {"Retry-After": "0"})
        elif not with_body and "head" not in publisher.knows:
            self._say(405, b"", {})
        elif fault == "page":
            self._say(200, b"<html>log in</html>", {"Content-Type": "text/html"})
        elif content is None:
            self._say(404, b"not here", {"Content-Type": "text/html"})
        else:
            self._give(content, headers, f"{fault} {number}".strip(), with_body=with_body)

    def _give(
        self, content: bytes, headers: dict[str, str], behaviour: str, *, with_body: bool
    ) -> None:
        fault, _, number = behaviour.partition(" ")
        known = self._validators(content)
        if "304" in self.publisher.knows and self._is_known(headers, known):
            self._say(304, b"", known)
            return
        start = self._start(headers, known, content)
        if start is None:
            self._say(416, b"", {"Content-Range": f"bytes */{len(content)}"})
            return
        status = 206 if start >= 0 else 200
        body = content[max(start, 0) :]
        if status == 206:
            known["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self._send(status, body if with_body else b"", known, fault, int(number or 0), len(body))

    def _validators(self, content: bytes) -> dict[str, str]:
        publisher, found = self.publisher, {}
        if "etag" in publisher.knows:
            found["ETag"] = f'{publisher.etag_prefix}"{sha256(content).hexdigest()[:12]}"'
        if "date" in publisher.knows:
            found["Last-Modified"] = formatdate(publisher.dates.get(self.path, 1e9), usegmt=True)
        return found

    @staticmethod
    def _is_known(headers: dict[str, str], known: dict[str, str]) -> bool:
        if "if-none-match" in headers:
            return headers["if-none-match"] == known.get("ETag")
        return (
            "Last-Modified" in known and headers.get("if-modified-since") == known["Last-Modified"]
        )

    def _start(self, headers: dict[str, str], known: dict[str, str], content: bytes) -> int | None:
        """Return where the answer begins; -1 is all of it, None is no place in it."""
        asked, _, _ = headers.get("range", "").removeprefix("bytes=").partition("-")
        if not asked or "range" not in self.publisher.knows:
            return -1
        if headers.get("if-range") not in (None, *known.values()):
            return -1
        return int(asked) if int(asked) < len(content) else None

    def _send(
        self, status: int, body: bytes, headers: dict[str, str], fault: str, count: int, length: int
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        said = length + {"long": 10, "short": -10}.get(fault, 0)
        if "length" in self.publisher.knows:
            self.send_header("Content-Length", str(said))
        else:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        sent = body[: {"drop": count, "hang": len(body) // 2}.get(fault, len(body))]
        if "length" in self.publisher.knows:
            self.wfile.write(sent[:said])
        elif body:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(sent), sent))
            self.wfile.write(b"0\r\n\r\n" if fault == "-" else b"")
        self.wfile.flush()
        if fault == "hang":
            time.sleep(1)
        if fault in ("drop", "hang", "long"):
            self.close_connection = True

    def _say(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if self.command == "GET" else b"")


@contextmanager
def serving(files: dict[str, bytes] | None = None, *faults: str) -> Iterator[Publisher]:
    """Serve files until the block ends."""
    publisher = Publisher(files or {"/survey.zip": content()}, list(faults))
    handler = type("Handler", (_Handler,), {"publisher": publisher})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    publisher.root = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    try:
        yield publisher
    finally:
        server.shutdown()
        server.server_close()


def content(size: int = 700_000, seed: int = 0) -> bytes:
    """Bytes of which no two stretches are alike."""
    return b"".join(sha256(b"%d %d" % (seed, number)).digest() for number in range(size // 32))
