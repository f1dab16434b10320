"""Every automatic amount computed again from the wage index, beside the published one."""

from steelyard.oasdi import projection
from steelyard.oasdi.parameters import Parameters
from steelyard.oasdi.series import Series

Recomputed = dict[str, tuple[Series, dict[int, int]]]


def recomputed(parameters: Parameters) -> Recomputed:
    """Return each automatic amount, and what its formula gives for every year that it sets.

    Each year starts from the amount in force the year before, as the law has it; years that the
    statute itself set (the base of 1979-1981, the higher exempt amounts through 2002) have no
    formula. Whole dollars, by name of the parameter.
    """
    law = parameters
    rules = projection.Rules(law.average_wage_index, law.cola)
    bends = dict(zip(projection.BENDS, (*law.pia_bends, *law.family_bends), strict=True))
    found: Recomputed = {}
    for name, series in bends.items():
        formula = projection.bend_point(law.average_wage_index, projection.BENDS[name])
        found[name] = series, _by_year(formula.first, formula.values.tolist())
    automatic = {
        "contribution_base": (law.contribution_base, projection.CONTRIBUTION_BASE),
        "exempt_at_fra": (law.exempt_at_fra, projection.EXEMPT_AT_FRA),
        "exempt_below_fra": (law.exempt_below_fra, projection.EXEMPT_BELOW_FRA),
        "gainful_blind": (law.gainful_blind, projection.GAINFUL_BLIND),
        "gainful_nonblind": (law.gainful_nonblind, projection.GAINFUL_NONBLIND),
        "old_law_base": (law.old_law_base, projection.OLD_LAW_BASE),
        "quarter_of_coverage": (law.quarter_of_coverage, projection.QUARTER_OF_COVERAGE),
    }
    for name, (series, rule) in automatic.items():
        found[name] = series, _by_year(rule.first, rules.recomputed(series, rule).tolist())
    for name, first in (("contribution_base", 1982), ("old_law_base", 1979)):
        series, computed = found[name]
        before = int(series.at(first - 1))
        chain = projection.chained_base(law.average_wage_index, before, first=first)
        found[name] = series, _by_year(first, chain.tolist()) | computed
    return found


def _by_year(first: int, amounts: list[int]) -> dict[int, int]:
    return dict(enumerate(amounts, start=first))
