"""Files of a demo world, found and read as a person would."""

import zipfile
from io import BytesIO
from pathlib import Path


def member(world: Path, name: str) -> BytesIO:
    """The content of a file, wherever it lies in the world: in a zip or by itself."""
    for path in sorted(world.rglob("*")):
        if path.name == name:
            return BytesIO(path.read_bytes())
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                if name in archive.namelist():
                    return BytesIO(archive.read(name))
    raise FileNotFoundError(f"{name} is nowhere in {world}")
