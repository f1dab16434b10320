"""A folder as a destination: a release is put together out of sight and moved in as a whole."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from steelyard.publish.place import OtherFileError, PublicationError, Went
from steelyard.release.folder import point
from steelyard.warehouse.checksum import sha256
from steelyard.warehouse.files import replace_text
from steelyard.warehouse.unfinished import NO_SPACE, locked

_BLOCK = 1 << 20
_PART = ".part"


class Folder:
    """A local folder, or one that is mounted.

    Parameters
    ----------
    root
        Made if absent.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def place(self, folder: str) -> "FolderPlace":
        """Return the place of a release."""
        return FolderPlace(self._root / folder)

    def pointed(self, target: str, name: str) -> str | None:
        """Return the version that a link leads to."""
        pointer = self._root / target / name
        return pointer.readlink().name if pointer.is_symlink() else None

    def point(self, target: str, name: str, version: str) -> None:
        """Let a link lead to a version."""
        pointer = self._root / target / name
        if pointer.exists() and not pointer.is_symlink():
            raise PublicationError(
                f"{pointer} is no link and is left alone: the release is published, and no pointer "
                "leads to it. Move that away and publish again"
            )
        with _told(pointer.parent):
            point(pointer, version)

    def read_text(self, path: str) -> str | None:
        """Read a small file."""
        file = self._root / path
        return file.read_text(encoding="utf-8") if file.is_file() else None

    def write_text(self, path: str, text: str) -> None:
        """Write or replace a small file."""
        with _told(self._root):
            replace_text(self._root / path, text)


class FolderPlace:
    """A release's folder, or the hidden one beside it in which it is put together.

    Parameters
    ----------
    final
        The release's folder.
    """

    def __init__(self, final: Path) -> None:
        self._final = final
        self._aside = final.with_name(f".publishing-{final.name}")

    @property
    def address(self) -> str:
        """Path of the release's folder."""
        return str(self._final)

    @property
    def is_hidden(self) -> bool:
        """Whether the release was not moved in yet."""
        return not self._final.is_dir()

    @property
    def _here(self) -> Path:
        return self._aside if self.is_hidden else self._final

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder above, so that publications go one after the other."""
        with _told(self._final.parent):
            self._final.parent.mkdir(parents=True, exist_ok=True)
        with locked(self._final.parent):
            yield

    def sizes(self) -> dict[str, int]:
        """Bytes of each file that was copied whole."""
        files = self._here.iterdir() if self._here.is_dir() else iter(())
        return {file.name: file.stat().st_size for file in files if file.suffix != _PART}

    def sha256(self, name: str) -> str:
        """Hash a copy."""
        return sha256(self._here / name)

    def create(self, name: str, source: Path, went: Went) -> None:
        """Copy a file: only a whole copy, which the disk says it has, gets its name."""
        copy = self._here / name
        if copy.exists():
            raise OtherFileError(f"{copy} is there already")
        part = copy.with_name(f".{name}{_PART}")
        try:
            self._here.mkdir(exist_ok=True)
            with source.open("rb") as original, part.open("wb") as sink:
                while block := original.read(_BLOCK):
                    sink.write(block)
                    went(len(block))
                sink.flush()
                os.fsync(sink.fileno())
            part.replace(copy)
        except OSError as error:
            part.unlink(missing_ok=True)
            if error.errno not in NO_SPACE:
                raise PublicationError(_refused(self._here, error)) from error
            if self.is_hidden:
                shutil.rmtree(self._aside, ignore_errors=True)
            raise PublicationError(
                f"no space left in {self._final.parent} for {name} "
                f"({source.stat().st_size / 1e6:,.1f} MB); what was copied of this release is "
                "removed again, nothing is published, and no pointer moved. Free some space and "
                "publish again"
            ) from error

    def remove(self, name: str) -> None:
        """Delete a copy."""
        (self._here / name).unlink(missing_ok=True)

    def finish(self) -> None:
        """Move the release in, in one step."""
        for part in self._here.glob(f".*{_PART}"):
            part.unlink()
        if self.is_hidden:
            with _told(self._final.parent):
                self._aside.chmod(0o755)
                self._aside.rename(self._final)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Say in words what the system refuses."""
    try:
        yield
    except OSError as error:
        raise PublicationError(_refused(folder, error)) from error


def _refused(folder: Path, error: OSError) -> str:
    return (
        f"{folder}: {error.strerror or error}. No pointer moved; make it a folder that you may "
        "write to, or name another"
    )
