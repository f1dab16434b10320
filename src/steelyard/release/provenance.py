"""What a release was made from: code, lock, seeds."""

import hashlib
import subprocess
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from steelyard import __version__
from steelyard.warehouse.checksum import sha256

LIBRARIES = (
    "dbt-core",
    "dbt-duckdb",
    "duckdb",
    "numpy",
    "pandas",
    "pyarrow",
    "scikit-learn",
    "scipy",
    "taxcalc",
    "torch",
)
#: Where files that decide a release lie, beside the package.
FOLDERS = (
    "macros",
    "models",
    "python_models",
    "seeds",
    "snapshots",
    "src/steelyard/oasdi/data",
    "src/steelyard/panel/data",
)
KINDS = (".csv", ".py", ".sql", ".yml")


@cache
def provenance(root: Path) -> dict[str, Any]:
    """Name the code and the inputs in the checkout by hashes.

    Parameters
    ----------
    root
        The checkout.

    Returns
    -------
    dict with ``steelyard_version``, ``git_commit`` (``unknown`` outside a repository, ``-dirty``
    where files differ from it), ``lock_sha256``, ``seeds_sha256``, ``libraries``.
    """
    return {
        "steelyard_version": __version__,
        "git_commit": _git_commit(root),
        "lock_sha256": _hash_files([root / "requirements.lock"], root),
        "seeds_sha256": _hash_files(sorted((root / "seeds").rglob("*.csv")), root),
        "libraries": {name: metadata.version(name) for name in LIBRARIES},
    }


def checkout_files(root: Path) -> list[dict[str, Any]]:
    """List the seeds, published figures, models and macros of a checkout, by their hashes.

    Returns
    -------
    One row a file: ``file`` (its path in the checkout), ``byte_count``, ``sha256``.
    """
    found = [
        # Threads and memory, which profiles.yml sets, decide nothing.
        root / "dbt_project.yml",
        root / "requirements.lock",
        *(
            file
            for folder in FOLDERS
            for kind in KINDS
            for file in (root / folder).rglob(f"*{kind}")
        ),
    ]
    return [
        {
            "file": file.relative_to(root).as_posix(),
            "byte_count": file.stat().st_size,
            "sha256": sha256(file),
        }
        for file in sorted(found)
        if file.is_file()
    ]


def _git_commit(root: Path) -> str:
    def git(*arguments: str) -> str:
        command = ["git", "-C", str(root), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        commit = git("rev-parse", "HEAD")
        dirty = git("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{commit}-dirty" if dirty else commit


def _hash_files(files: list[Path], root: Path) -> str:
    digest = hashlib.sha256()
    for file in files:
        if file.is_file():
            digest.update(str(file.relative_to(root)).encode() + b"\0")
            digest.update(file.read_bytes())
    return digest.hexdigest()
