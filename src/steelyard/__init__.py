"""Steelyard: public microdata, harmonised, completed and weighed against published totals."""

__version__ = "0.1.0"
