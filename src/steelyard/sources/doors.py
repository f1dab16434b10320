"""The doors: how a registered file comes to lie on this disk."""

import hashlib
import os
import shutil
import tempfile
import threading
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from steelyard.sources.demo import GENERATOR_VERSION, write_world
from steelyard.sources.registry import Entry

# dbt reads sources in several threads; the world is made once.
_making_the_world = threading.Lock()


class SourceError(RuntimeError):
    """A raw file is missing, truncated or altered; the message says which and what to do."""


@dataclass(frozen=True)
class DemoWorld:
    """Size and seed of the demo world.

    Parameters
    ----------
    households
        Households in the synthetic CPS ASEC file; families of the SCF file follow from it.
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
    """

    root: Path
    cache: Path
    demo: DemoWorld = DemoWorld()

    def find(self, entry: Entry) -> Path | None:
        """Return the raw file's path, or None where it has to be put there by hand and is not.

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
        return self._dropped(entry)

    def drop_folder(self, entry: Entry) -> Path:
        """Where a person puts the file of an entry."""
        base = os.environ.get("STEELYARD_DROP")
        return (Path(base) if base else self.root / "drop") / entry.name

    def _dropped(self, entry: Entry) -> Path | None:
        folder = self.drop_folder(entry)
        found = sorted(folder.glob(entry.file)) if folder.is_dir() else []
        if len(found) > 1:
            names = ", ".join(path.name for path in found[:3])
            raise SourceError(
                f"{entry.name}: {len(found)} files match {entry.file} in {folder} "
                f"({names}); leave one there"
            )
        return found[0] if found else None

    def _demo(self, entry: Entry) -> Path:
        world = self.cache / (f"demo-{GENERATOR_VERSION}-{self.demo.households}-{self.demo.seed}")
        with _making_the_world:
            if not world.is_dir():
                self._make(world)
        path = world / entry.file
        if not path.is_file():
            raise SourceError(f"{entry.name}: {path} is gone; delete {world} to make it again")
        return path

    def _make(self, world: Path) -> None:
        self.cache.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=".demo-", dir=self.cache))
        try:
            write_world(unfinished, households=self.demo.households, seed=self.demo.seed)
            unfinished.rename(world)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            # Another process may have finished the same world meanwhile.
            if not world.is_dir():
                raise


def sha256(path: Path) -> str:
    """Hash a file's bytes, reading 1 MiB at a time."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
