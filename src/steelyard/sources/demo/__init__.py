"""The demo world: synthetic households in the surveys' official raw layouts.

Everything from parsing on is exercised by it, offline. It is artificial: figures computed
from it describe nobody, and every table built from it says `synthetic`.
"""

from steelyard.sources.demo.world import GENERATOR_VERSION, write_world

__all__ = ["GENERATOR_VERSION", "write_world"]
