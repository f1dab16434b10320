"""The registry: one entry a raw file, with everything a reader needs to trust or replace it."""

import re
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from importlib import resources
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from steelyard.sources.surveys import expand, upcoming

Access = Literal["PUBLIC", "REGISTRATION", "SAFEGUARDED", "RESTRICTED"]
Door = Literal["demo", "package", "drop", "fetch"]
YEARS = {"survey_year", "income_year"}
OPTIONAL = {
    "delimiter", "encoding", "member", "layout", "dropped", "folder", "survey", "record",
    "is_wide",
} | YEARS  # fmt: skip


class RegistryError(ValueError):
    """An entry of the registry is missing, incomplete or wrong."""


@dataclass(frozen=True)
class Entry:
    """One raw file: who made it, under what terms, and through which door it comes.

    Parameters
    ----------
    name
        The entry's key, equal to its file name in the registry; `<survey>_<vintage>_<record>`
        where a survey's page lists many files.
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
        ``fetch``: downloaded from the publisher or a mirror; ``drop``: put by hand into
        ``drop/<name>/``, or into `folder` there.
    file
        The file's name: under the demo world or the mirror (``host/path``), in the package
        (``package:path``), or a glob in the folder where a person drops it.
    sha256
        Expected hash of the raw file, or None: recorded when first read, and held from then on.
    how_to_get
        What a person does when the file is not there.
    delimiter, encoding
        How the text is written.
    member
        Where the file is a zip: a regular expression for the base name of its one member.
    layout
        Where the text is of fixed width: a regular expression for the base name of the layout
        file (SPSS, Stata or SAS) that comes in the same zip, or lies beside the text.
    dropped
        Where the file can be fetched: a glob for what a person may drop instead; None is the
        publisher's own file name.
    folder
        The folder under ``drop/`` where a person puts the file; None is the entry's name.
    survey, record, survey_year, income_year
        Which crosswalk reads it, and for which vintage; None where the file stands alone.
    is_wide
        Whether only the columns of its crosswalk land, as a file of thousands needs.
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
    member: str | None = None
    layout: str | None = None
    dropped: str | None = None
    folder: str | None = None
    survey: str | None = None
    record: str | None = None
    survey_year: int | None = None
    income_year: int | None = None
    is_wide: bool = False


def parse_entry(name: str, text: str) -> Entry:
    """Read one entry from YAML.

    Raises
    ------
    RegistryError
        If a field is missing, unknown, or has a value that is not allowed.
    """
    return _entry(name, _mapping(name, text))


def parse_entries(name: str, text: str) -> list[Entry]:
    """Read a page of the registry: one file, or a survey's files, a vintage and record each.

    Raises
    ------
    RegistryError
        If a field is missing, unknown, or has a value that is not allowed.
    """
    raw = _mapping(name, text)
    if "files" not in raw:
        return [_entry(name, raw)]
    try:
        pages = expand(raw)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise RegistryError(f"registry entry {name!r}: a survey's page lacks {error}") from error
    return [_entry(str(page.pop("name")), page) for page in pages]


def _mapping(name: str, text: str) -> dict[str, Any]:
    where = f"registry entry {name!r}"
    try:
        raw: Any = yaml.load(text, yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise RegistryError(f"{where}: not YAML: {error}") from error
    if not isinstance(raw, dict):
        raise RegistryError(f"{where}: expected a mapping of fields, found {type(raw).__name__}")
    return raw


def _entry(name: str, raw: dict[str, Any]) -> Entry:
    where = f"registry entry {name!r}"
    known = {field.name for field in fields(Entry)} - {"name"}
    missing, unknown = sorted(known - OPTIONAL - raw.keys()), sorted(raw.keys() - known)
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
    if key in ("is_synthetic", "is_wide"):
        return "" if isinstance(value, bool) else "it is true or false"
    if key in YEARS:
        return "" if isinstance(value, int) else "it is a calendar year"
    if key == "sha256" and value is None:
        return ""
    if not isinstance(value, str) or not value:
        return "it is text; put it in quotes"
    if key == "sha256" and not re.fullmatch("[0-9a-f]{64}", value):
        return "it is 64 digits 0 to f, or null"
    return ""


def load_registry() -> dict[str, Entry]:
    """Read every entry shipped with the package, by name, in order of name.

    Raises
    ------
    RegistryError
        If an entry is wrong, or two have one name.
    """
    registry: dict[str, Entry] = {}
    for name, text in _pages():
        for entry in parse_entries(name, text):
            if entry.name in registry:
                raise RegistryError(f"registry entry {entry.name!r} is there twice")
            registry[entry.name] = entry
    return dict(sorted(registry.items()))


def load_upcoming() -> dict[str, Entry]:
    """Return the entries that the next vintage of each survey would have, by name.

    They are where a publisher's file is looked for before anybody has registered it. Only files
    that can be fetched, and whose URL says the vintage, have such.
    """
    known = load_registry()
    raw = [_mapping(name, text) for name, text in _pages()]
    entries = [
        _entry(str(fields.pop("name")), fields)
        for page in raw
        if "files" in page
        for fields in upcoming(page)
    ]
    return {
        entry.name: entry for entry in entries if entry.door == "fetch" and entry.name not in known
    }


def _pages() -> list[tuple[str, str]]:
    """Return name and text of each page of the registry, in order of name."""
    folder = resources.files("steelyard.sources") / "entries"
    pages = sorted((item for item in folder.iterdir() if item.name.endswith(".yml")), key=str)
    return [(page.name.removesuffix(".yml"), page.read_text(encoding="utf-8")) for page in pages]


def named(registry: dict[str, Entry], pattern: str) -> list[Entry]:
    """List the entries whose name matches a glob, earlier vintages first.

    Raises
    ------
    RegistryError
        If none does.
    """
    found = [entry for name, entry in registry.items() if fnmatchcase(name, pattern)]
    if not found:
        known = ", ".join(registry)
        raise RegistryError(f"source {pattern!r} is not registered; known are {known}")
    return sorted(found, key=lambda entry: (entry.survey_year or 0, entry.name))


def source_schemas(root: Path) -> list[str]:
    """List the dbt sources of a checkout, each of which is a schema of its tables."""
    pages = sorted((root / "models").rglob("*__sources.yml"))
    sources = [
        source
        for page in pages
        for source in yaml.load(page.read_text(encoding="utf-8"), yaml.CSafeLoader)["sources"]
    ]
    return sorted({str(source.get("schema", source["name"])) for source in sources})


def entries_of_target(root: Path, target: str) -> list[str]:
    """List the entries that a build may read, as the checkout's dbt sources name them.

    Raises
    ------
    RegistryError
        If no source names an entry for this target.
    """
    patterns: set[str] = set()
    targets: set[str] = set()
    for file in sorted((root / "models").rglob("*__sources.yml")):
        for source in yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)["sources"]:
            for table in source["tables"]:
                entries = table.get("config", {}).get("meta", {}).get("entries")
                if not isinstance(entries, dict):
                    continue
                targets |= entries.keys()
                chosen = entries.get(target, [])
                patterns |= {chosen} if isinstance(chosen, str) else set(chosen)
    if not patterns:
        known = ", ".join(sorted(targets)) or f"none; is {root} a checkout?"
        raise RegistryError(f"no source has an entry for target {target!r}; targets are {known}")
    registry = load_registry()
    names = {
        name
        for pattern in patterns
        for name in [e.name for e in registry.values() if fnmatchcase(e.name, pattern)] or [pattern]
    }
    return sorted(names)
