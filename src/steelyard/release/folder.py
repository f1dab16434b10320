"""The release folder: written aside, named by its content, moved into place in one step."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from steelyard.sources.doors import sha256
from steelyard.warehouse.export import export_parquet

SUMS = "SHA256SUMS"
MANIFEST = "manifest.json"


class ReleaseError(RuntimeError):
    """A release is incomplete or altered, or may not be written; the message says why."""


def write_release(
    folder: Path, tables: Mapping[str, Any], manifest: dict[str, Any]
) -> tuple[Path, list[dict[str, Any]]]:
    """Write tables and manifest as a release and point ``latest`` at it.

    The release's name is the income year and a hash of what the tables hold and what they were
    made from, so identical inputs give the same release, and nothing is ever overwritten: where
    it stands already and is whole, it stays as it is.

    Parameters
    ----------
    folder
        ``releases/<target>``.
    tables
        Name to DuckDB relation, each in the order in which it is written.
    manifest
        What the release was made from; ``income_year`` and ``sources`` are required.

    Returns
    -------
    The release's folder, and one entry a file: name, rows, bytes, SHA-256.

    Raises
    ------
    ReleaseError
        If a source is not PUBLIC, or a release of the same name is there and altered.
    """
    _refuse_closed_sources(manifest)
    folder.mkdir(parents=True, exist_ok=True)
    # What a killed build left: the build database lets one build of a target run at a time.
    for left in folder.glob(".unfinished-*"):
        shutil.rmtree(left, ignore_errors=True)
    unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder))
    try:
        files = [_write_table(unfinished, name, table) for name, table in tables.items()]
        identity = json.dumps(
            [files, {key: manifest[key] for key in sorted(manifest) if key != "made"}],
            sort_keys=True,
            default=str,
        )
        version = f"{manifest['income_year']}-{hashlib.sha256(identity.encode()).hexdigest()[:10]}"
        final = folder / version
        if final.is_dir():
            verify(final)
        else:
            made = {"made": {"at": datetime.now(UTC).isoformat(timespec="seconds")}}
            whole = {"version": version, **manifest, **made, "files": files}
            text = json.dumps(whole, indent=2, default=str) + "\n"
            (unfinished / MANIFEST).write_text(text, encoding="utf-8")
            _write_sums(unfinished)
            unfinished.chmod(0o755)
            unfinished.rename(final)
        _point(folder / "latest", version)
        return final, files
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
        raise ReleaseError(f"{release} has no {SUMS} or no {MANIFEST}: it is not a whole release")
    wrong = []
    listed = set()
    for number, line in enumerate(sums.read_text(encoding="utf-8").splitlines(), start=1):
        expected, _, name = line.partition("  ")
        if not name:
            raise ReleaseError(f"{sums}:{number}: {line!r} is no checksum and file name")
        listed.add(name)
        found = sha256(release / name) if (release / name).is_file() else "missing"
        if found != expected:
            wrong.append(f"{name}: expected {expected}, found {found}")
    strange = sorted({file.name for file in release.iterdir()} - listed - {SUMS})
    wrong += [f"{name}: not listed in {SUMS}" for name in strange]
    if wrong:
        raise ReleaseError(
            f"{release}: {len(wrong)} files are not what was released: {'; '.join(wrong[:3])}. "
            "Delete the folder and build again, or fetch it anew."
        )
    checked: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))
    return checked


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


def _write_table(folder: Path, name: str, table: Any) -> dict[str, Any]:
    path = folder / f"{name}.parquet"
    rows = export_parquet(table, path)
    return {
        "name": path.name,
        "row_count": rows,
        "byte_count": path.stat().st_size,
        "sha256": sha256(path),
    }


def _write_sums(folder: Path) -> None:
    files = sorted(file for file in folder.iterdir() if file.name != SUMS)
    lines = [f"{sha256(file)}  {file.name}\n" for file in files]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def _point(pointer: Path, version: str) -> None:
    aside = pointer.with_name(f".{pointer.name}-{os.getpid()}")
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
