"""What keeps a whole release from being published."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from steelyard.publish.place import PublicationError
from steelyard.release.folder import read_sums, version_of


def refuse_unpublishable(release: Path, manifest: Mapping[str, Any], *, is_draft: bool) -> None:
    """Refuse a release that is not what its name says, is made from closed records, or fails.

    Parameters
    ----------
    release
        Its folder, whole by its checksums.
    manifest
        As it lies there.
    is_draft
        A draft may fail gates, or have none: nobody is led to it.

    Whether a gate's limit has expired is asked on the day of publication: a build has no clock.

    Raises
    ------
    PublicationError
        That names the sources or gates, and what to do.
    """
    _refuse_renamed(release, manifest)
    _refuse_closed(release, manifest)
    if not is_draft:
        _refuse_failed(release, manifest)


def _refuse_renamed(release: Path, manifest: Mapping[str, Any]) -> None:
    """Checksums that were written anew with the files do not know what the name knows."""
    if not re.fullmatch(r"\w+", str(manifest["build_target"])):
        # It becomes a folder's name.
        raise PublicationError(
            f"{release}: {manifest['build_target']!r} is no name of a build: it was altered. "
            "Fetch it anew"
        )
    sums = read_sums(release)
    wrong = [
        f"{entry['name']}: the manifest says {entry['sha256']}, it is {sums.get(entry['name'])}"
        for entry in manifest["files"]
        if sums.get(entry["name"]) != entry["sha256"]
    ]
    if wrong:
        raise PublicationError(
            f"{release}: {len(wrong)} tables were altered after the release was made: "
            f"{'; '.join(wrong[:3])}. Build it again, or fetch it anew"
        )
    by_content = version_of(manifest["files"], manifest)
    if by_content != manifest["version"]:
        raise PublicationError(
            f"{release}: its manifest is called {manifest['version']}, and what it says would be "
            f"called {by_content}: it was altered, or written by another version of Steelyard. "
            "Build it again with this one, or publish it with that one"
        )


def _refuse_closed(release: Path, manifest: Mapping[str, Any]) -> None:
    closed = [
        f"{source.get('entry', 'a source')} ({source.get('access_class', 'of no known class')})"
        for source in manifest["sources"]
        if source.get("access_class") != "PUBLIC"
    ]
    if closed:
        raise PublicationError(
            f"{release}: {len(closed)} of its sources are not PUBLIC and may not be published: "
            f"{', '.join(closed[:3])}. Build it without them"
        )


def _refuse_failed(release: Path, manifest: Mapping[str, Any]) -> None:
    gates = manifest.get("gates")
    if not gates:
        raise PublicationError(
            f"{release}: its manifest names no gate, so nothing judged it. Build it again with "
            "this version, or give --draft to put it apart, where no pointer leads"
        )
    failed = [
        f"{gate['gate']} (limit {gate['limit_value']}, measured {gate['measured_value']})"
        for gate in gates
        if gate["is_met"] is not True
    ]
    today = datetime.now(UTC).date()
    expired = [
        f"{gate['gate']} (on {gate['expires_on']}: {gate['reason']})"
        for gate in gates
        if gate.get("expires_on") and date.fromisoformat(str(gate["expires_on"])) <= today
    ]
    if failed:
        raise PublicationError(
            f"{release}: {len(failed)} of {len(gates)} gates are not met: "
            f"{', '.join(failed[:3])}. Nothing was sent. Mend what they found, or widen the limit "
            "in seeds/params, which is a visible change; --draft puts the release apart, where no "
            "pointer leads"
        )
    if expired:
        raise PublicationError(
            f"{release}: the limits of {len(expired)} of {len(gates)} gates have expired: "
            f"{', '.join(expired[:3])}. Nothing was sent. Look at each again and give it another "
            "day in seeds/params/params_gate_tolerance.csv, which is a visible change; --draft "
            "puts the release apart, where no pointer leads"
        )
