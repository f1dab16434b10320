"""Charts as SVG, without a browser and without a network."""

import re
from typing import Any

import vl_convert

#: Of a figure with its labels, in the units of SVG.
WIDTH = 760
_SHAPE = re.compile(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"')
_CLIP = re.compile(r"\b(clip|gradient_)(\d+)\b")


def svg_of(chart: Any, name: str) -> str:
    """Draw a chart as SVG, as wide as a page.

    Parameters
    ----------
    chart
        Altair's.
    name
        Put before the names inside, which would clash where several figures stand on one page.
    """
    fitted = chart.properties(
        width=WIDTH, autosize={"type": "fit-x", "contains": "padding"}
    ).configure_axis(labelFontSize=12, titleFontSize=12)
    return _CLIP.sub(rf"{name}-\1\2", vl_convert.vegalite_to_svg(fitted.to_dict()))


def shape_of(svg: str) -> tuple[float, float]:
    """Width and height of an SVG, in its units."""
    found = _SHAPE.match(svg)
    if found is None:
        raise ValueError(f"no width and height in {svg[:80]!r}")
    return float(found[1]), float(found[2])
