"""A release's datasheet, under the headings of Gebru et al.

Timnit Gebru et al., *Datasheets for datasets*, Communications of the ACM 64(12), 2021.
"""

from steelyard.release.description import AUTHORS, LICENCE, Release
from steelyard.release.standards import citation_line


def datasheet(release: Release) -> str:
    """Write the datasheet of a release as Markdown, from its description alone."""
    manifest = release.manifest
    return (
        "\n\n".join(
            [
                f"# Datasheet: {release.title}",
                f"Release `{release.version}`, made {release.day}. Headings are those of "
                "Gebru et al. (2021).",
                "## Motivation",
                "Public surveys under-report income and lack tax units; administrative totals have "
                "no persons. This release joins the two, for estimates of what taxes and benefits "
                f"do, with every step open. Made by {AUTHORS}.",
                "## Composition",
                release.description,
                _tables(release),
                "Null means *not known*, never zero. Where a table has `<amount>_origin`, it says "
                "whether the amount was reported, allocated, imputed, computed by rule or zero by "
                "construction. `dictionary.parquet` describes every column.",
                "## Collection process",
                "Nothing was collected for this release; it is derived from:",
                _sources(release),
                "## Preprocessing, cleaning, labelling",
                "Raw values are renamed and decoded into one schema, missing incomes are drawn by "
                "quantile forests, tax law is applied by a rules engine, and household weights are "
                "solved for so that totals meet published facts. "
                + _calibration(release)
                + " The raw files are not part of the release; their hashes are above.",
                "## Uses",
                "Distribution of income, poverty, taxes and benefits, nation and states, with "
                "`calibrated_weight`. Not for statements about single persons, nor for areas and "
                "groups that few records bear on: `target` says how many bear on each figure.",
                _gates(release),
                "## Distribution",
                f"Under {LICENCE}; all sources are public and keep their own terms (above). "
                f"Cite as: {citation_line(release)} `SHA256SUMS` lists the hash of every file.",
                "## Maintenance",
                "A release never changes: other inputs or other code give another release with "
                "another name. Code: version "
                f"{manifest.get('steelyard_version', 'unknown')}, commit "
                f"`{manifest.get('git_commit', 'unknown')}`. `manifest.json` holds the lineage.",
            ]
        )
        + "\n"
    )


def _tables(release: Release) -> str:
    lines = ["| table | grain | rows | columns |", "| --- | --- | ---: | ---: |"]
    for table in release.tables:
        lines.append(
            f"| `{table.name}` | {table.grain} | {table.row_count:,} | {len(table.columns)} |"
        )
    return "\n".join(lines)


def _sources(release: Release) -> str:
    lines = ["| source | producer | vintage | terms | SHA-256 |", "| --- | --- | --- | --- | --- |"]
    for source in release.sources:
        made_up = " (made up)" if source["is_synthetic"] else ""
        lines.append(
            f"| [{source['title']}]({source['landing_page']}){made_up} | {source['producer']} | "
            f"{source['vintage']} | {source['licence']} | `{source['raw_sha256']}` |"
        )
    return "\n".join(lines)


def _calibration(release: Release) -> str:
    counts = [release.manifest.get(name) for name in ("fitted_count", "held_out_count")]
    if None in counts:
        return "The manifest names the solver and the facts."
    return f"{counts[0]:,} facts were fitted and {counts[1]:,} held out to judge the weights by."


def _gates(release: Release) -> str:
    gates = release.manifest.get("gates", [])
    failed = [gate for gate in gates if not gate["is_met"]]
    known = f"Quality gates met: {len(gates) - len(failed)} of {len(gates)}."
    if not failed:
        return known
    lines = [
        f"- `{gate['gate']}`: limit {gate['limit_value']:g}, "
        + (
            "not measured"
            if gate["measured_value"] is None
            else f"measured {gate['measured_value']:.4g}"
        )
        for gate in failed
    ]
    return f"{known} Known weaknesses:\n\n" + "\n".join(lines)
