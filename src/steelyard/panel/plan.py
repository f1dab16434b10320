"""What a panel is aged by: seeds, published paths, the law, and what ranks are worth."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from steelyard.impute.identity import content_hash
from steelyard.oasdi import Parameters
from steelyard.oasdi.parameters import Scenario
from steelyard.oasdi.series import Series
from steelyard.panel.events.matching import Taste
from steelyard.panel.histories.dollars import EarningsScale
from steelyard.panel.lives import Floats
from steelyard.panel.published import Published
from steelyard.panel.series import Bands

#: Year at whose end the stocks of beneficiaries by age are published.
STOCKS = 2024
#: Open bands of workers and of the disabled begin here.
YOUNGEST_WORKER, YOUNGEST_DISABLED = 15, 20


@dataclass(frozen=True)
class BirthOdds:
    """Log-odds of a birth within a year, beside those of age: learnt from the base's infants.

    Parameters
    ----------
    married
        Of the married.
    education
        Of each level of schooling above the middle one.
    parity
        With no child yet, one, two, three or more.
    """

    married: float = 0.0
    education: float = 0.0
    parity: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, eq=False)
class Plan:
    """Everything that a year's step reads beside the persons.

    Parameters
    ----------
    base_year, last_year
        The year of the cross-section, and the last one aged to.
    published
        Paths and rates that events are aligned to.
    law
        Parameters of the benefits, of a scenario and perhaps a reform: what is paid, and when it is
        claimed.
    baseline
        The law without the reform, by which all is aligned: a reform moves no other event.
    scale
        What ranks are worth in each year.
    scenario
        Of the Trustees' series of workers, payroll and beneficiaries.
    persons
        Records that the base is drawn into, about; 0 for one a person of the release.
    seed
        Of all draws.
    taxed
        The taxable maximum by year where a reform sets one that does not count for benefits; else
        that of the law.
    birth_odds, taste
        Who gives birth, and who marries whom.
    smoothness
        How a year's weights hold to the last year's: λ of the calibration.
    """

    base_year: int
    last_year: int
    published: Published
    law: Parameters
    baseline: Parameters
    scale: EarningsScale
    scenario: Scenario = "intermediate"
    persons: int = 0
    seed: int = 0
    taxed: Series | None = None
    birth_odds: BirthOdds = field(default_factory=BirthOdds)
    taste: Taste = field(default_factory=Taste)
    smoothness: float = 0.01

    def __post_init__(self) -> None:
        first, last = self.published.first_year, self.published.last_year
        if not first <= self.base_year < self.last_year <= last:
            raise ValueError(
                f"panel: from {self.base_year} to {self.last_year} cannot be aged; the published "
                f"paths reach from {first} to {last}, and a panel ends after it begins"
            )

    @cached_property
    def key(self) -> str:
        """A name by content: the same for plans that age alike."""
        return content_hash(self)

    def population(self, year: int) -> Floats:
        """Return residents of the Social Security area on 31 December: (2, 101, 4)."""
        return np.asarray(self.published.people(year).transpose(1, 0, 2))

    def first_marriage_rate(self, year: int) -> Floats:
        """Return the chance (2, 101) that a single person marries within the year after `year`."""
        return self.published.first_marriage_rate(year)

    def workers_by_age(self, year: int) -> Floats:
        """Return covered workers of a year by sex and single age (2, 101), persons.

        The published share of each band of ages is that of each of its ages.
        """
        residents = self.population(year).sum(axis=2)
        residents[:, :YOUNGEST_WORKER] = 0
        return spread(self.published.covered_workers(year, self.scenario), residents)

    @cached_property
    def disabled_share(self) -> Floats:
        """Disabled workers at the end of 2024 by sex and single age (2, 101), over all of them."""
        residents = self.population(STOCKS).sum(axis=2)
        residents[:, :YOUNGEST_DISABLED] = 0
        number = spread(self.published.disabled_workers, residents)
        return np.asarray(number / number.sum())

    def disabled_workers(self, year: int) -> float:
        """Return disabled workers in current payment at the end of a year, persons.

        Those of the end of 2024 move as all beneficiaries of disability insurance do.
        """
        return self._moved("di_beneficiaries", self.published.disabled_workers.number, year)

    def retired_workers(self, year: int) -> float:
        """Return retired workers in current payment at the end of a year, persons.

        Those of the end of 2024 move as all beneficiaries of old-age and survivors insurance do.
        """
        return self._moved("oasi_beneficiaries", self.published.retired_workers.number, year)

    def disabled_by_age(self, year: int) -> Floats:
        """Return disabled workers by sex and single age (2, 101), of the ages of 2024."""
        return self.disabled_workers(year) * self.disabled_share

    def retired_by_age(self, year: int) -> Floats:
        """Return retired workers by sex and single age (2, 101): shares of residents of 2024."""
        then, now = (self.population(each).sum(axis=2) for each in (STOCKS, year))
        share = spread(self.published.retired_workers, then) / np.maximum(then, 1)
        number = share * now
        return np.asarray(number * (self.retired_workers(year) / number.sum()))

    @cached_property
    def disabled_mortality(self) -> float:
        """The factor on the chances of dying of disabled workers that makes their deaths."""
        chance = self.published.death_chance(STOCKS)[:, : self.disabled_share.shape[1]]
        usual = float((self.disabled_share * chance).sum())
        return self.published.disability_ends.deaths / usual

    def taxable_payroll(self, year: int) -> float:
        """Return the Trustees' taxable payroll of a year, dollars."""
        return float(self.published.trustees(self.scenario).of("taxable_payroll", year))

    def _moved(self, series: str, number: Floats, year: int) -> float:
        of = self.published.trustees(self.scenario).of
        return float(number.sum() * of(series, year) / of(series, STOCKS))


def spread(bands: Bands, residents: Floats) -> Floats:
    """Return numbers by sex and single age (2, ages): each band's share of its residents."""
    found = np.zeros_like(residents)
    for at, (lower, upper) in enumerate(zip(bands.lower, bands.upper, strict=True)):
        ages = slice(int(lower), int(upper))
        there = residents[:, ages].sum(axis=1)
        share = np.divide(bands.number[:, at], there, out=np.zeros(2), where=there > 0)
        found[:, ages] = residents[:, ages] * share[:, None]
    return found
