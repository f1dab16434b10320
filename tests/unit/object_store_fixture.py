"""An object store that speaks S3 on this machine, with the faults that real ones have."""

import io
import logging
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
import requests
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

Environ = dict[str, Any]
BUCKET = "figures"


@dataclass
class Store:
    """What the store was asked, and how it behaves.

    Parameters
    ----------
    faults
        Method and end of the path to what happens, once for each entry: ``drop`` closes the
        connection in the middle of what is sent, ``cut`` in the middle of the answer, ``alter``
        stores other bytes than were sent, ``unconditional`` knows no conditional writes, ``stall``
        takes half and no more, until the sender is gone.
    """

    url: str = ""
    faults: list[tuple[str, str, str]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    stalled: threading.Event = field(default_factory=threading.Event)
    is_left: threading.Event = field(default_factory=threading.Event)

    @property
    def environment(self) -> dict[str, str]:
        """What a client needs to find it."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "somebody",
            "AWS_SECRET_ACCESS_KEY": "something",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_MAX_ATTEMPTS": "2",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "none",
            "AWS_SHARED_CREDENTIALS_FILE": "none",
        }

    def client(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id="somebody",
            aws_secret_access_key="something",
            region_name="us-east-1",
        )

    def objects(self) -> dict[str, bytes]:
        """Every object of the bucket."""
        client = self.client()
        listed = client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return {
            found["Key"]: client.get_object(Bucket=BUCKET, Key=found["Key"])["Body"].read()
            for found in listed
        }

    def sent(self) -> list[str]:
        """Names of the objects that were put, in order, each as often as it was asked for."""
        return [path.rpartition("/")[2] for method, path in self.asked if method == "PUT"]

    def reset(self, *, knows: bool = True) -> None:
        """Forget all, make the bucket, and refuse unknown credentials from now on if asked to."""
        self.faults.clear()
        self.stalled.clear()
        self.is_left.clear()
        requests.post(f"{self.url}/moto-api/reset", timeout=10)
        requests.post(f"{self.url}/moto-api/reset-auth", data="inf" if knows else "0", timeout=10)
        if knows:
            self.client().create_bucket(Bucket=BUCKET)
        self.asked.clear()

    def fault(self, method: str, path: str) -> str:
        for told in self.faults:
            if method == told[0] and path.endswith(told[1]):
                self.faults.remove(told)
                return told[2]
        return ""


@contextmanager
def object_store() -> Iterator[Store]:
    """Lend a store; it is empty after `reset`."""
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    store = Store()
    inner = DomainDispatcherApplication(create_backend_app)

    def application(environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        store.asked.append((method, path))
        fault = store.fault(method, path)
        if fault == "stall":
            store.stalled.set()
            store.is_left.wait(60)
        return _behave(fault, inner, environ, start)

    server = make_server("127.0.0.1", 0, application, threaded=True)
    store.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield store
    finally:
        server.shutdown()


def _behave(fault: str, inner: Any, environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if fault in ("drop", "stall"):
        environ["wsgi.input"].read(length // 2)
        return _hang_up(environ, b"")
    if fault == "unconditional" and "HTTP_IF_NONE_MATCH" in environ:
        environ["wsgi.input"].read(length)
        start("501 Not Implemented", [("Content-Type", "application/xml")])
        return [b"<Error><Code>NotImplemented</Code><Message>no conditions</Message></Error>"]
    if fault == "alter":
        environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(length)[::-1])
        environ.pop("HTTP_X_AMZ_CHECKSUM_CRC32", None)
    answer = inner(environ, start)
    if fault == "cut":
        whole = b"".join(answer)
        return _hang_up(environ, whole[: len(whole) // 2])
    return answer


def _hang_up(environ: Environ, first: bytes) -> Iterator[bytes]:
    if first:
        yield first
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError
