"""The American Community Survey's public-use files: persons and housing, one-year samples.

A vintage is two zips, `csv_pus.zip` and `csv_hus.zip`, each with two members that split the
states (`psam_pusa.csv`, `psam_pusb.csv`). Columns stand in the publisher's order under the names
of their vintage. Money is told for the twelve months before the interview; ADJINC makes it
dollars of the vintage's calendar year. Blank is not in universe. What the demo world does not
know of a person is blank too, so every column is there, and most are empty.
"""

import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from steelyard.sources.demo import acs_household, acs_kin, acs_person, acs_sample
from steelyard.sources.demo.acs_text import (
    Field,
    code,
    laid_out,
    layout,
    number,
    replicate_fields,
    serial,
)
from steelyard.sources.demo.anchors import column, dollars
from steelyard.sources.demo.draws import Bools, Columns, Draws, Floats, total
from steelyard.sources.demo.kin import FIXED_HOUSEHOLDS
from steelyard.sources.demo.units import poverty_thresholds

VINTAGES = (2019, 2020, 2021, 2022, 2023)
HOST = "www2.census.gov/programs-surveys/acs"
# Households drawn at once; memory grows with this and not with the size of the sample.
BLOCK = 20_000
# Member a holds the states up to this code, member b the rest.
LAST_STATE_OF_A = 29
DATE = (2022, 1, 1, 0, 0, 0)
RECORDS = {"household": "hus", "person": "pus"}


@dataclass
class Numbers:
    """Serial numbers given out so far, of housing units and of group quarters."""

    housing: int = 0
    quarters: int = 0


def path_of(record: str, vintage: int) -> str:
    """Return where the publisher keeps a vintage's zip; that of 2020 is an experiment's.

    Source: Census FTP listing; the response of 2020 was too low for the standard release.
    """
    folder = "experimental/2020/data/pums" if vintage == 2020 else f"data/pums/{vintage}"
    return f"{HOST}/{folder}/1-Year/csv_{RECORDS[record]}.zip"


def write(folder: Path, *, vintage: int, households: int, seed: int) -> list[Path]:
    """Write a vintage's two zips below a folder, at the publisher's paths.

    Parameters
    ----------
    households
        Occupied housing units, about; vacant units and residents of group quarters come on top.
        1,400,000 is survey size, 3.5 million persons.

    Returns
    -------
    list of Path
        csv_hus.zip and csv_pus.zip.

    Raises
    ------
    ValueError
        If the vintage is not one of VINTAGES, or there are too few households.
    """
    if vintage not in VINTAGES or households < FIXED_HOUSEHOLDS:
        raise ValueError(
            f"demo ACS: vintage {vintage} with {households} households asked for; vintages are "
            f"{VINTAGES}, and a sample has at least {FIXED_HOUSEHOLDS} households"
        )
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".acs-", dir=folder) as scratch, ExitStack() as open_:
        members = {
            (record, part): (Path(scratch) / f"psam_{name}{part}.csv")
            for record, name in RECORDS.items()
            for part in "ab"
        }
        sinks = {key: open_.enter_context(path.open("wb")) for key, path in members.items()}
        for (record, _), sink in sinks.items():
            sink.write((",".join(name for name, _ in layout(record, vintage)) + "\n").encode())
        numbers = Numbers()
        for number_, count in enumerate(_blocks(households)):
            _write_block(sinks, (seed, vintage, number_, count), count / households, numbers)
        for sink in sinks.values():
            sink.close()
        return [
            _zip(folder / path_of(record, vintage), [members[record, part] for part in "ab"])
            for record in RECORDS
        ]


def _blocks(households: int) -> Iterator[int]:
    """Cut a sample into blocks; none is so small that it lacks the awkward cases."""
    count = max(1, round(households / BLOCK))
    for part in range(count):
        yield households * (part + 1) // count - households * part // count


def _write_block(
    sinks: Mapping[tuple[str, str], IO[bytes]],
    which: tuple[int, int, int, int],
    share: float,
    numbers: Numbers,
) -> None:
    """Draw a block and append its records to the members."""
    seed, vintage, number_, count = which
    sample = acs_sample.draw(seed, vintage, number_, count, share)
    draws = Draws(seed, f"acs {vintage} {number_} answers")
    state = sample.home["state"]
    in_a = column("acs_states", "state_fips")[state] <= LAST_STATE_OF_A
    tables = _tables(draws, sample, vintage, numbers)
    member = {"household": in_a, "person": in_a[sample.person["record"]]}
    for record, rows in tables.items():
        for part, chosen in (("a", member[record]), ("b", ~member[record])):
            pa_csv.write_csv(
                rows.filter(chosen),
                sinks[record, part],
                pa_csv.WriteOptions(include_header=False, quoting_style="none"),
            )


