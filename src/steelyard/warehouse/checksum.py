"""The checksum by which files are known; it needs nothing else of the package."""

import hashlib
from pathlib import Path


def sha256(path: Path) -> str:
    """Hash a file's bytes, without holding them in memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
