"""Files that are not PUBLIC can be read by a build, and can never enter a release.

A small project with this one's own macros, list of sources and release: a household table, made
from a public file, and a panel whose files are given out on registration.
"""

import shutil
from pathlib import Path

import pytest
from demo_project import run_here
from snippets import ROOT

from steelyard.release import ReleaseError, latest_release, verify
from steelyard.sources.demo.files import write_zip
from steelyard.sources.demo.fixed_width import Column, spss_setup

OWN = (
    "macros/generate_schema_name.sql",
    "macros/released_sources.sql",
    "macros/sources_on_the_way.sql",
    "models/marts/build_source.sql",
)
PROJECT = """
name: steelyard
version: "1.0.0"
profile: small
model-paths: [models]
macro-paths: [macros]
seed-paths: [no_seeds]
flags: {send_anonymous_usage_stats: false}
"""
PROFILE = """
small:
  target: demo
  outputs:
    demo:
      type: duckdb
      path: build/demo/steelyard.duckdb
      threads: 1
      plugins:
        - module: steelyard.sources.plugin
          alias: steelyard
          config: {target: demo, households: 200, seed: 1}
"""
SOURCES = """
version: 2
sources:
  - name: registry
    config: {meta: {plugin: steelyard, entries: file_registry}}
    tables: [{name: file_registry}]
  - name: scf
    tables:
      - name: family
        config: {meta: {plugin: steelyard, entries: {demo: scf_2019}}}
  - name: psid
    tables:
      - name: family
        config: {meta: {plugin: steelyard, entries: {demo: psid_1969_family}}}
"""
RELEASE = """
from pathlib import Path

import pyarrow as pa

from steelyard.release import write_release


def model(dbt, session):
    tables = {"household": dbt.ref("household"), "build_source": dbt.ref("build_source")}
    tables |= EXTRA
    manifest = {"build_target": "demo", "income_year": 2022, "is_synthetic": False}
    manifest |= {"synthetic_sources": ""}
    manifest |= {"sources": tables["build_source"].to_arrow_table().to_pylist()}
    release, files = write_release(Path("releases"), tables, manifest)
    return pa.Table.from_pylist([{"release": str(release)}])
"""
OPEN = "select wgt from {{ source('scf', 'family') }}"
CLOSED = "select v1 as wgt from {{ source('psid', 'family') }}"
MODELS = {
    "stg_open": OPEN,
    "stg_closed": CLOSED,
    "pnl_closed": "select * from {{ ref('stg_closed') }}",
    "household": "select * from {{ ref('stg_open') }}",
    # Names that the list of sources waits for.
    "imp_scf": "select 1 as one",
    "stg_cps_asec__person_replicate": "select 1 as one",
}


def project(folder: Path, *, extra: str = "{}", **models: str) -> Path:
    """Write the project, both files dropped into it; some models may say something else."""
    for name in OWN:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    (folder / "build" / "demo").mkdir(parents=True)
    (folder / "seeds").symlink_to(ROOT / "seeds")
    texts = {f"models/{name}.sql": text for name, text in (MODELS | models).items()}
    texts |= {"dbt_project.yml": PROJECT, "profiles.yml": PROFILE, "models/sources.yml": SOURCES}
    texts["models/release_file.py"] = RELEASE.replace("EXTRA", extra)
    texts["drop/scf_2019/SCFP2019.csv"] = "WGT,AGE\n1.5,30\n2.5,40\n"
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    columns = [Column("V1", 4), Column("V2", 4)]
    setup = spss_setup("FAM1969.txt", "1969", columns, 2).encode()
    members = {"FAM1969.txt": [b"   1   2\n   3   4\n"], "FAM1969.sps": [setup]}
    write_zip(folder / "drop" / "psid" / "fam1969.zip", members)
    return folder


def build(folder: Path) -> tuple[int, str]:
    """Build it in this process; return the exit code, and what was said in one line."""
    code, said = run_here(folder, "build")
    return code, " ".join(said.split())


@pytest.mark.build
def test_what_is_made_from_public_files_is_released_though_closed_ones_are_read(
    tmp_path: Path,
) -> None:
    folder = project(tmp_path)
    code, said = build(folder)
    assert code == 0, said
    manifest = verify(latest_release(folder / "releases"))
    assert [source["entry"] for source in manifest["sources"]] == ["scf_2019"]
    assert (folder / "build" / "demo" / "sources.json").read_text().count("REGISTRATION") == 1


@pytest.mark.build
@pytest.mark.parametrize("depth", ["straight", "by another model"])
def test_a_released_table_made_from_a_closed_file_stops_the_release(
    tmp_path: Path, depth: str
) -> None:
    through = "stg_closed" if depth == "straight" else "pnl_closed"
    household = f"{MODELS['household']} union all select * from {{{{ ref('{through}') }}}}"
    folder = project(tmp_path, household=household)
    code, said = build(folder)
    assert code == 1
    assert "1 sources may not enter a release: psid_1969_family (REGISTRATION)" in said
    assert not list((folder / "releases").glob("*"))


@pytest.mark.build
def test_a_closed_file_that_is_read_late_does_not_slip_through(tmp_path: Path) -> None:
    """A released table that the list of sources does not wait for."""
    folder = project(tmp_path, extra='{"val_panel": dbt.ref("pnl_closed")}')
    code, said = build(folder)
    assert code == 1
    assert "the source psid.family is on a way into the release, and may be read only after" in said
    with pytest.raises(ReleaseError, match="no release"):
        latest_release(folder / "releases")
