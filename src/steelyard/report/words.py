"""Numbers and names as people say them."""

import math

MISSING = "not measured"
NOT_REPLICATED = "not replicated"
STEPS = ((1e12, "T"), (1e9, "B"), (1e6, "M"))


def humane(value: float | None, unit: str) -> str:
    """Say a figure with its unit in at most four digits: ``$14.83 T``, ``11.5%``, ``161.3 M``.

    Parameters
    ----------
    value
        In the unit; None or NaN is ``not measured``.
    unit
        ``USD``, ``share`` (of one), ``index`` (no unit), or what is counted.
    """
    if value is None or math.isnan(value):
        return MISSING
    if unit == "share":
        return f"{value:.1%}"
    if unit == "index":
        return f"{value:.3f}"
    sign, size = ("−" if value < 0 else ""), abs(value)
    currency = "$" if unit == "USD" else ""
    for step, letter in STEPS:
        if size >= step:
            scaled = size / step
            digits = max(0, 3 - len(str(int(scaled))))
            return f"{sign}{currency}{scaled:.{digits}f} {letter}"
    return f"{sign}{currency}{size:,.0f}"


def signed_percent(share: float | None) -> str:
    """Say a relative error with its sign: ``+5.9%``, ``−20.8%``."""
    if share is None or math.isnan(share):
        return MISSING
    return f"{share:+.1%}".replace("-", "−")


def interval_words(lower: float | None, upper: float | None, unit: str) -> str:
    """Say a 95 percent interval: ``$14.74 T to $14.86 T``; without one, that there is none."""
    if lower is None or upper is None or math.isnan(lower) or math.isnan(upper):
        return NOT_REPLICATED
    return f"{humane(lower, unit)} to {humane(upper, unit)}"


def gate_words(gate: str, measured: float | None, limit: float) -> str:
    """Say what a gate asks and what was found.

    Parameters
    ----------
    gate
        Name that ends in ``_at_most`` or ``_at_least``, the side on which it is met.
    measured, limit
        In the gate's own unit; a gate without a measurement is not met.
    """
    name, _, side = gate.rpartition("_at_")
    found = MISSING if measured is None or math.isnan(measured) else f"{measured:.3g}"
    subject = (name or gate).replace("_", " ").capitalize()
    return f"{subject}: {found}, asked: at {side} {limit:g}"
