"""A change of the law as data: read from YAML, laid over the parameters of the benefit engine."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import yaml

from steelyard.oasdi import Parameters
from steelyard.oasdi.dates import AGE_62, AGE_70
from steelyard.oasdi.series import Series
from steelyard.panel.lives import Floats, Ints
from steelyard.panel.payments.reform_text import KEYS, Allowed, Said

PAYROLL_TAX_PERCENT = 12.4
"""Of taxable payroll since 1990, employees and employers together; 26 U.S.C. 3101(a), 3111(a)."""
CHAINED = 0.3
"""Points a year by which a chained CPI-W lowers increases: SSA, Office of the Chief Actuary,
Provisions Affecting Cost-of-Living Adjustment."""
UNLIMITED = 10**9
"""Dollars a year, for no taxable maximum."""
SURVIVORS_LAG = 2
"""Birth years by which survivors' full retirement age follows workers' (20 CFR 404.409(b))."""
Steps = tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Reform:
    """What changes, and from when; hashable, so that a panel's key can hold it.

    Steps are pairs of a year and what holds from it until the next pair.

    Parameters
    ----------
    name
        What messages and tables call it.
    from_year
        First year of change: of eligibility for the formula, calendar year for the rest.
    pia_percents
        Percent of AIME below, between and above the bend points, by eligibility year.
    bend_point_scale
        What bend points of the PIA formula are multiplied by, by eligibility year.
    full_retirement_age
        Months, by birth year. Survivors follow two birth years later.
    maximum_times, maximum_dollars
        What the taxable maximum is multiplied by, or dollars by year; a year without dollars grows
        from the one before as present law's maximum does. `UNLIMITED` for none.
    counts_for_benefits
        Whether earnings that only the reform taxes count for benefits.
    cola_minus
        Points taken off each December's increase, which never falls below zero.
    payroll_tax_rate
        Percent of taxable payroll, by calendar year.
    """

    name: str
    from_year: int
    pia_percents: tuple[tuple[int, tuple[float, float, float]], ...] = ()
    bend_point_scale: Steps = ()
    full_retirement_age: tuple[tuple[int, int], ...] = ()
    maximum_times: float | None = None
    maximum_dollars: Steps = ()
    counts_for_benefits: bool = True
    cola_minus: float = 0.0
    payroll_tax_rate: Steps = ()

    @classmethod
    def from_yaml(cls, text: str) -> Self:
        """Read a reform from YAML; see `from_mapping`."""
        given = yaml.safe_load(text)
        if not isinstance(given, Mapping):
            raise ValueError(f"reform: expected keys and values, got {type(given).__name__}")
        return cls.from_mapping(given)

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> Self:
        """Read a reform from the keys `KEYS`.

        Raises
        ------
        ValueError
            If a key is not known, or a value is not what it may be: the message names the reform,
            the key and what is allowed.
        """
        said = Said(str(given.get("name", "")), given)
        said.only(KEYS)
        from_year = said.year("from_year")
        changes = {name: read(said, from_year) for name, read in _READERS.items() if name in given}
        if not changes:
            raise ValueError(f"{said.where}: nothing changes; give one of {', '.join(_READERS)}")
        fields: dict[str, Any] = {}
        for part in changes.values():
            fields |= part
        counts = said.flag("counts_for_benefits", default=True)
        return cls(said.text("name"), from_year, counts_for_benefits=counts, **fields)

    def law(self, law: Parameters) -> Parameters:
        """Return the parameters under the reform, for `steelyard.oasdi`."""
        first, second = law.pia_bends
        return replace(
            law,
            pia_shares=self._shares(law),
            pia_bends=(self._scaled(first), self._scaled(second)),
            ages=self._ages(law),
            contribution_base=self.taxed(law)
            if self.counts_for_benefits
            else law.contribution_base,
            cola=self._cola(law),
        )

    def taxed(self, law: Parameters) -> Series:
        """Return the taxable maximum of each year, dollars."""
        base = law.contribution_base
        years = np.arange(base.first, base.last + 1)
        amounts = base.values.astype(np.float64)
        for year, dollars in self.maximum_dollars:
            after = years >= year
            amounts[after] = dollars * base.values[after] / float(base.at(year))
        if self.maximum_times is not None:
            amounts = np.where(years >= self.from_year, amounts * self.maximum_times, amounts)
        amounts = np.minimum(np.rint(amounts), UNLIMITED).astype(np.int64)
        return replaced(base, amounts)

    def payroll_tax_percent(self, years: Ints) -> Floats:
        """Return the tax rate of each year, percent of taxable payroll, (n,)."""
        return held(self.payroll_tax_rate, years, PAYROLL_TAX_PERCENT)

    def _shares(self, law: Parameters) -> tuple[Series, Series, Series]:
        changed = []
        for place, share in enumerate(law.pia_shares):
            steps = tuple((year, percents[place] * 100) for year, percents in self.pia_percents)
            years = np.arange(share.first, share.last + 1)
            changed.append(replaced(share, held(steps, years, share.values)))
        return changed[0], changed[1], changed[2]

    def _scaled(self, bend: Series) -> Series:
        years = np.arange(bend.first, bend.last + 1)
        return replaced(bend, bend.values * held(self.bend_point_scale, years, 1.0))

    def _cola(self, law: Parameters) -> Series:
        years = np.arange(law.cola.first, law.cola.last + 1)
        lower = np.maximum(law.cola.values - 10 * self.cola_minus, 0.0)
        return replaced(law.cola, np.where(years >= self.from_year, lower, law.cola.values))

    def _ages(self, law: Parameters) -> Ints:
        path = self.full_retirement_age
        born = [year for year, _ in path]
        bands = {*law.ages[:, 0].tolist(), *born, *(year + SURVIVORS_LAG for year in born)}
        years = np.array(sorted(bands), np.int64)
        row = np.searchsorted(law.ages[:, 0], years, side="right") - 1
        ages = law.ages[row].copy()
        ages[:, 0] = years
        ages[:, 1] = held(path, years, ages[:, 1])
        ages[:, 2] = held(path, years - SURVIVORS_LAG, ages[:, 2])
        return ages


def held(steps: tuple[tuple[int, float], ...], years: Ints, before: float | Ints) -> Floats:
    """Return the value of the last step up to each year, `before` ahead of the first, (n,)."""
    values = np.broadcast_to(np.asarray(before, np.float64), years.shape).copy()
    for year, value in steps:
        values[years >= year] = value
    return values


def replaced(series: Series, values: Floats | Ints) -> Series:
    """Return a series with other values, to the nearest whole unit."""
    units = np.floor(np.asarray(values, np.float64) + 0.5).astype(np.int64)
    return Series(series.name, series.first, units, series.last_published)


def _percents(said: Said, from_year: int) -> dict[str, Any]:
    key = "pia_percents"
    text = "three percentages between 0 and 100, to the hundredth, or such by eligibility year"
    percent = Allowed(0, 100, text, step=0.01)

    def three(value: Any) -> tuple[float, ...]:
        if not isinstance(value, list) or len(value) != 3:
            raise said.error(key, value, text)
        return tuple(said.number(key, each, percent) for each in value)

    return {key: said.by_year(key, from_year, three, text)}


def _scale(said: Said, from_year: int) -> dict[str, Any]:
    key, text = "bend_point_scale", "a factor between 0.1 and 10, or such by eligibility year"
    return {key: said.numbers(key, from_year, Allowed(0.1, 10, text))}


def _age_path(said: Said, from_year: int) -> dict[str, Any]:
    key, first = "full_retirement_age", from_year - 62
    text = f"months from {AGE_62} to {AGE_70}, by birth year, from {first} on"
    if not isinstance(said.given[key], Mapping):
        raise said.error(key, said.given[key], text)
    path = said.numbers(key, first, Allowed(AGE_62, AGE_70, text, step=1))
    return {key: tuple((born, int(months)) for born, months in path)}


def _maximum(said: Said, from_year: int) -> dict[str, Any]:
    key = "taxable_maximum"
    forms = {
        "times": Allowed(0.1, 1000, "a factor between 0.1 and 1000"),
        "dollars": Allowed(1, UNLIMITED, "whole dollars, or such by calendar year", step=1),
    }
    if said.given[key] == "none":
        return {"maximum_dollars": ((from_year, float(UNLIMITED)),)}
    form, value = said.one_of(key, forms, "none")
    if form == "times":
        return {"maximum_times": said.number(key, value, forms[form])}
    return {"maximum_dollars": said.numbers(key, from_year, forms[form], value)}


def _cola(said: Said, from_year: int) -> dict[str, Any]:
    forms = {"minus": Allowed(0, 10, "points between 0 and 10, to the tenth", step=0.1)}
    if said.given["cola"] == "chained":
        return {"cola_minus": CHAINED}
    form, value = said.one_of("cola", forms, "chained")
    return {"cola_minus": said.number("cola", value, forms[form])}


def _rate(said: Said, from_year: int) -> dict[str, Any]:
    key, text = "payroll_tax_rate", "percent between 0 and 100, or such by calendar year"
    return {key: said.numbers(key, from_year, Allowed(0, 100, text))}


_READERS = {
    "pia_percents": _percents,
    "bend_point_scale": _scale,
    "full_retirement_age": _age_path,
    "taxable_maximum": _maximum,
    "cola": _cola,
    "payroll_tax_rate": _rate,
}
