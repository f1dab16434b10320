"""``steelyard publish``: bring a release to a folder or an object store, and register its DOI."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from steelyard.publish import Destination, Publication, open_destination, publish
from steelyard.publish.datacite import DataCite, Registered
from steelyard.publish.doi import Registry, refuse_invalid, refuse_made_up, render
from steelyard.publish.publication import folder_of
from steelyard.release import find_release, latest_release
from steelyard.release.folder import read_manifest
from steelyard.sources.meter import Meter

INTERRUPTED = 130
DETAILS = (
    "Nothing is overwritten, and what is there already and right is not sent again: an interrupted "
    "publication is finished by the same command. Endpoint and credentials of an object store are "
    "read from the environment as Amazon's own tools read them (AWS_ENDPOINT_URL, "
    "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_PROFILE), those of the registry of DOIs from "
    "STEELYARD_DOI_*. Exit codes: 0 published; 1 refused, or could not be finished; 130 "
    "interrupted."
)


def add_publish(commands: Any) -> None:
    """Add the command to the others."""
    command = commands.add_parser(
        "publish", help="bring a release to a folder or an object store", description=DETAILS
    )
    command.add_argument("destination", help="a folder, or s3://bucket/prefix")
    command.add_argument("--target", default="demo", help="the build (default: demo)")
    command.add_argument("--release", help="a version, or a folder (default: the latest)")
    state = command.add_mutually_exclusive_group()
    state.add_argument("--stable", action="store_true", help="let `stable` lead to it, too")
    state.add_argument(
        "--draft",
        action="store_true",
        help="put it apart, in <target>/draft/: no pointer moves, gates may fail, a DOI stays "
        "a draft",
    )
    command.add_argument("--doi", action="store_true", help="also register a DOI at DataCite")
    command.add_argument("--dry-run", action="store_true", help="only say what would be sent")
    command.set_defaults(run=run_publish)


def run_publish(chosen: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    releases = Path("releases") / chosen.target
    release = find_release(releases, chosen.release) if chosen.release else latest_release(releases)
    destination = open_destination(chosen.destination)
    registry = Registry.from_environment(os.environ) if chosen.doi else None
    if registry is not None:
        # Before any file goes: who asks for a DOI wants the release with it.
        _refuse_doi(release, registry, chosen)
    try:
        done = publish(
            release,
            destination,
            is_stable=chosen.stable,
            is_draft=chosen.draft,
            is_dry_run=chosen.dry_run,
            progress=_meter(),
        )
        _clear()
        _tell(done, is_dry_run=chosen.dry_run)
        if registry is not None and not chosen.dry_run:
            _register(release, destination, registry, is_draft=chosen.draft)
    except KeyboardInterrupt:
        sys.stderr.write(
            "\ninterrupted; what was sent whole stays, no pointer leads to half a release, and "
            "the same command goes on from there\n"
        )
        return INTERRUPTED
    return 0


def _refuse_doi(release: Path, registry: Registry, chosen: argparse.Namespace) -> None:
    manifest = read_manifest(release)
    refuse_made_up(manifest, is_draft=chosen.draft)
    if chosen.dry_run:
        print(json.dumps(render(release, manifest, registry), indent=2, ensure_ascii=False))
        return
    registry.refuse_incomplete(os.environ)
    refuse_invalid(render(release, manifest, registry))


def _register(
    release: Path, destination: Destination, registry: Registry, *, is_draft: bool
) -> None:
    manifest = read_manifest(release)
    attributes = render(release, manifest, registry)
    done = DataCite(registry).register(attributes, is_draft=is_draft)
    receipt = {
        "doi": done.doi,
        "state": done.state,
        "url": attributes["url"],
        "registry": registry.api,
    }
    path = f"{folder_of(manifest, is_draft=is_draft)}.doi.json"
    destination.write_text(path, json.dumps(receipt, indent=2) + "\n")
    _tell_doi(done, registry)


def _tell(done: Publication, *, is_dry_run: bool) -> None:
    would = "would be " if is_dry_run else ""
    print(f"{would}{'published':10} {done.address}")
    sizes = f"{len(done.sent)} files {would}sent ({done.sent_bytes / 1e6:,.1f} MB)"
    told = "" if is_dry_run else "; all were read back and are right"
    print(f"           {sizes}, {len(done.present)} there already{told}")
    for name, (before, now) in done.pointers.items():
        if now != done.version:
            print(f"{name:10} stays at {now}, which was made later")
        elif before == now:
            print(f"{name:10} leads there already")
        else:
            since = f", after {before}" if before else ""
            print(f"{name:10} {would}{now}{since}")


def _tell_doi(done: Registered, registry: Registry) -> None:
    print(f"DOI        {done.doi} is {done.state} at {registry.api}")
    print(f"           sent: {', '.join(done.sent) or 'nothing, it was there already'}")


def _meter() -> Meter:
    """Tell of progress on standard error: on one line of a terminal, else now and then."""
    is_terminal = sys.stderr.isatty()

    def tell(line: str) -> None:
        sys.stderr.write(f"\r\033[K{line}" if is_terminal else f"{line}\n")
        sys.stderr.flush()

    return Meter(tell, every_seconds=0.2 if is_terminal else 10)


def _clear() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
