"""Nominal dollars of another income year: parts are scaled first, then added up again.

The law is that of 2022. In another year wages, benefits, prices of homes and every parameter
of the tax model are what they were relative to the average wage, so each amount is the amount
of 2022 times one ratio, in whole dollars; what the survey defines as a sum, a difference or a
product is computed anew from its scaled parts. Official poverty thresholds follow prices, as
they do by law; SPM thresholds are those published for the year.
"""

from dataclasses import replace

import numpy as np

from steelyard.sources.demo import need
from steelyard.sources.demo.anchors import BASE_YEAR, column, dollars
from steelyard.sources.demo.draws import Columns, total
from steelyard.sources.demo.population import Population

# Broadband was first subsidised in 2021 (Emergency Broadband Benefit).
FIRST_BROADBAND_YEAR = 2021
#: Amounts of persons that are not sums of others.
PARTS = (
    *need.EARNINGS, *need.OTHER_INCOME, "CAP_VAL", "RETCB_VAL", "CHSP_VAL", "PHIP_VAL",
    "POTC_VAL", "PMED_VAL", "PEMCPREM", "FICA", "AGI", "TAX_INC", "FEDTAX_BC", "EIT_CRED",
    "CTC_CRD", "ACTC_CRD", "STATETAX_A", "STATETAX_B",
)  # fmt: skip
OF_THE_HOUSEHOLD = ("HFDVAL", "HENGVAL")
OWNED = ("HOUSES", "MRTHEL")
OF_THE_UNIT = ("SPM_SCHLUNCH", "SPM_WICVAL", "SPM_CAPHOUSESUB", "SPM_BBSUBVAL", "SPM_CAPWKCCXPNS")


def of_year(what: str, income_year: int) -> float:
    """Return a figure of the `years` anchor."""
    years = column("years", "income_year").astype(np.int64).tolist()
    return float(column("years", what)[years.index(income_year)])


def price_growth(income_year: int) -> float:
    """Return the price level relative to 2022."""
    return of_year("cpi_u", income_year) / of_year("cpi_u", BASE_YEAR)


def in_dollars_of(world: Population, income_year: int) -> Population:
    """Return a population with the nominal dollars of another income year."""
    ratio = dollars(income_year)
    if income_year == BASE_YEAR:
        return world

    def scaled(table: Columns, names: tuple[str, ...]) -> Columns:
        return {name: np.round(ratio * table[name]) for name in names}

    person = world.person | scaled(world.person, PARTS)
    person |= need.totals(person)
    person["MOOP"] = need.out_of_pocket(person)
    person["FEDTAX_AC"] = person["FEDTAX_BC"] - person["EIT_CRED"] - person["ACTC_CRD"]
    home = world.home | scaled(world.home, OF_THE_HOUSEHOLD)
    home["HTOTVAL"] = total(person["PTOTVAL"], person["household"], len(home["age"]))
    spm = world.spm | scaled(world.spm, OF_THE_UNIT)
    if income_year < FIRST_BROADBAND_YEAR:
        spm["SPM_BBSUBVAL"] = np.zeros(len(spm["SPM_BBSUBVAL"]))
    first = world.unit["number"] == 1
    for name, of in (("SPM_SNAPSUB", "HFDVAL"), ("SPM_ENGVAL", "HENGVAL")):
        spm[name] = np.where(first, home[of][world.unit["household"]], 0.0)
    spm |= need.summed(person, world.unit)
    spm["SPM_POVTHRESHOLD"] = need.threshold(spm, need.spm_bases(income_year))
    spm |= need.balance(spm)
    owned = world.owned | scaled(world.owned, OWNED)
    return replace(world, home=home, person=person, owned=owned, spm=spm)
