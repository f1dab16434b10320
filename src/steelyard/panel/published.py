"""What is published about a population and its Social Security, to which a panel is aligned.

Ages are those at the last birthday. Sexes come in the order of `SEXES`, marital states in that of
`MARITAL_STATES`. Persons are those of the Social Security area: residents of the states and
territories, with what the census misses, and Americans abroad.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from steelyard.impute.identity import content_hash
from steelyard.oasdi.parameters import Scenario
from steelyard.oasdi.tables import read_packaged
from steelyard.panel import readings, series
from steelyard.panel.lives import Floats
from steelyard.panel.population import MARITAL_STATES
from steelyard.panel.readings import CLAIMS, RISK_AGES, DisabilityEnds
from steelyard.panel.series import OLDEST, SEXES, Bands, Table, Yearly

#: The tables, ``params_<name>``.
TABLES = (
    "nchs_birth_rate",
    "nchs_marriage_rate",
    "ssa_beneficiary",
    "ssa_claim_age",
    "ssa_covered_workers",
    "ssa_death_probability",
    "ssa_disability_award",
    "ssa_disability_end",
    "ssa_disability_stock",
    "ssa_mortality_by_earnings",
    "ssa_population",
    "ssa_retired_worker",
    "ssa_trust_fund",
    "ssa_trustees",
    "ssa_trustees_cost",
)
#: Ages of the population; the last stands for all above.
AGES = 101
#: The first age of marriage.
MARRIAGEABLE = 16
#: Deaths before the first birthday that fall into the calendar year of birth, of all such deaths.
#: Assumption: two thirds die in the first month, the others four months old on average.
BORN_AND_DEAD = 0.875
#: The age at which lifetime earnings no longer tell who dies.
RISK_ENDS = 95
#: Part of those who claim at 62 who do so in the first month, and of those who claim at 65 before
#: full retirement age who do so in the month of 65, with Medicare. Assumptions.
AT_ONCE_62, AT_ONCE_65 = 0.7, 0.25
#: Months in which the 2022 claims at 66 before full retirement age could fall: that age was 66
#: years and 2 or 4 months.
_MONTHS_BEFORE = 3


@dataclass(frozen=True, eq=False)
class Published:
    """Published tables as arrays and the rates that follow from them.

    Parameters
    ----------
    first_year
        Of `mid_year`, `population` and `deaths`.
    mid_year
        (years, AGES, 2, 4) persons on 1 July by age, sex and marital state; the Trustees'
        intermediate path of 2024.
    deaths
        (years, 2, OLDEST) probability of dying between two birthdays, for those who have the
        first of them in the year; the Trustees' intermediate path of 2025.
    relative_risk
        (2, 10) risk of dying by decile of lifetime earnings within the sex over the mean of the
        deciles, of men of 63 and women of 65 (Waldron 2013).
    birth_rates
        (years, 50) births a year per woman of each age, from `birth_year` on.
    birth_year
        The first year of `birth_rates`.
    vital
        Couples marrying and divorcing per person and year: ``marriages``, ``divorces``.
    disability_awards, award_year
        New disabled workers of the last published year (2023), and that year.
    disability_ends
        Of the last published year (2023).
    disabled_workers, retired_workers
        Those paid at the end of the last published year (2024), with average monthly benefits.
    beneficiaries
        Those paid at the end of 2024 by type of benefit: (4,) men, their average dollars a month,
        women, theirs.
    claims
        (2, len(CLAIMS)) shares of the new retired workers of the last published year.
    workers
        Covered workers by year.
    outlooks
        The Trustees' series by scenario.
    cost
        Of the intermediate path of 2025, dollars a year: ``cost``, ``taxable_payroll``,
        ``taxation_of_benefits`` (the trust funds' income from it).
    trust_fund
        Dollars a year: ``payroll_tax``, ``taxation_of_benefits``, ``general_fund``, ``interest``,
        ``receipts``, ``benefits``, ``administration``, ``railroad``, ``outgo``; and
        ``assets_at_end``. Both funds together.
    population
        (years, AGES, 2, 4) persons on 31 December: the mean of two first days of July, of the
        last year the half step on.
    """

    first_year: int
    mid_year: Floats
    deaths: Floats
    relative_risk: Floats
    birth_rates: Floats
    birth_year: int
    vital: Yearly
    disability_awards: Bands
    award_year: int
    disability_ends: DisabilityEnds
    disabled_workers: Bands
    retired_workers: Bands
    beneficiaries: Mapping[str, Floats]
    claims: Floats
    workers: Mapping[int, Bands]
    outlooks: Mapping[str, Yearly]
    cost: Yearly
    trust_fund: Yearly
    population: Floats = field(init=False)

    def __post_init__(self) -> None:
        middle = self.mid_year
        ahead = np.concatenate([middle[1:], np.maximum(2 * middle[-1:] - middle[-2:-1], 0)])
        object.__setattr__(self, "population", (middle + ahead) / 2)
        # One container serves all; nobody writes into it.
        for part in fields(self):
            value = getattr(self, part.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

    @classmethod
    def from_tables(cls, tables: Mapping[str, Table]) -> "Published":
        """Build it from the tables ``params_<name>``, keyed by name.

        Raises
        ------
        ValueError
            If a table, or a row of a series that must be complete, is missing.
        """
        missing = [name for name in TABLES if name not in tables]
        if missing:
            raise ValueError(f"published tables missing: {', '.join(missing)}")
        names = [f"{sex}_{state}" for sex in SEXES for state in MARITAL_STATES]
        first_year, people = series.grid("ssa_population", tables["ssa_population"], AGES, names)
        begins, deaths = series.grid(
            "ssa_death_probability", tables["ssa_death_probability"], OLDEST, SEXES
        )
        if begins != first_year or len(deaths) != len(people):
            raise ValueError("ssa_population and ssa_death_probability must have the same years")
        birth_year, birth_rates = readings.birth_rates(tables["nchs_birth_rate"])
        awards = series.last_rows(tables["ssa_disability_award"])
        return cls(
            first_year=first_year,
            mid_year=people.reshape(len(people), AGES, 2, len(MARITAL_STATES)),
            deaths=deaths.transpose(0, 2, 1),
            relative_risk=readings.relative_risk(tables["ssa_mortality_by_earnings"]),
            birth_rates=birth_rates,
            birth_year=birth_year,
            vital=readings.vital(tables["nchs_marriage_rate"]),
            disability_awards=series.bands(awards),
            award_year=int(awards["year"][0]),
            disability_ends=readings.disability_ends(tables["ssa_disability_end"]),
            disabled_workers=readings.paid(tables["ssa_disability_stock"]),
            retired_workers=readings.paid(tables["ssa_retired_worker"]),
            beneficiaries=readings.beneficiaries(tables["ssa_beneficiary"]),
            claims=readings.claims(tables["ssa_claim_age"]),
            workers=readings.workers(tables["ssa_covered_workers"]),
            outlooks=readings.outlooks(tables["ssa_trustees"]),
            cost=series.yearly(
                "ssa_trustees_cost",
                tables["ssa_trustees_cost"],
                dict.fromkeys(("cost", "taxable_payroll", "taxation_of_benefits"), 1e9),
            ),
            trust_fund=readings.trust_fund(tables["ssa_trust_fund"]),
        )

    @property
    def last_year(self) -> int:
        """The last year of the population."""
        return self.first_year + len(self.mid_year) - 1

    @property
    def key(self) -> str:
        """A hash of all that is in it."""
        return content_hash(self)

    def people(self, year: int) -> Floats:
        """Return persons (AGES, 2, 4) on 31 December of `year`.

        Raises
        ------
        ValueError
            If nothing is published for the year; so do all methods that take one.
        """
        return np.asarray(self.population[self._at(year)])

    def death_probability(self, year: int) -> Floats:
        """Return the probability (2, OLDEST) of dying before the next birthday.

        Of those who have the birthday in `year`: a row of the table of their cohort, and what
        makes a life expectancy of the period. For a step from December to December take
        `death_chance`.
        """
        return np.asarray(self.deaths[self._at(year)])

    def death_chance(self, year: int) -> Floats:
        """Return the chance (2, OLDEST) of dying in `year` by age on 31 December before it.

        Such a person is on average half a year past a birthday: half the risk of that year of age
        and half of the next one. Of infants, those deaths are left that the year of birth did not
        see, `BORN_AND_DEAD`.
        """
        now, then = self.deaths[self._at(year - 1)], self.deaths[self._at(year)]
        after = np.concatenate([then[:, 1:], np.ones((2, 1))], axis=1)
        chance = 1 - np.sqrt((1 - now) * (1 - after))
        chance[:, 0] = (1 - BORN_AND_DEAD) * now[:, 0] + after[:, 0] / 2
        return np.asarray(chance)

    def mortality_risk(self, female: ArrayLike, age: ArrayLike, decile: ArrayLike) -> Floats:
        """Return the relative risk (n,) of dying by decile (n,) 0 to 9 of lifetime earnings.

        Flat up to the age of the sex in `RISK_AGES`, then fading in equal steps to 1 at
        `RISK_ENDS`: an assumption. Nothing is renormalised here.

        Raises
        ------
        ValueError
            If a decile lies outside 0 to 9.
        """
        sex, tenth = np.asarray(female).astype(np.int64), np.asarray(decile, np.int64)
        outside = np.atleast_1d((tenth < 0) | (tenth > 9))
        if outside.any():
            first = np.atleast_1d(tenth)[outside][:3].tolist()
            raise ValueError(f"{int(outside.sum())} decile(s) outside 0 to 9, first {first}")
        begins = np.array(RISK_AGES)[sex]
        faded = np.clip((np.asarray(age) - begins) / (RISK_ENDS - begins), 0, 1)
        risk = self.relative_risk[sex, tenth]
        return np.asarray(1 + (risk - 1) * (1 - faded))

    def birth_rate(self, year: int) -> Floats:
        """Return births a year per woman (50,) of each age; the last published one later on.

        For levels take `births`.
        """
        at = min(max(year - self.birth_year, 0), len(self.birth_rates) - 1)
        return np.asarray(self.birth_rates[at])

    def births(self, year: int) -> float:
        """Return the births of `year`, persons.

        Those of age 0 at its end, and those who died before: among them who came from abroad.
        """
        dead = BORN_AND_DEAD * self.deaths[self._at(year), :, 0]
        return float((self.people(year)[0].sum(axis=1) / (1 - dead)).sum())

    def first_marriage_rate(self, year: int) -> Floats:
        """Return the chance (2, AGES) that a single person marries within the next year.

        Of those alive and of each age at the end of `year`: how far the share of single persons
        falls as the cohort becomes a year older, 1 - s(t+1, a+1) / s(t, a). Deaths and migration
        are taken to leave shares alone, so that the rates keep the Trustees' stocks of single
        persons in a panel whose mortality does not know marital states. 0 before `MARRIAGEABLE`,
        at the last age, and where shares rise.
        """
        if year == self.last_year:
            year -= 1
        now, then = self.people(year), self.people(year + 1)
        single, ahead = now[..., 0] / now.sum(axis=-1), then[..., 0] / then.sum(axis=-1)
        rate = np.zeros((2, AGES))
        rate[:, :-1] = 1 - (ahead[1:] / single[:-1]).T
        rate[:, :MARRIAGEABLE] = 0
        rate[:, -2:] = 0
        return np.clip(rate, 0, 1)

    def marriages(self, year: int) -> float:
        """Return the couples that marry in `year`: the crude rate, held after the last one."""
        return self._couples("marriages", year)

    def divorces(self, year: int) -> float:
        """Return the couples that divorce in `year`: the crude rate, held after the last one."""
        return self._couples("divorces", year)

    def disability_award_rate(self) -> Floats:
        """Return new disabled workers per person (2, AGES) of each age, of all persons.

        The same throughout a published band; awards under 25 go to 18 and over, those from 65 on
        to 65 and 66.
        """
        awards = self.disability_awards
        people = self.mid_year[self._at(self.award_year)].sum(axis=-1)
        rate = np.zeros((2, AGES))
        for band, (lower, upper) in enumerate(zip(awards.lower, awards.upper, strict=True)):
            ages = slice(max(int(lower), 18), min(int(upper), 67))
            rate[:, ages] = (awards.number[:, band] / people[ages].sum(axis=0))[:, None]
        return rate

    def claim_share(self, female: bool) -> Floats:
        """Return the shares (len(CLAIMS),) of the ages at which new retired workers claim.

        Of those who claimed in one year: cohorts of unequal size are in it.
        """
        return np.asarray(self.claims[int(female)])

    def claim_months(self, female: bool, full_retirement_age: int) -> Floats:
        """Return the share (97,) that claims each month from 62 years to 70 years.

        Parameters
        ----------
        female
            Whose shares.
        full_retirement_age
            In months, of the cohort: 792 (66 years) to 804 (67), and to 828 (69) under a reform.

        Notes
        -----
        Assumptions: `AT_ONCE_62` and `AT_ONCE_65` fall on one month; the other claims of a
        published age spread evenly over its months. A month at 66 before full retirement age
        counts what it did in 2022, so that a cohort with more such months has more of them and
        less of all that comes later. Those of 70 and over claim at 70.
        """
        if not 792 <= full_retirement_age <= 828:
            raise ValueError(f"full retirement age {full_retirement_age} is not 792 to 828 months")
        share = dict(zip(CLAIMS, self.claim_share(female), strict=True))
        full = full_retirement_age - 62 * 12
        months = np.zeros(97)
        months[0] = AT_ONCE_62 * share["age62"]
        months[1:12] = (1 - AT_ONCE_62) * share["age62"] / 11
        months[12:24], months[24:36] = share["age63"] / 12, share["age64"] / 12
        months[36] = AT_ONCE_65 * share["age65_before_fra"]
        months[37:48] = (1 - AT_ONCE_65) * share["age65_before_fra"] / 11
        months[48:full] = share["age66_before_fra"] / _MONTHS_BEFORE
        left = (1 - months.sum()) / sum(share[name] for name in CLAIMS[5:])
        months[full] = share["age66_at_fra"] * left
        months[full + 1 : 96] = (
            (share["age66_after_fra"] + share["age67_to_69"]) * left / (95 - full)
        )
        months[96] = share["age70_and_over"] * left
        return months

    def trustees(self, scenario: Scenario = "intermediate") -> Yearly:
        """Return the Trustees' series of 2026, from 1990 on.

        ``covered_workers``, ``oasi_beneficiaries``, ``di_beneficiaries`` (persons);
        ``consumer_prices`` (2026 is 100); ``average_wage_index``, ``taxable_payroll``, ``gdp``
        (dollars a year); ``compound_interest_factor`` (by which a dollar of 1 January 2026 grows
        to the middle of the year).
        """
        if scenario not in self.outlooks:
            raise ValueError(f"no scenario {scenario!r}; has {', '.join(self.outlooks)}")
        return self.outlooks[scenario]

    def covered_workers(self, year: int, scenario: Scenario = "intermediate") -> Bands:
        """Return covered workers by age and sex.

        As published as long as they are; then the last published share of each group's people,
        all scaled to the Trustees' number of workers.
        """
        if year in self.workers:
            return self.workers[year]
        last = max(self.workers)
        known = self.workers[last]
        share = known.number / self._grouped(known, last)
        number = share * self._grouped(known, year)
        number *= self.trustees(scenario).of("covered_workers", year) / number.sum()
        return Bands(known.lower, known.upper, number, known.average)

    def _grouped(self, groups: Bands, year: int) -> Floats:
        people = self.people(year).sum(axis=-1)
        pairs = zip(groups.lower, groups.upper, strict=True)
        return np.stack([people[lower:upper].sum(axis=0) for lower, upper in pairs], axis=1)

    def _couples(self, name: str, year: int) -> float:
        rate = self.vital.of(name, min(year, self.vital.last_year))
        return float(rate * self.mid_year[self._at(year)].sum())

    def _at(self, year: int) -> int:
        if not self.first_year <= year <= self.last_year:
            raise ValueError(
                f"published population and mortality: {year} is not among the years "
                f"{self.first_year} to {self.last_year}"
            )
        return year - self.first_year


@lru_cache(maxsize=1)
def default_published() -> Published:
    """Return what came with the package."""
    return Published.from_tables(
        {name: read_packaged("steelyard.panel", f"params_{name}") for name in TABLES}
    )