def _tables(
    draws: Draws, sample: acs_sample.Sample, vintage: int, numbers: Numbers
) -> dict[str, Any]:
    """Lay the block out as the two records of a vintage."""
    adjustment = acs_person.vintage_fact(vintage, "adjinc")
    nominal = dollars(vintage)
    told = nominal * 1e6 / adjustment
    top = acs_person.vintage_fact(vintage, "social_security_top")
    money = acs_person.incomes(sample.person, told, top)
    record = sample.person["record"]
    unit = sample.home["type"] == acs_sample.HOUSING
    place = _place(draws, sample, numbers, vintage)
    ratio = _poverty(sample, money, told)
    common = {"ADJINC": number(np.full(len(unit), adjustment))}
    common["ADJHSG"] = number(np.full(len(unit), 1_000_000))
    home = place | common | acs_household.fields(draws, sample, money, nominal)
    home["RT"] = _constant("H", len(unit))
    home |= replicate_fields("WGTP", sample.home_replicates)
    person = {name: values.take(record) for name, values in (place | common).items()}
    person |= acs_person.fields(draws, sample, money, ratio, vintage)
    person["RT"] = _constant("P", len(record))
    person |= replicate_fields("PWGTP", sample.person_replicates)
    return {
        "household": laid_out(home, "household", vintage, unit),
        "person": laid_out(person, "person", vintage, np.ones(len(record), dtype=bool)),
    }


def _constant(text: str, count: int) -> Field:
    """Repeat a text."""
    return pc.take([text], np.zeros(count, dtype=np.int64))


def _place(
    draws: Draws, sample: acs_sample.Sample, numbers: Numbers, vintage: int
) -> dict[str, Field]:
    """Give each record its serial number and place."""
    state = sample.home["state"]
    unit = sample.home["type"] == acs_sample.HOUSING
    order = np.where(unit, np.cumsum(unit) + numbers.housing, np.cumsum(~unit) + numbers.quarters)
    numbers.housing += int(unit.sum())
    numbers.quarters += int((~unit).sum())
    prefix = np.where(unit, f"{vintage}HU", f"{vintage}GQ")
    fips = code(column("acs_states", "state_fips")[state], 2)
    return {
        "SERIALNO": serial(prefix, order),
        "DIVISION": number(column("acs_states", "division")[state]),
        "REGION": number(column("acs_states", "region")[state]),
        "ST": fips,
        "STATE": fips,
        "PUMA": code(100 * acs_sample.places(draws, state), 5),
    }


def _poverty(sample: acs_sample.Sample, money: Columns, told: float) -> Floats:
    """Income to the official threshold of each person (n,), -1 where it is not determined.

    A family is the relatives in a unit; anybody else stands alone, and a child among strangers
    has no status. In institutions and dormitories poverty is not determined.
    """
    person, count = sample.person, len(sample.home["law"])
    record, age = person["record"], person["age"]
    kin = np.isin(person["RELSHIPP"], acs_kin.RELATED)
    reference = person["RELSHIPP"] == acs_kin.REFERENCE
    elder = total(reference & (age >= 65), record, count)[record] > 0
    child = (age < 18) & ~np.isin(person["RELSHIPP"], (acs_kin.REFERENCE, acs_kin.SPOUSE))
    size = np.where(kin, np.bincount(record[kin], minlength=count)[record], 1)
    children = np.where(kin, total(kin & child, record, count)[record], 0).astype(np.int64)
    income = np.where(kin, total(money["PINCP"] * kin, record, count)[record], money["PINCP"])
    line = poverty_thresholds(size, children, np.where(kin, elder, age >= 65))
    known = kin | (age >= 15)
    known &= (sample.home["type"][record] == acs_sample.HOUSING) | _counted(person)
    return np.where(known, np.maximum(income / told / line, 0.0), -1.0)


def _counted(person: Columns) -> Bools:
    """Whether a resident of group quarters is counted for poverty: not in dorms."""
    free = person["RELSHIPP"] == acs_kin.NONINSTITUTION
    return np.asarray(free & (person["age"] >= 25))


def _zip(path: Path, members: list[Path]) -> Path:
    """Pack members with a fixed date under a temporary name, then put the zip in place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for member in members:
            entry = zipfile.ZipInfo(member.name, DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry._compresslevel = 1  # type: ignore[attr-defined]
            with member.open("rb") as source, archive.open(entry, "w", force_zip64=True) as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
            member.unlink()
    partial.replace(path)
    return path
