"""Tax and benefit rules by adapters to engines that others maintain."""

from steelyard.rules.batch import compute_units
from steelyard.rules.interface import RulesEngine, RulesError
from steelyard.rules.taxcalc import TaxCalculator

__all__ = ["RulesEngine", "RulesError", "TaxCalculator", "compute_units"]
