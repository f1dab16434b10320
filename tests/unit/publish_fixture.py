"""Releases that may be published, and a publication that is killed on its way."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from release_fixture import SOURCE, release

GATES = [
    {"gate": "one", "limit_value": 1.0, "measured_value": 0.5, "is_met": True, "reason": "why"},
    {"gate": "two", "limit_value": 0.1, "measured_value": 0.0, "is_met": True, "reason": "why"},
]
FAILED = [GATES[0], GATES[1] | {"measured_value": 0.2, "is_met": False}]
CLOSED = [SOURCE, SOURCE | {"entry": "panel", "access_class": "RESTRICTED"}]
NAMES = [
    "CITATION.cff",
    "DATASHEET.md",
    "croissant.json",
    "datacite.json",
    "datapackage.json",
    "dataset.jsonld",
    "report.html",
    "report.pdf",
    "ro-crate-metadata.json",
    "steelyard.duckdb",
    "tax_unit.parquet",
    "val_gate.parquet",
    "val_headline.parquet",
    "manifest.json",
    "SHA256SUMS",
]
PUBLISH = """
import sys
from pathlib import Path
from steelyard.publish import open_destination, publish
publish(Path(sys.argv[1]), open_destination(sys.argv[2]))
"""


def publishable(folder: Path, **changes: Any) -> Path:
    """Write a release all of whose gates are met, into ``releases/<target>``."""
    target = changes.get("build_target", "demo")
    return release(folder / "releases" / target, **{"gates": GATES, **changes})


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(parent.is_symlink() for parent in path.parents)
    }


def remade(folder: Path, whole: Path) -> Path:
    """Write the same release once more as if at another time: its manifest alone differs."""
    again = folder / whole.name
    shutil.copytree(whole, again)
    manifest = again / "manifest.json"
    before = manifest.read_text(encoding="utf-8")
    after = before.replace('"at": "20', '"at": "19')
    assert after != before
    return replaced(again, "manifest.json", after.encode())


def replaced(folder: Path, name: str, content: bytes) -> Path:
    """Put another file in the place of one, and its hash into the list of checksums."""
    (folder / name).write_bytes(content)
    sums = subprocess.run(
        ["sha256sum", *sorted(path.name for path in folder.iterdir() if path.name != "SHA256SUMS")],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (folder / "SHA256SUMS").write_text(sums, encoding="utf-8")
    return folder


@contextmanager
def publisher(script: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run a script in a process of its own, which is killed at the end."""
    search = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | search,
    ) as process:
        yield process
        process.send_signal(signal.SIGKILL)
