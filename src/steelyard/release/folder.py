"""The release folder: written aside, named by its content, moved into place in one step."""

import errno
import hashlib
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from steelyard.release import linked_data, standards
from steelyard.release.datasheet import datasheet
from steelyard.release.description import Release, describe, read_words
from steelyard.warehouse.checksum import sha256
from steelyard.warehouse.export import TableWords, export_parquet
from steelyard.warehouse.query import query_parquet
from steelyard.warehouse.views import write_views

SUMS = "SHA256SUMS"
MANIFEST = "manifest.json"
VIEWS = "steelyard.duckdb"
REPORT = ("report.html", "report.pdf")
#: What a build took, and what earlier builds here have seen, are told in a release and are no part
#: of its name: two who build the same give it the same name.
COSTS, HISTORY = "build_stage.parquet", "val_target_history.parquet"
UNNAMED = (COSTS, HISTORY)
#: What every reader of a manifest holds on to.
REQUIRED = ("version", "build_target", "income_year", "is_synthetic", "sources", "made", "files")
_SAID_OF_THE_WRITTEN = ("version", "made", "files")


class ReleaseError(RuntimeError):
    """A release is incomplete or altered, or may not be written; the message says why."""


def write_release(
    folder: Path,
    tables: Mapping[str, Any],
    manifest: dict[str, Any],
    resources: Mapping[str, Any] | None = None,
) -> tuple[Path, list[dict[str, Any]]]:
    """Write tables and manifest as a release and point ``latest`` at it.

    The release's name is the income year and a hash of what the tables hold and what they were
    made from, so identical inputs give the same release, and nothing is ever overwritten: where
    it stands already and is whole, it stays. ``dictionary`` says what tables mean, if it is there.

    Parameters
    ----------
    folder
        ``releases/<target>``.
    tables
        Name to DuckDB relation, each in the order in which it is written.
    manifest
        What it was made from; ``build_target``, ``income_year``, ``is_synthetic``,
        ``synthetic_sources`` and ``sources``, rows of `build_source`, are required.
    resources
        What the build took; told, and no part of the name, as the table ``build_stage``.

    Returns
    -------
    The release's folder, and one entry a file: name, rows, bytes, SHA-256.

    Raises
    ------
    ReleaseError
        If a source is not PUBLIC, a release of the same name is there and altered, or the disk
        is full; an earlier release stays as it is.
    """
    _refuse_closed_sources(manifest)
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder))
    try:
        words = read_words(tables)
        files = [_write_table(unfinished, name, made, words[name]) for name, made in tables.items()]
        version = version_of(files, manifest)
        final = folder / version
        if final.is_dir():
            files = verify(final)["files"]
        else:
            made = {"at": datetime.now(UTC).isoformat(timespec="seconds"), **(resources or {})}
            whole = {"version": version, **manifest, "made": made, "files": files}
            _write_about(unfinished, whole, words)
            _write_sums(unfinished)
            unfinished.chmod(0o755)
            unfinished.rename(final)
        point(folder / "latest", version)
        return final, files
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ReleaseError(_no_space(folder, unfinished)) from error
        raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def verify(release: Path) -> dict[str, Any]:
    """Check every file of a release against its checksums and return the manifest.

    Raises
    ------
    ReleaseError
        If a file is missing, altered or not listed: each is named, with both hashes.
    """
    sums, manifest = release / SUMS, release / MANIFEST
    if not sums.is_file() or not manifest.is_file():
        raise ReleaseError(
            f"{release} has no {SUMS} or no {MANIFEST}: it is not a whole release. "
            "Build again, or fetch it anew."
        )
    wrong = []
    listed = read_sums(release)
    for name, expected in listed.items():
        found = sha256(release / name) if (release / name).is_file() else "missing"
        if found != expected:
            wrong.append(f"{name}: expected {expected}, found {found}")
    strange = sorted({file.name for file in release.iterdir()} - {*listed, SUMS})
    wrong += [f"{name}: not listed in {SUMS}" for name in strange]
    if wrong:
        raise ReleaseError(
            f"{release}: {len(wrong)} files are not what was released: {'; '.join(wrong[:3])}. "
            "Delete the folder and build again, or fetch it anew."
        )
    return read_manifest(release)


