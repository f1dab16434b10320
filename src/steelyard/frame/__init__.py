"""What every room shares: named random streams and typed weights."""

from steelyard.frame.streams import stream
from steelyard.frame.weights import WeightKind, Weights

__all__ = ["WeightKind", "Weights", "stream"]
