"""What a publication asks of wherever it goes to."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from steelyard.release import ReleaseError

#: Called with the bytes that went since the last call; less than 0 where they go again.
Went = Callable[[int], None]


class PublicationError(ReleaseError):
    """A release cannot be published; the message says why, what stands, and what to do."""


class OtherFileError(PublicationError):
    """A file of the same name was put there by somebody else meanwhile."""


class Place(Protocol):
    """The place of one release at a destination: its files by name, none of them in folders."""

    @property
    def address(self) -> str:
        """Where it is, as a reader would look for it."""

    @property
    def is_hidden(self) -> bool:
        """Whether no reader sees it yet, so that what is wrong there may be replaced."""

    def held(self) -> AbstractContextManager[None]:
        """Prepare to write; a second publication to the same place waits where it can."""

    def sizes(self) -> dict[str, int]:
        """Bytes of each file that lies there whole."""

    def sha256(self, name: str) -> str:
        """Read a file back and hash it."""

    def create(self, name: str, source: Path, went: Went) -> None:
        """Put a file there, whole or not at all; one that is there is never overwritten.

        Raises
        ------
        OtherFileError
            If a file of that name is there already.
        """

    def remove(self, name: str) -> None:
        """Take away a file that this publication put there."""

    def finish(self) -> None:
        """Let readers see the release, all of whose files are there."""


class Destination(Protocol):
    """Where releases are published, ``<target>/<version>/`` each, with pointers beside them."""

    def place(self, folder: str) -> Place:
        """Return the place of the release in a folder such as ``demo/2022-0123456789``."""

    def pointed(self, target: str, name: str) -> str | None:
        """Return the version that a pointer leads to; None where there is no such pointer."""

    def point(self, target: str, name: str, version: str) -> None:
        """Let a pointer lead to a version, in one step."""

    def read_text(self, path: str) -> str | None:
        """Read a small file; None where it is not there."""

    def write_text(self, path: str, text: str) -> None:
        """Write or replace a small file that belongs to no release, in one step."""