def read_sums(release: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of a release, as its list says, unchecked.

    Raises
    ------
    ReleaseError
        If a line of the list is none.
    """
    sums = release / SUMS
    listed = {}
    for number, line in enumerate(sums.read_text(encoding="utf-8").splitlines(), start=1):
        expected, _, name = line.partition("  ")
        if not name or Path(name).name != name:
            raise ReleaseError(f"{sums}:{number}: {line!r} is no checksum and file name")
        listed[name] = expected
    return listed


def read_manifest(release: Path) -> dict[str, Any]:
    """Return the manifest of a release, unchecked but for what every reader needs.

    Raises
    ------
    ReleaseError
        If there is none, it is not JSON, or was written by a version with another manifest.
    """
    path = release / MANIFEST
    if not path.is_file():
        raise ReleaseError(f"{release} has no {MANIFEST}: it is not a release")
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ReleaseError(f"{path} is not JSON ({error}); fetch the release anew") from error
    missing = [key for key in REQUIRED if key not in manifest]
    if missing:
        raise ReleaseError(
            f"{path} says nothing of {', '.join(missing[:3])}: the release was written by another "
            "version of Steelyard. Build it again with this one, or read it with that one."
        )
    return manifest


def version_of(files: list[dict[str, Any]], manifest: Mapping[str, Any]) -> str:
    """Name a release by what it holds and what that was made from, never by when.

    Parameters
    ----------
    files
        One entry a table: name, rows, bytes, SHA-256.
    manifest
        Before it is written, or as read from a release: what only a written one says is left out.
    """
    named = [file for file in files if file["name"] not in UNNAMED]
    said = {key: manifest[key] for key in sorted(manifest) if key not in _SAID_OF_THE_WRITTEN}
    identity = json.dumps([named, said], sort_keys=True, default=str)
    return f"{manifest['income_year']}-{hashlib.sha256(identity.encode()).hexdigest()[:10]}"


def find_release(folder: Path, named: str) -> Path:
    """Return a release's folder by its path, or by its version in ``releases/<target>``.

    Raises
    ------
    ReleaseError
        If there is none.
    """
    found = Path(named) if Path(named).is_dir() else folder / named
    if not found.is_dir():
        known = sorted(file.name for file in folder.glob("2*") if file.is_dir())
        raise ReleaseError(
            f"there is no release {named}; {folder} has {', '.join(known) or 'none'}"
        )
    return found


def latest_release(folder: Path) -> Path:
    """Return the folder that ``latest`` points at.

    Raises
    ------
    ReleaseError
        If there is none yet.
    """
    pointer = folder / "latest"
    if not pointer.is_dir():
        raise ReleaseError(f"no release in {folder}; run `dbt build --target {folder.name}`")
    return pointer.resolve()


def _sweep(folder: Path) -> None:
    """Remove what a killed build left: the database lets one build of a target run at a time."""
    for left in folder.glob(".unfinished-*"):
        shutil.rmtree(left, ignore_errors=True)


def _write_table(folder: Path, name: str, table: Any, words: TableWords) -> dict[str, Any]:
    path = folder / f"{name}.parquet"
    rows = export_parquet(table, path, words)
    return {
        "name": path.name,
        "row_count": rows,
        "byte_count": path.stat().st_size,
        "sha256": sha256(path),
    }


def _write_about(folder: Path, manifest: dict[str, Any], words: dict[str, TableWords]) -> None:
    """Write what is said of the tables: manifest, views, report, and the standards' files."""
    _write_json(folder / MANIFEST, manifest)
    write_views(folder / VIEWS, words)
    _write_report(folder, manifest)
    _write_metadata(folder, describe(folder, manifest, words, (MANIFEST, VIEWS, *REPORT)))


def _write_report(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the validation report from the tables that lie in the folder."""
    # Whoever only reads releases does not wait for what draws charts.
    from steelyard.report.validation import validation_report  # noqa: PLC0415

    page, paper = validation_report(
        Release(manifest, (), ()).title,
        manifest,
        {file.stem for file in folder.glob("*.parquet")},
        partial(query_parquet, folder),
    )
    (folder / REPORT[0]).write_text(page, encoding="utf-8")
    (folder / REPORT[1]).write_bytes(paper)


def _write_metadata(folder: Path, release: Release) -> None:
    _write_json(folder / "datapackage.json", standards.datapackage(release))
    _write_json(folder / "croissant.json", linked_data.croissant(release))
    _write_json(folder / "ro-crate-metadata.json", linked_data.ro_crate(release))
    _write_json(folder / "dataset.jsonld", linked_data.dataset(release))
    _write_json(folder / "datacite.json", standards.datacite(release))
    (folder / "CITATION.cff").write_text(standards.citation(release), encoding="utf-8")
    (folder / "DATASHEET.md").write_text(datasheet(release), encoding="utf-8")


def _write_json(path: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, indent=2, default=str, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8")


def _no_space(folder: Path, unfinished: Path) -> str:
    written = sum(file.stat().st_size for file in unfinished.glob("*"))
    return (
        f"no space left in {folder} after {written / 1e6:,.1f} MB of the new release, which is "
        "removed again; earlier ones are as they were. Free some space and build again: what is "
        "in the build's cache is not computed anew."
    )


def _write_sums(folder: Path) -> None:
    files = sorted(file for file in folder.iterdir() if file.name != SUMS)
    lines = [f"{sha256(file)}  {file.name}\n" for file in files]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def point(pointer: Path, version: str) -> None:
    """Let a link lead to a release beside it, in one step: a reader finds the old or the new."""
    aside = pointer.with_name(f".{pointer.name}-{os.getpid()}-{threading.get_ident()}")
    aside.unlink(missing_ok=True)
    aside.symlink_to(version)
    aside.replace(pointer)


def _refuse_closed_sources(manifest: Mapping[str, Any]) -> None:
    closed = [
        f"{source['entry']} ({source['access_class']})"
        for source in manifest["sources"]
        if source["access_class"] != "PUBLIC"
    ]
    if closed:
        raise ReleaseError(
            f"{len(closed)} sources may not enter a release: {', '.join(closed[:3])}"
        )
