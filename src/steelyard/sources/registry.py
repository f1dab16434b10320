"""The registry: one entry a raw file, with everything a reader needs to trust or replace it."""

import re
from dataclasses import dataclass, fields
from importlib import resources
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

Access = Literal["PUBLIC", "REGISTRATION", "SAFEGUARDED", "RESTRICTED"]
Door = Literal["demo", "package", "drop"]


class RegistryError(ValueError):
    """An entry of the registry is missing, incomplete or wrong."""


@dataclass(frozen=True)
class Entry:
    """One raw file: who made it, under what terms, and through which door it comes.

    Parameters
    ----------
    name
        The entry's key, equal to its file name in the registry.
    title, producer, url, landing_page, licence
        The citation, and where a person reads more.
    access_class
        PUBLIC files alone may enter a release.
    vintage
        The producer's edition, as text.
    is_synthetic
        Whether the records are made up; a release with such a source says so everywhere.
    dataset_id
        The survey and income year of the records, part of every key.
    door
        ``demo``: written by the demo world; ``package``: shipped inside an installed package;
        ``drop``: put by hand into ``drop/<name>/``.
    file
        The file's name: in the demo world, in the package (``package:path``), or a glob.
    sha256
        Expected hash of the raw file, or None: recorded when first read, and held from then on.
    delimiter, encoding
        How the text is written.
    how_to_get
        What a person does when the file is not there.
    """

    name: str
    title: str
    producer: str
    url: str
    landing_page: str
    licence: str
    access_class: Access
    vintage: str
    is_synthetic: bool
    dataset_id: str
    door: Door
    file: str
    sha256: str | None
    how_to_get: str
    delimiter: str = ","
    encoding: str = "utf-8"


def parse_entry(name: str, text: str) -> Entry:
    """Read one entry from YAML.

    Raises
    ------
    RegistryError
        If a field is missing, unknown, or has a value that is not allowed.
    """
    where = f"registry entry {name!r}"
    try:
        raw: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise RegistryError(f"{where}: not YAML: {error}") from error
    if not isinstance(raw, dict):
        raise RegistryError(f"{where}: expected a mapping of fields, found {type(raw).__name__}")
    known = {field.name for field in fields(Entry)} - {"name"}
    required = known - {"delimiter", "encoding"}
    missing, unknown = sorted(required - raw.keys()), sorted(raw.keys() - known)
    if missing or unknown:
        raise RegistryError(f"{where}: missing fields {missing}, unknown fields {unknown}")
    for key, kind in (("access_class", Access), ("door", Door)):
        if raw[key] not in get_args(kind):
            raise RegistryError(f"{where}: {key} is {raw[key]!r}, allowed are {get_args(kind)}")
    for key, value in raw.items():
        if problem := _problem(key, value):
            raise RegistryError(f"{where}: {key} is {value!r}, {problem}")
    return Entry(name=name, **raw)


def _problem(key: str, value: Any) -> str:
    if key == "is_synthetic":
        return "" if isinstance(value, bool) else "it is true or false"
    if key == "sha256" and value is None:
        return ""
    if not isinstance(value, str) or not value:
        return "it is text; put it in quotes"
    if key == "sha256" and not re.fullmatch("[0-9a-f]{64}", value):
        return "it is 64 digits 0 to f, or null"
    return ""


def load_registry() -> dict[str, Entry]:
    """Read every entry shipped with the package, by name, in order of name."""
    folder = resources.files("steelyard.sources") / "entries"
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".yml")), key=str)
    names = [item.name.removesuffix(".yml") for item in files]
    return {
        name: parse_entry(name, item.read_text(encoding="utf-8"))
        for name, item in zip(names, files, strict=True)
    }


def entries_of_target(root: Path, target: str) -> list[str]:
    """List the entries that a build may read, as the checkout's dbt sources name them.

    Raises
    ------
    RegistryError
        If no source names an entry for this target.
    """
    names: set[str] = set()
    targets: set[str] = set()
    for file in sorted((root / "models").rglob("*__sources.yml")):
        for source in yaml.safe_load(file.read_text(encoding="utf-8"))["sources"]:
            for table in source["tables"]:
                entries = table.get("config", {}).get("meta", {}).get("entries")
                if not isinstance(entries, dict):
                    continue
                targets |= entries.keys()
                chosen = entries.get(target, [])
                names |= {chosen} if isinstance(chosen, str) else set(chosen)
    if not names:
        known = ", ".join(sorted(targets)) or f"none; is {root} a checkout?"
        raise RegistryError(f"no source has an entry for target {target!r}; targets are {known}")
    return sorted(names)
