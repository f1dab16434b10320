"""Social Security benefits as the law computes them: earnings histories in, monthly dollars out."""

from steelyard.oasdi.auxiliary import (
    deemed_to_file,
    lump_sum_death_payment,
    spouse_benefit,
    survivor_benefit,
)
from steelyard.oasdi.benefit_table import average_monthly_wage, table_pia
from steelyard.oasdi.checks import BadInput
from steelyard.oasdi.coverage import years_of_coverage
from steelyard.oasdi.dates import NEVER, birth_month, first_month_of_62, month
from steelyard.oasdi.disability import disability_benefit, first_disability_month
from steelyard.oasdi.exclusions import aime_after_disability, aime_with_child_care
from steelyard.oasdi.families import Benefits, after_earnings_test, benefits
from steelyard.oasdi.filing import child_benefit_ends, with_deemed_filing
from steelyard.oasdi.formula import pia, special_minimum_pia, windfall_pia
from steelyard.oasdi.indexing import aime
from steelyard.oasdi.insured import quarters_of_coverage
from steelyard.oasdi.limits import combined_family_maximum, family_maximum
from steelyard.oasdi.offsets import government_pension_offset
from steelyard.oasdi.parameters import Parameters
from steelyard.oasdi.people import People, Relation, Ties
from steelyard.oasdi.reductions import (
    adjusted_reduction_months,
    claim_months,
    retired_worker_benefit,
)
from steelyard.oasdi.tables import default_parameters
from steelyard.oasdi.work import EarningsTest, chargeable_months, earnings_test
from steelyard.oasdi.worksheet import Worksheet, explain

__all__ = [
    "NEVER",
    "BadInput",
    "Benefits",
    "EarningsTest",
    "Parameters",
    "People",
    "Relation",
    "Ties",
    "Worksheet",
    "adjusted_reduction_months",
    "after_earnings_test",
    "aime",
    "aime_after_disability",
    "aime_with_child_care",
    "average_monthly_wage",
    "benefits",
    "birth_month",
    "chargeable_months",
    "child_benefit_ends",
    "claim_months",
    "combined_family_maximum",
    "deemed_to_file",
    "default_parameters",
    "disability_benefit",
    "earnings_test",
    "explain",
    "family_maximum",
    "first_disability_month",
    "first_month_of_62",
    "government_pension_offset",
    "lump_sum_death_payment",
    "month",
    "pia",
    "quarters_of_coverage",
    "retired_worker_benefit",
    "special_minimum_pia",
    "spouse_benefit",
    "survivor_benefit",
    "table_pia",
    "windfall_pia",
    "with_deemed_filing",
    "years_of_coverage",
]
