"""The doors: how a registered file comes to lie on this disk."""

import logging
import os
import shutil
import tempfile
import threading
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

from steelyard.sources.demo import GENERATOR_VERSION, write_survey
from steelyard.sources.download import (
    PATIENT,
    Downloaded,
    DownloadError,
    DownloadOptions,
    MissingFileError,
    Report,
    at_hand,
    download,
    located,
)
from steelyard.sources.registry import Entry
from steelyard.sources.surveys import address

log = logging.getLogger(__name__)

# dbt reads sources in several threads; a survey is written once.
_writing_the_survey = threading.Lock()


class SourceError(RuntimeError):
    """A raw file is missing, truncated or altered; the message says which and what to do."""


@dataclass(frozen=True)
class DemoWorld:
    """Size and seed of the demo world.

    Parameters
    ----------
    households
        Households in the synthetic CPS ASEC of the base year; other surveys follow from it.
    seed
        Seed of the world; another seed is another population.
    """

    households: int = 5000
    seed: int = 2022


@dataclass(frozen=True)
class Doors:
    """Finds or makes the raw file of an entry.

    Parameters
    ----------
    root
        The checkout; files dropped by hand lie in ``<root>/drop/<entry>/``, or in
        ``$STEELYARD_DROP/<entry>/`` where that variable is set.
    cache
        Folder for what is made here.
    demo
        Size and seed of the demo world.
    progress
        Told how far a transfer is.
    """

    root: Path
    cache: Path
    demo: DemoWorld = DemoWorld()
    progress: Report | None = None

    def get(self, entry: Entry) -> Path | None:
        """Return the raw file's path, fetched where it can be; None where a person has to get it.

        Raises
        ------
        SourceError
            As `find`; and if a file that is published, or in the mirror, cannot be had.
        """
        found = self.find(entry)
        if found is not None or entry.door != "fetch":
            return found
        if isinstance(located(entry.url, self.mirror), Path):
            # A folder is all there is: what it lacks is not sought at the publishers.
            return None
        try:
            return self.fetch(entry).path
        except MissingFileError as error:
            log.warning("%s: %s", entry.name, error)
            return None
        except DownloadError as error:
            raise SourceError(f"{entry.name}: {error}. {entry.how_to_get}") from error

    def find(self, entry: Entry) -> Path | None:
        """Return the raw file's path, or None where it is not at hand; nothing is fetched.

        Raises
        ------
        SourceError
            If a package that ships the file is not installed, or two files match.
        """
        if entry.door == "demo":
            return self._demo(entry)
        if entry.door == "package":
            package, _, path = entry.file.partition(":")
            try:
                return Path(str(resources.files(package) / path))
            except ModuleNotFoundError as error:
                raise SourceError(f"{entry.name}: {error}; {entry.how_to_get}") from error
        if entry.door == "drop":
            return self._dropped(entry, entry.file)
        dropped = self._dropped(entry, entry.dropped or Path(entry.file).name)
        return dropped or self._mirrored(entry) or self._fetched(entry)

    def fetch(self, entry: Entry, options: DownloadOptions | None = None) -> Downloaded:
        """Bring the file of an entry here, from its publisher or ``$STEELYARD_MIRROR``.

        Parameters
        ----------
        options
            As whom, and how patiently, to ask; by default as ``$STEELYARD_USER_AGENT`` says.

        Raises
        ------
        DownloadError
            If it cannot be had.
        """
        return download(
            entry.url,
            self.destination(entry),
            sha256=entry.sha256,
            mirror=self.mirror,
            progress=self.progress,
            options=options or asking(),
        )

    def destination(self, entry: Entry) -> Path:
        """Where the file of an entry lies once it is fetched.

        The folder, ``<root>/fetched`` or ``$STEELYARD_FETCHED``, is laid out as a mirror.
        """
        base = os.environ.get("STEELYARD_FETCHED")
        return (Path(base) if base else self.root / "fetched") / address(entry.url)

    @property
    def landed(self) -> Path:
        """Where files lie as Parquet once they are read."""
        return self.cache / "landed"

    @property
    def mirror(self) -> str | None:
        """Where files are fetched from instead of from their publishers."""
        return os.environ.get("STEELYARD_MIRROR") or None

    def drop_folder(self, entry: Entry) -> Path:
        """Where a person puts the file of an entry."""
        base = os.environ.get("STEELYARD_DROP")
        return (Path(base) if base else self.root / "drop") / (entry.folder or entry.name)

    def _dropped(self, entry: Entry, pattern: str) -> Path | None:
        folder = self.drop_folder(entry)
        found = sorted(folder.glob(pattern)) if folder.is_dir() else []
        if len(found) > 1:
            names = ", ".join(path.name for path in found[:3])
            raise SourceError(
                f"{entry.name}: {len(found)} files match {pattern} in {folder} "
                f"({names}); leave one there"
            )
        return found[0] if found else None

    def _mirrored(self, entry: Entry) -> Path | None:
        place = located(entry.url, self.mirror)
        return place if isinstance(place, Path) and place.is_file() else None

    def _fetched(self, entry: Entry) -> Path | None:
        here = at_hand(entry.url, self.destination(entry), self.mirror)
        return here.path if here is not None else None

    @property
    def _world(self) -> Path:
        return self.cache / f"demo-{GENERATOR_VERSION}-{self.demo.households}-{self.demo.seed}"

    def _demo(self, entry: Entry) -> Path:
        path = self._world / entry.file
        with _writing_the_survey:
            if not path.is_file():
                self._write(entry)
        if not path.is_file():
            raise SourceError(
                f"{entry.name}: the demo world writes {entry.survey} of {entry.vintage} without "
                f"{entry.file}; the registry's url and the writer must agree"
            )
        return path

    def _write(self, entry: Entry) -> None:
        """Write a survey aside, then put each file in place; a second writer writes the same."""
        self.cache.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=".demo-", dir=self.cache))
        try:
            for path in write_survey(
                unfinished,
                str(entry.survey),
                int(entry.vintage),
                households=self.demo.households,
                seed=self.demo.seed,
            ):
                place = self._world / path.relative_to(unfinished)
                place.parent.mkdir(parents=True, exist_ok=True)
                path.replace(place)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


def asking(*, is_refreshing: bool = False) -> DownloadOptions:
    """Return as whom, and how patiently, publishers are asked here."""
    agent = os.environ.get("STEELYARD_USER_AGENT") or PATIENT.user_agent
    return replace(PATIENT, user_agent=agent, is_refreshing=is_refreshing)
