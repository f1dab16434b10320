"""Orders of magnitude: a figure typed in thousands stands out among its neighbours.

Four comparisons, each between figures that one publisher counts alike. Their limits are
set so that none of the published figures crosses one, while a figure off by
1,000 does wherever it has neighbours.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Row = Mapping[str, str]
Floats = NDArray[np.float64]
Group = NDArray[np.intp]

AREA_DECADES = 2.5
BAND_DECADES = 2.0
COUSIN_DECADES = 1.5
PART_OVER_TOTAL = 30.0
TOTAL_OVER_PARTS = 100.0
AREAS_AT_LEAST = 8
PARTS_AT_LEAST = 3

# The numbers of a band; what is left says which ladder of bands a figure stands on.
_LIMITS = re.compile(r"(?<![\w.])[\d.]+ (<|<=) | (<|<=|>|>=|=) [\d.]+")
_SERIES = ("geography_level", "entity", "universe", "variable", "statistic", "unit", "period")


def implausible_rows(rows: Sequence[Row], files: Sequence[str]) -> list[tuple[int, str]]:
    """Find figures that are orders of magnitude away from their neighbours.

    Parameters
    ----------
    rows
        Facts whose values are plain numbers.
    files
        The file of each row; rows of one file stand in the publisher's order.

    Returns
    -------
    list of (int, str)
        Row number and what is odd about it.
    """
    values = np.abs(np.array([float(row["value"]) for row in rows]))
    with np.errstate(divide="ignore"):
        logs = np.where(values > 0, np.log10(values), np.nan)
    series: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, (row, file) in enumerate(zip(rows, files, strict=True)):
        if values[index] > 0:
            series[(file, *(row[column] for column in _SERIES))].append(index)
    found: dict[int, str] = {}
    for members in series.values():
        group = np.array(members)
        for index, message in (
            *_among_areas(rows, group, logs),
            *_among_bands(rows, group, logs),
            *_against_parts(rows, group, values),
        ):
            found.setdefault(index, message)
    for index, message in _among_cousins(rows, files, logs):
        found.setdefault(index, message)
    return sorted(found.items())


def _among_areas(rows: Sequence[Row], group: Group, logs: Floats) -> Iterator[tuple[int, str]]:
    """Compare with what the cell's and the area's typical levels lead to expect."""
    cells: dict[str, list[int]] = defaultdict(list)
    areas: dict[str, list[int]] = defaultdict(list)
    for position, index in enumerate(group):
        cells[rows[index]["constraints"]].append(position)
        areas[rows[index]["geoid"]].append(position)
    if len(areas) < AREAS_AT_LEAST:
        return
    residuals = logs[group].copy()
    for _ in range(3):
        for members in (*cells.values(), *areas.values()):
            if len(members) >= PARTS_AT_LEAST:
                residuals[members] -= np.median(residuals[members])
    for odd in np.flatnonzero(np.abs(residuals) > AREA_DECADES):
        yield int(group[odd]), _says(float(residuals[odd]), "the other areas lead to expect")


def _among_bands(rows: Sequence[Row], group: Group, logs: Floats) -> Iterator[tuple[int, str]]:
    """Compare each band with the bands on either side of it."""
    ladders: dict[tuple[str, str], list[np.intp]] = defaultdict(list)
    for index in group:
        shape = re.sub(
            r"(?<![\w.])[\d.]+ (<|<=) | (<|<=|>|>=) [\d.]+", "", rows[index]["constraints"]
        )
        ladders[rows[index]["geoid"], shape].append(index)
    for ladder in ladders.values():
        levels = logs[ladder]
        below, above = levels[1:-1] - levels[:-2], levels[1:-1] - levels[2:]
        spike = np.where(below * above > 0, np.minimum(np.abs(below), np.abs(above)), 0.0)
        for position in np.flatnonzero(spike > BAND_DECADES):
            jump = float(np.copysign(spike[position], below[position]))
            yield int(ladder[position + 1]), _says(jump, "the bands on either side are")


def _against_parts(rows: Sequence[Row], group: Group, values: Floats) -> Iterator[tuple[int, str]]:
    """Compare a total with the parts that stand beside it."""
    totals = {rows[index]["geoid"]: index for index in group if not rows[index]["constraints"]}
    parts: dict[str, list[int]] = defaultdict(list)
    for index in group:
        if rows[index]["constraints"]:
            parts[rows[index]["geoid"]].append(index)
    for geoid, total in totals.items():
        if len(parts[geoid]) < PARTS_AT_LEAST:
            continue
        beside = values[parts[geoid]]
        if values[total] * PART_OVER_TOTAL < beside.max():
            yield int(total), "is a total far below one of its own parts; given in thousands?"
        elif values[total] > TOTAL_OVER_PARTS * math.fsum(beside):
            yield int(total), "is a total far above the sum of its parts; are they in thousands?"


def _among_cousins(
    rows: Sequence[Row], files: Sequence[str], logs: Floats
) -> Iterator[tuple[int, str]]:
    """Compare totals of the same thing from different files."""
    cousins: dict[tuple[str, ...], list[int]] = defaultdict(list)
    columns = ("geoid", "entity", "variable", "statistic", "period")
    for index, row in enumerate(rows):
        if not row["constraints"] and np.isfinite(logs[index]):
            cousins[tuple(row[column] for column in columns)].append(index)
    for members in cousins.values():
        highest = max(members, key=lambda index: float(logs[index]))
        for index in members:
            gap = float(logs[index] - logs[highest])
            if gap < -COUSIN_DECADES and files[index] != files[highest]:
                yield index, _says(gap, f"{files[highest]} says of the same total")


def _says(decades: float, neighbours: str) -> str:
    factor = 10 ** min(abs(decades), 9.0)
    way = "above" if decades > 0 else "below"
    return f"is {factor:,.0f} times {way} what {neighbours}; given in thousands, or not?"
