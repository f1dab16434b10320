"""What the validation report says of sources, and of how the release was made."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from steelyard.report.document import Block, Section, Table, Words, records

#: Stages that are named, the longest first.
LONGEST = 12
#: What the manifest says that identifies a release, and its names for readers.
IDENTITY = {
    "steelyard_version": "Steelyard",
    "git_commit": "commit",
    "lock_sha256": "lock file, SHA-256",
    "seeds_sha256": "seeds, SHA-256",
    "target_snapshot_id": "snapshot of targets",
    "seed": "seed of randomness",
    "libraries": "libraries",
}


def sources(manifest: Mapping[str, Any], _: Mapping[str, pd.DataFrame]) -> Sequence[Block]:
    """List the raw files: whose they are, under which terms, and their hash."""
    entries = {source["entry"]: source for source in manifest["sources"]}
    rows = tuple(
        (
            f"{source['title']}{' (made up)' if source['is_synthetic'] else ''}",
            source["producer"],
            source["vintage"],
            source["licence"],
            source["landing_page"],
            source["raw_sha256"][:16],
        )
        for _, source in sorted(entries.items())
    )
    columns = ("source", "producer", "vintage", "licence", "page", "SHA-256")
    return [
        Table(
            columns,
            rows,
            "Raw files, and the first sixteen digits of their hashes · build_source",
            words=columns,
            widths=(2.4, 1.3, 0.8, 1.2, 2.2, 1.5),
        )
    ]


def made(manifest: Mapping[str, Any], found: Mapping[str, pd.DataFrame]) -> Sequence[Block]:
    """Name what identifies the release, what it took, and where any figure comes from."""
    identity = {
        "release": manifest["version"],
        **{name: manifest[key] for key, name in IDENTITY.items() if key in manifest},
    }
    if "build_settings" in manifest:
        identity["settings"] = json.dumps(manifest["build_settings"], sort_keys=True)
    identity |= _resources(manifest["made"].get("resources"))
    longest = tuple(
        (
            row.stage,
            row.layer,
            f"{row.seconds:.1f}",
            f"{row.peak_bytes / 2**30:.2f}",
            "" if pd.isna(row.row_count) else f"{row.row_count:,.0f}",
            "read from the cache" if row.is_remembered else "",
        )
        for row in records(found["stages"])
    )
    return [
        Table(
            ("what", "is"),
            tuple((name, str(value)) for name, value in identity.items()),
            "manifest.json",
            words=("what", "is"),
            widths=(1, 3),
        ),
        Table(
            ("stage", "layer", "seconds", "peak, GiB", "rows", "note"),
            longest,
            f"The {LONGEST} longest stages; two may run at a time, and memory is that of the whole "
            "process · build_stage",
            words=("stage", "layer", "note"),
            widths=(2, 1, 0.8, 0.8, 1, 1.4),
        ),
        Words(
            "From any figure back to its seed row, the models on the way and the raw files: tables "
            "target, lineage, build_file and build_source of this release."
        ),
    ]


def _resources(taken: Mapping[str, Any] | None) -> dict[str, str]:
    if not taken or not taken.get("peak_bytes"):
        return {}
    return {
        "took": f"{taken['seconds'] or 0:,.0f} s by the clock, {taken['work_seconds']:,.0f} s of "
        f"work in {taken['stage_count']} stages, of which {taken['remembered_count']} were read "
        "from the cache",
        "memory": f"{taken['peak_bytes'] / 2**30:.2f} GiB at most",
        "machine": f"{taken['core_count']} cores, {taken['memory_bytes'] / 2**30:.0f} GiB",
    }


SOURCES = Section("Sources", "sources", (), {}, sources)
MADE = Section(
    "How it was made",
    "made",
    ("build_stage",),
    {"stages": f"select * from build_stage order by seconds desc, stage limit {LONGEST}"},
    made,
)
