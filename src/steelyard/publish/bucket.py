"""A bucket of an S3-compatible object store as a destination, through boto3."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any

import boto3
import urllib3
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import BotoCoreError, ClientError

from steelyard.publish.bucket_faults import code_of, explained
from steelyard.publish.place import OtherFileError, PublicationError, Went

#: Larger files go in parts, of which each is sent again alone when it breaks off. Ten parts lie in
#: memory at once.
_TRANSFER = TransferConfig(
    multipart_threshold=64 << 20, multipart_chunksize=16 << 20, max_concurrency=4
)
_READINGS = 3
_BLOCK = 1 << 20
_FAULTS = (Boto3Error, BotoCoreError, ClientError, urllib3.exceptions.HTTPError)
_SUFFIX = ".json"
_KINDS = {
    ".cff": "application/yaml",
    ".duckdb": "application/vnd.duckdb",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".md": "text/markdown; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    "": "text/plain; charset=utf-8",
}


class Bucket:
    """Releases under a prefix of a bucket; a pointer is a small object, replaced as a whole.

    Parameters
    ----------
    name, prefix
        Of the bucket, and of all keys in it; no prefix is the empty text.
    transfer
        How large files are cut.
    """

    def __init__(self, name: str, prefix: str, transfer: TransferConfig = _TRANSFER) -> None:
        self.name, self._prefix, self.transfer = name, prefix, transfer
        with explained(self.address):
            # Not the library's own session, which keeps credentials that are no longer meant.
            self.session = boto3.session.Session()
            self.client = self.session.client("s3")

    @property
    def address(self) -> str:
        """The bucket with its prefix, as one writes it."""
        return f"s3://{'/'.join(filter(None, (self.name, self._prefix)))}"

    def key(self, path: str) -> str:
        """Return the key of a path below the prefix."""
        return str(PurePosixPath(self._prefix, path))

    def place(self, folder: str) -> "BucketPlace":
        """Return the place of a release."""
        return BucketPlace(self, folder)

    def pointed(self, target: str, name: str) -> str | None:
        """Return the version that a pointer object names."""
        path = f"{target}/{name}{_SUFFIX}"
        text = self.read_text(path)
        if text is None:
            return None
        try:
            return str(json.loads(text)["version"])
        except (ValueError, KeyError, TypeError) as error:
            raise PublicationError(
                f"s3://{self.name}/{self.key(path)} is no pointer ({error!r}): it is left alone. "
                "Look who wrote it, delete it and publish again"
            ) from error

    def point(self, target: str, name: str, version: str) -> None:
        """Replace a pointer object."""
        said = {"version": version, "path": f"{version}/"}
        self.write_text(f"{target}/{name}{_SUFFIX}", json.dumps(said, indent=2) + "\n")

    def read_text(self, path: str) -> str | None:
        """Read a small object."""
        with explained(self.address):
            try:
                found = self.client.get_object(Bucket=self.name, Key=self.key(path))
                return str(found["Body"].read().decode("utf-8"))
            except ClientError as error:
                if code_of(error) == "NoSuchKey":
                    return None
                raise

    def write_text(self, path: str, text: str) -> None:
        """Write or replace a small object that readers ask for anew each time."""
        with explained(self.address):
            self.client.put_object(
                Bucket=self.name,
                Key=self.key(path),
                Body=text.encode(),
                ContentType=_KINDS[_SUFFIX],
                CacheControl="no-cache",
            )


class BucketPlace:
    """The objects of one release; it is whole once its list of checksums, sent last, is there.

    Parameters
    ----------
    bucket
        Where.
    folder
        Of the release, below the bucket's prefix.
    """

    def __init__(self, bucket: Bucket, folder: str) -> None:
        self._bucket = bucket
        # A client of its own: whatever it writes is new.
        self._client = bucket.session.client("s3")
        self._start = f"{bucket.key(folder)}/"
        events = self._client.meta.events
        for request in ("PutObject", "CompleteMultipartUpload"):
            events.register(f"provide-client-params.s3.{request}", self._only_if_new)
        self._is_condition_known = True

    @property
    def address(self) -> str:
        """The release's folder, as one writes it."""
        return f"s3://{self._bucket.name}/{self._start.rstrip('/')}"

    @property
    def is_hidden(self) -> bool:
        """Say that every object is seen from the moment it is there."""
        return False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Throw away the parts of objects that a killed publication left unseen and unfinished."""
        with suppress(*_FAULTS):
            # Who may not list them has none, or a rule of the bucket's that removes them.
            for upload in self._client.list_multipart_uploads(
                Bucket=self._bucket.name, Prefix=self._start
            ).get("Uploads", []):
                self._client.abort_multipart_upload(
                    Bucket=self._bucket.name, Key=upload["Key"], UploadId=upload["UploadId"]
                )
        yield

    def sizes(self) -> dict[str, int]:
        """Bytes of each object."""
        with explained(self._bucket.address):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket.name, Prefix=self._start
            )
            return {
                found["Key"].removeprefix(self._start): int(found["Size"])
                for page in pages
                for found in page.get("Contents", [])
            }

    def sha256(self, name: str) -> str:
        """Read an object and hash it; a connection that breaks off is tried again."""
        with explained(self._bucket.address):
            for _ in range(_READINGS - 1):
                with suppress(BotoCoreError, urllib3.exceptions.HTTPError):
                    return self._hashed(name)
            return self._hashed(name)

    def create(self, name: str, source: Path, went: Went) -> None:
        """Send a file; the store itself refuses to overwrite one, where it knows the condition."""
        extra = {
            "ContentType": _KINDS.get(source.suffix, "application/octet-stream"),
            "CacheControl": "public, max-age=31536000, immutable",
        }
        with explained(self._bucket.address):
            try:
                self._send(name, source, went, extra)
            except ClientError as error:
                if code_of(error) in ("PreconditionFailed", "ConditionalRequestConflict"):
                    raise OtherFileError(f"{self.address}/{name} is there already") from error
                if code_of(error) != "NotImplemented" or not self._is_condition_known:
                    raise
                self._is_condition_known = False
                self._send(name, source, went, extra)

    def remove(self, name: str) -> None:
        """Delete an object."""
        with explained(self._bucket.address):
            self._client.delete_object(**self._object(name))

    def finish(self) -> None:
        """Do nothing: the list of checksums was sent last."""

    def _send(self, name: str, source: Path, went: Went, extra: dict[str, str]) -> None:
        with source.open("rb") as file:
            self._client.upload_fileobj(
                file,
                **self._object(name),
                ExtraArgs=extra,
                Callback=went,
                Config=self._bucket.transfer,
            )

    def _hashed(self, name: str) -> str:
        found = hashlib.sha256()
        for block in self._client.get_object(**self._object(name))["Body"].iter_chunks(_BLOCK):
            found.update(block)
        return found.hexdigest()

    def _only_if_new(self, params: dict[str, Any], **_: Any) -> None:
        if self._is_condition_known:
            params["IfNoneMatch"] = "*"

    def _object(self, name: str) -> dict[str, str]:
        return {"Bucket": self._bucket.name, "Key": f"{self._start}{name}"}
