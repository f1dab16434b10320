"""Releases: tables, manifest and checksums in a folder that is whole or not there."""

from steelyard.release.folder import (
    ReleaseError,
    find_release,
    latest_release,
    verify,
    write_release,
)
from steelyard.release.revisions import compare_targets, released_targets, target_set
from steelyard.release.stages import resources_of

__all__ = [
    "ReleaseError",
    "compare_targets",
    "find_release",
    "latest_release",
    "released_targets",
    "resources_of",
    "target_set",
    "verify",
    "write_release",
]
