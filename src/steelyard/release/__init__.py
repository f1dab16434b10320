"""Releases: tables, manifest and checksums in a folder that is whole or not there."""

from steelyard.release.folder import ReleaseError, latest_release, verify, write_release
from steelyard.release.revisions import compare_targets, released_targets, target_set

__all__ = [
    "ReleaseError",
    "compare_targets",
    "latest_release",
    "released_targets",
    "target_set",
    "verify",
    "write_release",
]
