"""Tables to figures and words: what a reader sees of a release.

Figures, and the validation report with what draws it, are imported by name: they take a second.
"""

from steelyard.report.words import gate_words, humane, interval_words, signed_percent

__all__ = ["gate_words", "humane", "interval_words", "signed_percent"]
