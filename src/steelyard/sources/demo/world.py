"""Write the demo world's files."""

from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv

from steelyard.sources.demo.asec import records
from steelyard.sources.demo.draws import Columns, Draws
from steelyard.sources.demo.population import populate
from steelyard.sources.demo.scf import extract
from steelyard.sources.demo.weights import household_weights

# Rises whenever the same arguments would write other bytes; caches are named by it.
GENERATOR_VERSION = "5"
FEWEST_HOUSEHOLDS = 200
# SCF families are chosen from a pool so many times as large, a quarter of it fortunate.
POOL, LISTED = 15, 0.25
LARGEST_POOL = 60_000


def write_world(
    directory: Path,
    *,
    households: int = 5000,
    seed: int = 2022,
    survey_year: int = 2023,
    omit_columns: tuple[str, ...] = (),
) -> list[Path]:
    """Write a synthetic CPS ASEC and SCF in the publishers' raw layouts.

    Both files are samples of one artificial population anchored to published figures of
    2022. The same arguments give the same bytes.

    Parameters
    ----------
    directory
        Where the files go; made if absent.
    households
        Interviewed households in the ASEC, at least 200.
    seed
        Seed of all draws.
    survey_year
        Names the files (`hhpub23.csv` for 2023); incomes are those of 2022 in any case.
    omit_columns
        Person columns to leave out, as older vintages do (`SPM_BBSUBVAL`).

    Returns
    -------
    list of Path
        hhpub, ffpub, pppub, and the SCF summary extract.

    Raises
    ------
    ValueError
        If there are too few households, or a column to omit is not one of pppub's.
    """
    if households < FEWEST_HOUSEHOLDS:
        raise ValueError(
            f"demo world: {households} households asked for; the awkward cases and 51 states "
            f"need at least {FEWEST_HOUSEHOLDS}"
        )
    directory.mkdir(parents=True, exist_ok=True)
    draws = Draws(seed, "asec")
    sample = populate(draws, households)
    weights = household_weights(draws, sample.home, sample.person, sample.owned["rarity"])
    files = records(draws, sample, weights, survey_year)
    unknown = [name for name in omit_columns if name not in files["pppub"]]
    if unknown:
        raise ValueError(
            f"demo world: {len(unknown)} columns to omit are not in pppub: {unknown[:3]}"
        )
    files["pppub"] = {k: v for k, v in files["pppub"].items() if k not in omit_columns}
    year = f"{survey_year % 100:02d}"
    paths = [_write(directory / f"{name}{year}.csv", columns) for name, columns in files.items()]
    families = max(1000, round(households / 13))
    paths.append(_write(directory / f"SCFP{survey_year - 1}.csv", _scf(seed, families)))
    return paths


def _scf(seed: int, families: int) -> Columns:
    """Draw a pool of families and lay those chosen from it out as the SCF does."""
    draws = Draws(seed, "scf")
    size = min(POOL * families, max(LARGEST_POOL, 4 * families))
    pool = populate(draws, size, listed=LISTED)
    weights = household_weights(draws, pool.home, pool.person, pool.owned["rarity"])
    return extract(draws, pool, weights, families)


def _write(path: Path, columns: Columns) -> Path:
    """Write a CSV under a temporary name, then put it in place."""
    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    partial = path.with_name(path.name + ".partial")
    header = ",".join(columns) + "\n"
    with partial.open("wb") as sink:
        sink.write(header.encode())
        pa_csv.write_csv(
            table, sink, pa_csv.WriteOptions(include_header=False, quoting_style="none")
        )
    partial.replace(path)
    return path
