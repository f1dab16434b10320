"""Harmonise one SIPP at survey size and say what each step cost: rows a second, peak memory.

Run ``python benchmarks/sipp.py``. The demo world writes the files of one vintage (17,000
households, some 520,000 person-months, by default) into a folder that is then used as a mirror of
the publisher; each row is padded with empty fields to the 5,203 columns of the real file. The build
`us_2022` reads them from there, in a temporary copy of the checkout, where this vintage is the only
one. `land` turns the zips into Parquet, of the person-months only the columns of the crosswalk;
`read again` finds them; `harmonise` is dbt's. Then everything is done at twice the size, for the
growth of memory. The table is printed and written to ``benchmarks/results/sipp.md``.
"""

import argparse
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

import duckdb
from steps import Step, machine, measured, table

ROOT = Path(__file__).resolve().parents[1]
NOT_COPIED = (".*", "build", "drop", "logs", "releases", "target", "__pycache__", "*.egg-info")
VINTAGE = 2024
HOUSEHOLDS, COLUMNS = 17_000, 5_203
MODELS = (
    "stg_sipp__person_month", "int_job__sipp", "int_flow__sipp", "int_kinship__sipp",
    "int_household__sipp", "int_person__sipp",
)  # fmt: skip
WRITE = """
import sys
from pathlib import Path
from steelyard.sources.demo import sipp
sipp.write(Path(sys.argv[1]), vintage=int(sys.argv[2]), households=int(sys.argv[3]), seed=2022)
"""
LAND = """
import sys
from functools import partial
from pathlib import Path
from steelyard.sources.crosswalk import wanted_columns
from steelyard.sources.doors import Doors
from steelyard.sources.landing import Landing
from steelyard.sources.registry import load_registry
root, cache = Path("."), Path("build/cache")
wanted = partial(wanted_columns, root)
landing = Landing(load_registry(), Doors(root, cache), cache / "landed", wanted)
landing.land_all([sys.argv[1]])
"""


def main() -> None:
    """Write, land, harmonise at one size and at twice, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--households", type=int, default=HOUSEHOLDS)
    parser.add_argument("--columns", type=int, default=COLUMNS, help="fields of a person-month")
    parser.add_argument("--once", action="store_true", help="not at twice the size as well")
    parser.add_argument("--no-result", action="store_true", help="write no results file")
    options = parser.parse_args()
    sizes = [options.households] if options.once else [options.households, 2 * options.households]
    runs = [run(households, options.columns) for households in sizes]
    text = page(runs)
    print(text)
    if not options.no_result:
        (ROOT / "benchmarks" / "results" / "sipp.md").write_text(text, encoding="utf-8")


Run = tuple[dict[str, Step], dict[str, int]]


def run(households: int, columns: int) -> Run:
    """Do all steps at one size; return what they took, and counts of what was made."""
    with tempfile.TemporaryDirectory(prefix="sipp-") as folder:
        mirror, checkout = Path(folder) / "mirror", Path(folder) / "checkout"
        shutil.copytree(ROOT, checkout, ignore=shutil.ignore_patterns(*NOT_COPIED))
        (checkout / "build" / "us_2022").mkdir(parents=True)
        only_this_vintage(checkout)
        settings = {"PYTHONPATH": str(checkout / "src"), "STEELYARD_MIRROR": str(mirror)}
        settings |= {"DBT_PROFILES_DIR": str(checkout), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}

        def step(*command: str) -> Step:
            return measured([sys.executable, *command], settings, checkout)

        dbt = str(Path(sys.executable).with_name("dbt"))
        target = ("--target", "us_2022", "--quiet")
        steps = {"write the files": step("-c", WRITE, str(mirror), str(VINTAGE), str(households))}
        widen(mirror, columns)
        seeds = ("codes_sipp_*", "params_sipp_rule", "params_income_split")
        step(dbt, "seed", "--select", *seeds, *target)
        entry = f"sipp_{VINTAGE}_person_month"
        steps["land person-months"] = step("-c", LAND, entry)
        steps["read again"] = step("-c", LAND, entry)
        steps["harmonise"] = step(dbt, "run", "--select", *MODELS, *target)
        steps["land replicate weights"] = step("-c", LAND, f"sipp_{VINTAGE}_replicate")
        counts = counted(checkout, mirror)
    return steps, counts | {"columns": columns, "households asked": households}


def only_this_vintage(checkout: Path) -> None:
    """Let the copy's source read the one vintage that is at hand."""
    sources = checkout / "models" / "staging" / "sipp" / "_sipp__sources.yml"
    text = sources.read_text(encoding="utf-8")
    sources.write_text(text.replace("us_2022: sipp_*", f"us_2022: sipp_{VINTAGE}"), "utf-8")


def widen(mirror: Path, columns: int) -> None:
    """Pad the person-months with empty fields, to as many columns as the real file has."""
    (path,) = mirror.rglob(f"pu{VINTAGE}_csv.zip")
    wide = path.with_suffix(".wide")
    name = f"pu{VINTAGE}.csv"
    with zipfile.ZipFile(path) as archive, archive.open(name) as rows:
        head = rows.readline().rstrip(b"\n")
        added = columns - head.count(b"|") - 1
        names = b"".join(b"|UNREAD%d" % number for number in range(added))
        deflate = {"compression": zipfile.ZIP_DEFLATED, "compresslevel": 1}
        with (
            zipfile.ZipFile(wide, "w", **deflate) as padded,
            padded.open(name, "w", force_zip64=True) as sink,
        ):
            sink.write(head + names + b"\n")
            while lines := rows.readlines(1 << 22):
                sink.write(b"".join(line.rstrip(b"\n") + b"|" * added + b"\n" for line in lines))
    wide.replace(path)


def counted(checkout: Path, mirror: Path) -> dict[str, int]:
    """Count what was read and made."""
    database = checkout / "build" / "us_2022" / "steelyard.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        found = {
            name: int(connection.execute(f"select count(*) from {name}").fetchall()[0][0])
            for name in ("stg_sipp__person_month", "int_person__sipp", "int_household__sipp")
        }
    (zipped,) = mirror.rglob(f"pu{VINTAGE}_csv.zip")
    with zipfile.ZipFile(zipped) as archive:
        found["raw bytes"] = archive.infolist()[0].file_size
    return found


def page(runs: list[Run]) -> str:
    """Lay the runs out as a Markdown page."""
    lines = ["# SIPP at survey size", ""]
    for steps, counts in runs:
        records = counts["stg_sipp__person_month"]
        together = [steps["land person-months"], steps["harmonise"]]
        whole = Step(
            sum(step.seconds for step in together),
            sum(step.work for step in together),
            max(step.peak for step in together),
        )
        lines += [
            f"{records:,} person-months of {counts['columns']:,} columns "
            f"({counts['raw bytes'] / 1e9:.2f} GB of text) become {counts['int_person__sipp']:,} "
            f"persons in {counts['int_household__sipp']:,} households, in the layout of {VINTAGE}.",
            "",
            *table(steps | {"**raw zip to harmonised**": whole}, records),
            "",
        ]
    if len(runs) == 2:
        peaks = [
            max(steps[name].peak for name in ("land person-months", "harmonise"))
            for steps, _ in runs
        ]
        rows = [counts["stg_sipp__person_month"] for _, counts in runs]
        lines += [
            f"Rows grow {rows[1] / rows[0] - 1:.0%}, peak memory {peaks[1] / peaks[0] - 1:.0%}.",
            "",
        ]
    return "\n".join([*lines, machine(), ""])


if __name__ == "__main__":
    main()
