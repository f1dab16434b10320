"""The destination behind an address."""

from pathlib import Path
from urllib.parse import urlsplit

from steelyard.publish.folder import Folder
from steelyard.publish.place import Destination, PublicationError

__all__ = ["Destination", "PublicationError", "open_destination"]


def open_destination(address: str) -> Destination:
    """Return the destination that an address names; nothing is asked of it yet.

    Parameters
    ----------
    address
        A folder, or ``s3://bucket/prefix``. Endpoint, region and credentials of an object store
        are read from the environment and files that every tool of Amazon's reads
        (``AWS_ENDPOINT_URL``, ``AWS_ACCESS_KEY_ID``, ``AWS_PROFILE`` ...).

    Raises
    ------
    PublicationError
        If it is neither.
    """
    parts = urlsplit(address)
    if parts.scheme == "s3":
        if not parts.netloc:
            raise PublicationError(f"{address} names no bucket; write s3://bucket/prefix")
        # Its client takes a second to import, which no other command need wait for.
        from steelyard.publish.bucket import Bucket  # noqa: PLC0415

        return Bucket(parts.netloc, parts.path.strip("/"))
    if "://" in address:
        raise PublicationError(
            f"{address}: releases are published to a folder or to s3://bucket/prefix. Other object "
            "stores speak S3, too: set AWS_ENDPOINT_URL"
        )
    return Folder(Path(address))
