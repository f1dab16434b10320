"""The demo world: synthetic households in the surveys' official raw layouts.

Everything from parsing on is exercised by it, offline. It is artificial: figures computed
from it describe nobody, and every table built from it says `synthetic`.

One population stands behind all files. `kin` makes households and the ties between their
members; `traits`, `work`, `wealth`, `income` and `need` say who they are and what they live
on; `units` and `taxes` group them as the survey does; `population` runs these in order. The
surveys (`asec`, `scf`, ...) are samples of it, laid out as their publishers do, and `weights`
makes each stand for the published population. What is published, and what is only assumed, is
told row by row in `anchors/*.csv`. `world` writes a survey, or all: a mirror of the publishers.
"""

from steelyard.sources.demo.world import (
    GENERATOR_VERSION,
    IMITATIONS,
    write_survey,
    write_world,
)

__all__ = ["GENERATOR_VERSION", "IMITATIONS", "write_survey", "write_world"]
