"""Tables to figures and words: what a reader sees of a release.

The figures (`steelyard.report.figures`) need the packages of the dashboard; the words need none.
"""

from steelyard.report.words import gate_words, humane, signed_percent

__all__ = ["gate_words", "humane", "signed_percent"]
