"""Harmonise one ACS at survey size and say what each step cost: rows a second, peak memory.

Run ``python benchmarks/acs.py``. The demo world writes the files of one vintage (1,240,000
households and 3.3 million persons by default, 1 GB zipped) into a folder that is then used as a
mirror of the publisher; the build `us_2022` reads them from there, in a temporary copy of the
checkout. Landing turns the zips' members into Parquet, every column text; `read again` finds them;
`harmonise` is dbt's: it loads the columns of the crosswalk and makes the ACS's harmonised tables.
The table is printed and written to ``benchmarks/results/acs.md``.

Memory is the resident set of a step's process and its children, sampled every tenth of a second.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import duckdb
from steps import Step, machine, measured, table

ROOT = Path(__file__).resolve().parents[1]
NOT_COPIED = (".*", "build", "drop", "logs", "releases", "target", "__pycache__", "*.egg-info")
VINTAGE = 2022
MODELS = (
    "stg_acs__household", "stg_acs__person", "int_kinship__acs", "int_household__acs",
    "int_person__acs", "int_family__acs",
)  # fmt: skip
REPLICATES = ("stg_acs__household_replicate", "stg_acs__person_replicate")
WRITE = """
import sys
from pathlib import Path
from steelyard.sources.demo import acs
acs.write(Path(sys.argv[1]), vintage=int(sys.argv[2]), households=int(sys.argv[3]), seed=2022)
"""
LAND = """
from pathlib import Path
from steelyard.sources.doors import Doors
from steelyard.sources.landing import Landing
from steelyard.sources.registry import load_registry
cache = Path("build/cache")
landing = Landing(load_registry(), Doors(Path("."), cache), cache / "landed")
for record in ("household", "person"):
    landing.land_all(["acs_2022_%s_*" % record])
"""


def main() -> None:
    """Write, land, harmonise, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--households", type=int, default=1_240_000, help="occupied units")
    parser.add_argument("--mirror", type=Path, help="where the files are, or are to be written")
    parser.add_argument("--no-result", action="store_true", help="write no results file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="acs-") as folder:
        text = report(options.households, options.mirror or Path(folder) / "mirror", Path(folder))
    print(text)
    if not options.no_result:
        (ROOT / "benchmarks" / "results" / "acs.md").write_text(text, encoding="utf-8")


def report(households: int, mirror: Path, folder: Path) -> str:
    """Run the steps and lay their costs out as a page."""
    checkout = folder / "checkout"
    shutil.copytree(ROOT, checkout, ignore=shutil.ignore_patterns(*NOT_COPIED))
    (checkout / "build" / "us_2022").mkdir(parents=True)
    settings = {"PYTHONPATH": str(checkout / "src"), "STEELYARD_MIRROR": str(mirror.resolve())}
    settings |= {"DBT_PROFILES_DIR": str(checkout), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}

    def step(*command: str) -> Step:
        return measured([sys.executable, *command], settings, checkout)

    costs: dict[str, Step] = {}
    if not any(mirror.rglob("csv_pus.zip")):
        costs["write the files"] = step("-c", WRITE, str(mirror), str(VINTAGE), str(households))
    dbt = str(Path(sys.executable).with_name("dbt"))
    target = ("--target", "us_2022", "--quiet")
    step(dbt, "seed", "--select", "codes_acs_*", "params_acs_rule", *target)
    costs["land"] = step("-c", LAND)
    costs["read again"] = step("-c", LAND)
    costs["harmonise"] = step(dbt, "run", "--select", *MODELS, *target)
    costs["load replicate weights"] = step(dbt, "run", "--select", *REPLICATES, *target)
    rows = counted(checkout / "build" / "us_2022" / "steelyard.duckdb")
    sizes = [path.stat().st_size for path in mirror.rglob("csv_?us.zip")]
    return page(costs, rows, sum(sizes))


def counted(database: Path) -> dict[str, int]:
    """Count the rows of what was made."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return {
            name: connection.execute(f"select count(*) from {name}").fetchall()[0][0]
            for name in ("int_person__acs", "int_household__acs", "int_family__acs")
        } | {"records": connection.execute(
            "select (select count(*) from stg_acs__person) "
            "+ (select count(*) from stg_acs__household)"
        ).fetchall()[0][0]}  # fmt: skip


def page(costs: dict[str, Step], rows: dict[str, int], zipped: int) -> str:
    """Lay costs out as a Markdown page."""
    lines = [
        "# ACS at survey size",
        "",
        f"{rows['int_person__acs']:,} persons in {rows['int_household__acs']:,} units and "
        f"{rows['int_family__acs']:,} families, {zipped / 1e9:.2f} GB zipped, written by the demo "
        f"world in the layout of {VINTAGE}. Bar: land and harmonise in 300 s within 8 GiB on two "
        "cores; read again in 2 s.",
        "",
        *table(costs, rows["records"]),
    ]
    together = [costs["land"], costs["harmonise"]]
    seconds, work = (sum(getattr(c, name) for c in together) for name in ("seconds", "work"))
    lines.append(
        f"| **raw zip to harmonised** | **{seconds:.1f}** | **{work:.1f}** "
        f"| **{rows['records'] / seconds:,.0f}** "
        f"| **{max(cost.peak for cost in together) / 2**30:.2f}** |"
    )
    lines += ["", machine(), ""]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
