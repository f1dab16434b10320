"""Releases: tables, manifest and checksums in a folder that is whole or not there."""

from steelyard.release.folder import ReleaseError, latest_release, verify, write_release

__all__ = ["ReleaseError", "latest_release", "verify", "write_release"]
