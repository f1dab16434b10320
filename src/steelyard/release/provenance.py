"""What a release was made from: code, lock, seeds."""

import hashlib
import subprocess
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from steelyard import __version__

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
