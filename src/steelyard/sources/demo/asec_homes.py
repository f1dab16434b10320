"""Household and family records of the CPS ASEC's public-use layout."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.sources.demo import kin
from steelyard.sources.demo.anchors import table
from steelyard.sources.demo.asec_dollars import price_growth
from steelyard.sources.demo.asec_sample import Block
from steelyard.sources.demo.draws import Columns, Floats, Ints, total
from steelyard.sources.demo.population import Population
from steelyard.sources.demo.units import family_thresholds


def whole(values: NDArray[Any]) -> Ints:
    """Return integers, rounded to the nearest."""
    return np.asarray(np.rint(values), dtype=np.int64)


def implied(weights: Floats) -> Ints:
    """Return weights with two implied decimals."""
    return whole(100.0 * weights)


def households(block: Block) -> Columns:
    """Household records; those not interviewed hold a place and no data."""
    draws, world = block.draws, block.world
    home, person, owned = world.home, world.person, world.owned
    count = len(block.interviewed)
    household = person["household"]
    place = draws.uniform(count, "metropolitan")
    fips = table("states")["state_fips"].astype(int).to_numpy()[home["state"]]
    metro = np.select([place < 0.86, place < 0.98], [1, 2], 3)
    county = np.where((metro == 1) & (place < 0.35), 1 + 2 * np.floor(place * 8.5), 0)
    county = np.where(np.isin(fips, (2, 9, 11)), 0, county)
    families = np.bincount(world.family["household"], minlength=count)
    head_type = np.select(
        [home["quarters"], home["union"] == 1, families == 0],
        [9, 1, 0],
        np.where(home["female"], 7, 6),
    )
    kin_size = total(np.isin(person["role"], kin.RELATED), household, count)
    head_type = np.where(
        (head_type >= 6) & (head_type < 9) & (kin_size > 1), head_type - 3, head_type
    )
    known: Columns = {
        "H_HHTYPE": np.ones(count), "H_TYPE": head_type,
        "H_LIVQRT": np.where(home["quarters"], 12, 1), "H_NUMPER": home["size"],
        "H_TENURE": home["H_TENURE"], "GTCO": county, "GTCBSA": np.zeros(count),
        "GTMETSTA": metro, "HSUP_WGT": implied(block.weights), "HTOTVAL": home["HTOTVAL"],
        "HEARNVAL": total(person["PEARNVAL"], household, count), "HNUMFAM": families,
        "HUNDER18": total(person["age"] < 18, household, count), "HFDVAL": home["HFDVAL"],
        "HFOODSP": np.where(home["HFDVAL"] > 0, 1, 2), "HPUBLIC": home["HPUBLIC"],
        "HLORENT": home["HLORENT"], "HENGVAL": home["HENGVAL"],
        "HENGAST": np.where(home["HENGVAL"] > 0, 1, 2),
        "HPROP_VAL": np.where(home["H_TENURE"] == 1, owned["HOUSES"], 0),
        "HPRES_MORT": np.where(home["H_TENURE"] == 1, np.where(owned["MRTHEL"] > 0, 1, 2), 0),
    }  # fmt: skip
    order = np.argsort(np.concatenate([block.interviewed, block.missed]), kind="stable")
    lost = len(block.missed)
    where = np.floor(draws.uniform(lost, "noninterview state") * 51).astype(np.int64)
    states = table("states")["state_fips"].astype(int).to_numpy()
    found: Columns = {
        "H_SEQ": block.first[0] + np.arange(1, count + lost + 1),
        "H_IDNUM": block.ids,
        "H_YEAR": np.full(count + lost, block.survey_year),
        "H_MIS": np.concatenate([block.months, 1 + np.arange(lost) % 8])[order],
        "GESTFIPS": np.concatenate([fips, states[where]])[order],
    }
    blank = {"H_HHTYPE": 2 + np.arange(lost) % 2}
    for name, values in known.items():
        found[name] = np.concatenate(
            [whole(values), blank.get(name, np.zeros(lost, dtype=np.int64))]
        )[order]
    return found


def families(block: Block) -> Columns:
    """Family records: primary families, subfamilies, and individuals on their own."""
    world = block.world
    family, person = world.family, world.person
    income = _family_sum(world, person["PTOTVAL"])
    earned = _family_sum(world, person["PEARNVAL"])
    cut = official_thresholds(block)
    ratio = income / cut
    steps = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 1.85, 2, 2.5, 3, 3.5, 4, 4.5]
    return {
        "FH_SEQ": block.interviewed[family["household"]],
        "FFPOS": family["position"],
        "FKIND": family["kind"],
        "FTYPE": family["type"],
        "FPERSONS": family["size"],
        "FRELU18": family["children"],
        "FRELU6": family["young"],
        "FHEADIDX": person["sequence"][family["root"]],
        "FSUP_WGT": implied(block.weights[family["household"]]),
        "FTOTVAL": whole(income),
        "FEARNVAL": whole(earned),
        "FOTHVAL": whole(income - earned),
        "FPOVCUT": whole(cut),
        "FAMLIS": poverty_class(ratio),
        "POVLL": 1 + np.searchsorted(steps, ratio, side="right"),
    }


def official_thresholds(block: Block) -> Floats:
    """Return the official poverty threshold of each family (n_families,), whole dollars."""
    cut = family_thresholds(block.world.family, block.world.person)
    return np.asarray(np.round(cut * price_growth(block.survey_year - 1)))


def poverty_class(ratio: Floats) -> Ints:
    """Return FAMLIS and PERLIS: 1 below the threshold, 2 to 1.24, 3 to 1.49, 4 above."""
    return 1 + np.searchsorted([1.0, 1.25, 1.5], ratio, side="right")


def _family_sum(world: Population, values: Floats) -> Floats:
    """Sum over members: subfamilies over their own, primary families over all kin."""
    count = len(world.family["household"])
    everyone = total(values, world.member["poverty_family"], count)
    own = total(values, world.member["own"], count)
    return np.where(np.bincount(world.member["poverty_family"], minlength=count) > 0, everyone, own)
