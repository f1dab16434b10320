"""Bring a release to a destination: checked, never overwritten, read back, pointed at last."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from steelyard.publish.checks import refuse_unpublishable
from steelyard.publish.place import Destination, OtherFileError, Place, PublicationError
from steelyard.release import verify
from steelyard.release.folder import MANIFEST, SUMS, UNNAMED, read_sums
from steelyard.sources.transfer import Progress
from steelyard.warehouse.checksum import sha256

Report = Callable[[Progress], None]


@dataclass(frozen=True)
class Publication:
    """What a publication did, or, of a dry run, would do.

    Parameters
    ----------
    version, address
        Of the release, and where it is to be had.
    sent, present
        Names of the files that were sent, and of those that were there already and right.
    sent_bytes
        Size of the files that were sent.
    pointers
        Pointer to the version it led to before and the one it leads to now.
    """

    version: str
    address: str
    sent: tuple[str, ...]
    present: tuple[str, ...]
    sent_bytes: int
    pointers: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)


def folder_of(manifest: Mapping[str, Any], *, is_draft: bool) -> str:
    """Return where a release lies below a destination; drafts lie apart."""
    apart = "draft/" if is_draft else ""
    return f"{manifest['build_target']}/{apart}{manifest['version']}"


def publish(
    release: Path,
    destination: Destination,
    *,
    is_stable: bool = False,
    is_draft: bool = False,
    is_dry_run: bool = False,
    progress: Report | None = None,
) -> Publication:
    """Publish a release, or go on with a publication that was interrupted.

    Files that lie at the destination are read and hashed; those that are right are not sent again.
    The manifest and, last of all, the list of checksums follow when all else is there and was read
    back; pointers move after that. So at any moment a pointer leads to a whole release.

    Parameters
    ----------
    release
        Its folder.
    destination
        Where to.
    is_stable
        Let ``stable`` lead to it, too.
    is_draft
        Put it apart, for a look before publication: no pointer moves, and gates may fail.
    is_dry_run
        Only compare, and say what would be sent.
    progress
        Called as bytes go.

    Raises
    ------
    ReleaseError
        If the release is not whole.
    PublicationError
        If it may not be published, the destination holds other files in its place, or refuses.
    """
    manifest = verify(release)
    refuse_unpublishable(release, manifest, is_draft=is_draft)
    files = _in_order(release)
    place = destination.place(folder_of(manifest, is_draft=is_draft))
    if is_dry_run:
        present = _present(place, files, manifest)
    else:
        with place.held():
            present = _present(place, files, manifest)
            _send(release, place, files, present, progress)
            place.finish()
    sent = tuple(name for name in files if name not in present)
    names = () if is_draft else ("latest", "stable") if is_stable else ("latest",)
    return Publication(
        version=str(manifest["version"]),
        address=place.address,
        sent=sent,
        present=tuple(name for name in files if name in present),
        sent_bytes=sum((release / name).stat().st_size for name in sent),
        pointers={
            name: _point(destination, manifest, name, is_dry_run=is_dry_run) for name in names
        },
    )


def _in_order(release: Path) -> dict[str, str]:
    """Return the hash of each file, in the order in which they go: those that vouch come last."""
    listed = read_sums(release)
    first = {name: listed[name] for name in sorted(listed) if name != MANIFEST}
    return first | {MANIFEST: listed[MANIFEST], SUMS: sha256(release / SUMS)}


def _present(place: Place, files: Mapping[str, str], manifest: Mapping[str, Any]) -> set[str]:
    """Name the files that are there and right.

    Raises
    ------
    PublicationError
        If others are there, which are never overwritten.
    """
    there = place.sizes()
    wrong = {name: "not in the release" for name in there if name not in files}
    for name in there.keys() & files.keys():
        found = place.sha256(name)
        if found != files[name]:
            wrong[name] = f"released {files[name]}, there {found}"
    if place.is_hidden:
        # What a killed publication left out of sight is made anew.
        for name in wrong:
            place.remove(name)
    elif wrong:
        raise PublicationError(_told_others(place.address, wrong, SUMS in there, manifest))
    return there.keys() & files.keys() - wrong.keys()


def _told_others(
    address: str, wrong: Mapping[str, str], is_whole: bool, manifest: Mapping[str, Any]
) -> str:
    listed = "; ".join(f"{name}: {wrong[name]}" for name in sorted(wrong)[:3])
    tables = {entry["name"] for entry in manifest["files"]}.difference(UNNAMED)
    if not is_whole:
        advice = (
            "The publication of another build of this version broke off there: make sure that "
            "nobody is at it, delete what it left, and publish again"
        )
    elif tables & wrong.keys():
        advice = (
            "The tables differ, so one of the two was altered: `steelyard verify` says which; "
            "delete that one only"
        )
    else:
        advice = (
            "Every table is the same: the same release, made at another time, is published there "
            "already, and nothing needs to be done"
        )
    return (
        f"{address} holds {len(wrong)} files of another making: {listed}. Nothing is overwritten, "
        f"nothing was sent, and no pointer moved. {advice}"
    )


def _send(
    release: Path,
    place: Place,
    files: Mapping[str, str],
    present: set[str],
    progress: Report | None,
) -> None:
    sizes = {name: (release / name).stat().st_size for name in files}
    total, done = sum(sizes.values()), sum(sizes[name] for name in present)

    # Parts of a large file go in several threads.
    counting = threading.Lock()

    def went(count: int) -> None:
        nonlocal done
        with counting:
            done += count
            step = Progress(place.address, done, total)
        if progress is not None:
            progress(step)

    for name, expected in files.items():
        if name in present:
            continue
        with_others = False
        try:
            place.create(name, release / name, went)
        except OtherFileError:
            with_others = True
        found = place.sha256(name)
        if found == expected:
            continue
        if not with_others:
            place.remove(name)
        raise PublicationError(
            _told_damaged(f"{place.address}/{name}", expected, found, with_others)
        )


def _told_damaged(file: str, expected: str, found: str, with_others: bool) -> str:
    told = f"{file} was read back: expected {expected}, found {found}. "
    if with_others:
        return told + (
            "Somebody else put it there meanwhile; it is left alone, and no pointer moved. Find "
            "out who publishes this version, and let one of the two finish"
        )
    return told + (
        "It was damaged on its way, or its original changed meanwhile; it is removed again, and no "
        "pointer moved. `steelyard verify`, then publish again"
    )


def _point(
    destination: Destination, manifest: Mapping[str, Any], name: str, *, is_dry_run: bool
) -> tuple[str | None, str | None]:
    target, version = str(manifest["build_target"]), str(manifest["version"])
    before = destination.pointed(target, name)
    if before == version:
        return before, before
    if name == "latest" and before is not None and _is_later(destination, target, before, manifest):
        return before, before
    if not is_dry_run:
        destination.point(target, name, version)
    return before, version


def _is_later(
    destination: Destination, target: str, other: str, manifest: Mapping[str, Any]
) -> bool:
    """Say whether another release was made after this one; one that is gone was not."""
    text = destination.read_text(f"{target}/{other}/{MANIFEST}")
    if text is None:
        return False
    try:
        made = datetime.fromisoformat(json.loads(text)["made"]["at"])
    except (ValueError, KeyError, TypeError):
        return False
    return made > datetime.fromisoformat(manifest["made"]["at"])
