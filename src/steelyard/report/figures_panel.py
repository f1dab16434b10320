"""Figures of the aged panel: its people, its events, its weights, and Social Security over it.

The panel is blue and solid, what is published orange and dashed.
"""

from collections.abc import Mapping

import altair as alt
import pandas as pd

from steelyard.report.figures import BLUE, FULL, GREY, HALF, LEGEND, ORANGE, _finished, _title
from steelyard.report.words import signed_percent

#: How near to the Trustees' path a group should be.
NEAR = 0.005
PANEL, TRUSTEES, SSA = "this panel", "Trustees", "SSA"
_YEARS = alt.Axis(format="d", tickMinStep=1)


def pyramid(rows: pd.DataFrame, year: int) -> alt.Chart:
    """Show persons by sex and age, men to the left, with the Trustees' path as ticks.

    Parameters
    ----------
    rows
        Rows of ``val_panel_population`` of one year, one a sex and age: sex, age_lower, age_upper,
        published_persons, persons.
    year
        The year, for the title.
    """
    ages = rows["age_lower"].astype(int).astype(str)
    to = (rows["age_upper"].fillna(0).astype(int) - 1).astype(str)
    side = rows["sex"].map({"male": -1, "female": 1})
    told = rows.assign(
        ages=(ages + "-" + to).where(rows["age_upper"].notna(), ages + " and over"),
        place=rows["age_lower"],
        panel=rows["persons"] * side / 1e6,
        trustees=rows["published_persons"] * side / 1e6,
    )
    error = (rows["persons"] / rows["published_persons"] - 1).abs()
    finding = f"{year}: nothing of the Trustees' stands beside this year"
    if error.notna().any():
        worst = told.iloc[int(error.fillna(0).to_numpy().argmax())]
        finding = (
            f"{year}: {int((error <= NEAR).sum())} of {len(error)} groups are within {NEAR:.1%} of "
            f"the Trustees' path; the farthest, {worst['sex']} {worst['ages']}, is "
            f"{error.max():.1%} off"
        )
    order = list(told.sort_values("age_lower", ascending=False)["ages"].unique())
    base = alt.Chart(told).encode(
        y=alt.Y("ages:N", sort=order, title="Age"),
        tooltip=["sex", "ages", alt.Tooltip("persons", format=",.0f"),
                 alt.Tooltip("published_persons", format=",.0f", title="Trustees")],
    )  # fmt: skip
    axis = alt.X("panel:Q", title="Men to the left, women to the right, million").axis(
        labelExpr="abs(datum.value)"
    )
    look = alt.Scale(domain=["male", "female"], range=["#56B4E9", BLUE])
    bars = base.mark_bar().encode(x=axis, color=alt.Color("sex:N", scale=look, legend=LEGEND))
    ticks = base.mark_tick(color=ORANGE, thickness=3, height={"band": 0.9}).encode(x="trustees:Q")
    title = _title(
        finding,
        "Persons at the end of the year; the Trustees' are the ticks · val_panel_population",
        FULL,
    )
    return _finished(alt.layer(bars, ticks), title, height=460)


def event_path(rows: pd.DataFrame, event: str, unit: str) -> alt.Chart:
    """Show one event over the years: wanted as a line, happened as points.

    Parameters
    ----------
    rows
        Rows of ``val_panel_alignment`` of one event, one a year: panel_year, wanted, happened.
    event, unit
        In words, and persons or USD.
    """
    worst = float((rows["happened"] / rows["wanted"] - 1).abs().max())
    title = _title(
        f"{event}: what happened is within {worst:.2%} of what was wanted in every year",
        f"{'Dollars' if unit == 'USD' else 'Persons'} a year · val_panel_alignment",
        FULL,
    )
    names = {"wanted": "wanted", "happened": "happened"}
    return _finished(_beside(rows, names, ",.4s"), title, height=320)


def factors(rows: pd.DataFrame) -> alt.Chart:
    """Show what chances were moved by, year by year; events whose factor drifts in orange.

    Parameters
    ----------
    rows
        Rows of ``val_panel_alignment`` that have a factor: panel_year, event, alignment_factor,
        is_drifting.
    """
    drifts = rows.groupby("event")["is_drifting"].any()
    names = sorted(drifts[drifts].index)
    told = rows.assign(
        kind=rows["event"].map(drifts).map({True: "drifts", False: "holds"}),
        name=rows["event"].str.replace("_", " "),
    )
    found = f"{', '.join(names).replace('_', ' ')}: factors drift" if names else "No factor drifts"
    look = {"domain": ["holds", "drifts"], "range": [BLUE, ORANGE]}
    base = alt.Chart(told).encode(
        x=alt.X("panel_year:Q", title=None, axis=_YEARS),
        y=alt.Y("alignment_factor:Q", title="Log points"),
        detail="name:N",
        color=alt.Color("kind:N", scale=alt.Scale(**look), legend=LEGEND),
        tooltip=["name", "panel_year", alt.Tooltip("alignment_factor", format="+.3f")],
    )
    lines = base.mark_line(strokeWidth=2).encode(
        strokeDash=alt.StrokeDash(
            "kind:N",
            scale=alt.Scale(domain=["holds", "drifts"], range=[[1, 0], [5, 3]]),
            legend=LEGEND,
        )
    )
    last = told["panel_year"] == told["panel_year"].max()
    labels = (
        alt.Chart(told[last])
        .mark_text(align="left", dx=6, color=GREY)
        .encode(x="panel_year:Q", y="alignment_factor:Q", text="name:N")
    )
    title = _title(
        found,
        "What logits of chances (of earnings, logs) were moved by, so that events are as many as "
        "wanted · val_panel_alignment",
        FULL,
    )
    return _finished(alt.layer(lines, labels), title, height=360)


def weight_spread(rows: pd.DataFrame) -> alt.Chart:
    """Show how far the year's weights lie from the base's: medians, and two bands.

    Parameters
    ----------
    rows
        Rows of ``val_panel_year``, one a year: panel_year, weight_ratio_p1 to p99,
        effective_sample_share.
    """
    last = rows.sort_values("panel_year").iloc[-1]
    base = alt.Chart(rows).encode(x=alt.X("panel_year:Q", title=None, axis=_YEARS))
    axis = {"title": "Weight over base weight", "scale": alt.Scale(type="log", nice=False)}
    layers = [
        base.mark_area(color=BLUE, opacity=shade).encode(
            y=alt.Y(f"weight_ratio_{lower}:Q", **axis), y2=f"weight_ratio_{upper}:Q"
        )
        for lower, upper, shade in (("p1", "p99", 0.2), ("p10", "p90", 0.35))
    ]
    layers.append(
        base.mark_line(color=BLUE, strokeWidth=2).encode(y=alt.Y("weight_ratio_median:Q", **axis))
    )
    title = _title(
        f"In {last['panel_year']:.0f} the effective sample is "
        f"{last['effective_sample_share']:.0%} of the records",
        "Median, 10th to 90th and 1st to 99th percentile of the records · val_panel_year",
        FULL,
    )
    return _finished(alt.layer(*layers), title, height=300)


def rates(rows: pd.DataFrame) -> alt.Chart:
    """Show cost and income rates beside the Trustees'.

    Parameters
    ----------
    rows
        Rows of ``val_panel_finance``, one a year: panel_year, cost_rate, income_rate and both with
        ``trustees_`` before; cost_rate_error, null of one imputation.
    """
    gap = (rows["cost_rate"] - rows["trustees_cost_rate"]).abs().dropna()
    names = {
        "cost_rate": f"cost, {PANEL}",
        "trustees_cost_rate": f"cost, {TRUSTEES}",
        "income_rate": f"income, {PANEL}",
        "trustees_income_rate": f"income, {TRUSTEES}",
    }
    finding = (
        f"The cost rate is within {gap.max():.2f} points of the Trustees' in every year"
        if len(gap)
        else "Nothing of the Trustees' stands beside this scenario"
    )
    long = _long(rows, names)
    look = {"domain": list(names.values()), "range": [BLUE, ORANGE] * 2}
    dash = {"domain": list(names.values()), "range": [[1, 0], [6, 3], [1, 0], [6, 3]]}
    lines = (
        alt.Chart(long)
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X("panel_year:Q", title=None, axis=_YEARS, scale=alt.Scale(nice=False)),
            y=alt.Y("value:Q", title="Percent of taxable payroll", scale=alt.Scale(zero=False)),
            color=alt.Color("kind:N", scale=alt.Scale(**look), legend=LEGEND),
            strokeDash=alt.StrokeDash("kind:N", scale=alt.Scale(**dash), legend=LEGEND),
            tooltip=["panel_year", "kind", alt.Tooltip("value", format=".2f")],
        )
    )
    known = rows.dropna(subset=["cost_rate_error"])
    known = known.assign(
        lower=known["cost_rate"] - 2 * known["cost_rate_error"],
        upper=known["cost_rate"] + 2 * known["cost_rate_error"],
    )
    unit = "Percent of taxable payroll"
    if len(known):
        unit += "; the band is two standard errors of cost to both sides"
    band = (
        alt.Chart(known)
        .mark_area(color=BLUE, opacity=0.2)
        .encode(x="panel_year:Q", y=alt.Y("lower:Q"), y2="upper:Q")
    )
    title = _title(finding, f"{unit} · val_panel_finance", FULL)
    return _finished(alt.layer(band, lines) if len(known) else lines, title, height=380)


def cost_difference(rows: pd.DataFrame) -> alt.Chart:
    """Show by year what the difference from the Trustees' cost rate is due to.

    Parameters
    ----------
    rows
        Rows of ``val_panel_finance``, one a year, with the two parts of the difference.
    """
    names = {
        "due_to_beneficiaries_per_worker": "beneficiaries a worker",
        "due_to_benefit_over_earnings": "benefit over earnings",
    }
    mean = rows[list(names)].abs().mean()
    look = {"domain": list(names.values()), "range": [BLUE, ORANGE]}
    bars = (
        alt.Chart(_long(rows, names))
        .mark_bar()
        .encode(
            x=alt.X("panel_year:O", title=None),
            y=alt.Y("value:Q", title="Points"),
            color=alt.Color("kind:N", scale=alt.Scale(**look), legend=LEGEND),
            tooltip=["panel_year", "kind", alt.Tooltip("value", format="+.2f")],
        )
    )
    title = _title(
        f"What differs comes most from {names[str(mean.idxmax())]}",
        "Points of cost rate, ours less the Trustees' · val_panel_finance",
        HALF,
    )
    return _finished(bars, title, height=300)


def trust_fund(rows: pd.DataFrame) -> alt.Chart:
    """Show the trust fund ratio.

    Parameters
    ----------
    rows
        Rows of ``val_panel_finance``, one a year: panel_year, trust_fund_ratio, assets.
    """
    gone = rows.loc[rows["assets"] < 0, "panel_year"]
    finding = (
        f"The trust funds are exhausted in {gone.min():.0f}"
        if len(gone)
        else f"The trust funds last until {rows['panel_year'].max():.0f} at least"
    )
    line = (
        alt.Chart(rows)
        .mark_line(color=BLUE, strokeWidth=2.5)
        .encode(
            x=alt.X("panel_year:Q", title=None, axis=_YEARS),
            y=alt.Y("trust_fund_ratio:Q", title="Percent"),
            tooltip=["panel_year", alt.Tooltip("trust_fund_ratio", format=".0f")],
        )
    )
    zero = alt.Chart(pd.DataFrame({"y": [0]})).mark_rule(color=GREY).encode(y="y:Q")
    title = _title(
        finding, "Assets at the start of the year over its cost · val_panel_finance", HALF
    )
    return _finished(alt.layer(zero, line), title, height=300)


def beneficiaries(rows: pd.DataFrame, year: int) -> alt.Chart:
    """Show who is paid by type, beside SSA's count where there is one.

    Parameters
    ----------
    rows
        One row a type: benefit_group, persons, published_persons (null without a count).
    year
        The year, for the title.
    """
    known = rows.dropna(subset=["published_persons"])
    finding = f"{year}: {rows['persons'].sum() / 1e6:,.1f} million are paid"
    if len(known):
        error = known["persons"].sum() / known["published_persons"].sum() - 1
        finding += f", {signed_percent(error)} from SSA's count"
    told = rows.assign(
        name=rows["benefit_group"].str.replace("_", " "),
        **{PANEL: rows["persons"] / 1e6, SSA: rows["published_persons"] / 1e6},
    )
    long = told.melt(["name"], [PANEL, SSA], "kind", "value").dropna()
    order = list(told.sort_values("persons", ascending=False)["name"])
    look = {"domain": [PANEL, SSA], "range": [BLUE, ORANGE]}
    dots = (
        alt.Chart(long)
        .mark_point(filled=True, size=90, opacity=1)
        .encode(
            x=alt.X("value:Q", title="Million persons", scale=alt.Scale(type="sqrt")).axis(
                tickCount=8
            ),
            y=alt.Y("name:N", sort=order, title=None).axis(labelLimit=300, grid=True),
            color=alt.Color("kind:N", scale=alt.Scale(**look), legend=LEGEND),
            shape=alt.Shape(
                "kind:N",
                scale=alt.Scale(domain=[PANEL, SSA], range=["circle", "square"]),
                legend=LEGEND,
            ),
            tooltip=["name", "kind", alt.Tooltip("value", format=",.3f")],
        )
    )
    title = _title(finding, "Each once, on the own record first · val_panel_beneficiary", FULL)
    return _finished(dots, title, height=330)


def replacement(rows: pd.DataFrame, year: int) -> alt.Chart:
    """Show what benefits replace by tenth of lifetime earnings.

    Parameters
    ----------
    rows
        Rows of ``val_panel_replacement`` of one year, one a tenth: decile, replacement_share.
    year
        The year, for the title.
    """
    ends = rows.sort_values("decile")["replacement_share"]
    bars = (
        alt.Chart(rows)
        .mark_bar(color=BLUE)
        .encode(
            x=alt.X("decile:O", title="Tenth of retired workers by AIME").axis(labelAngle=0),
            y=alt.Y("replacement_share:Q", title="Own benefit over AIME").axis(format="~%"),
            tooltip=["decile", alt.Tooltip("replacement_share", format=".1%")],
        )
    )
    title = _title(
        f"{year}: benefits replace {ends.iloc[0]:.0%} of the lowest tenth's earnings and "
        f"{ends.iloc[-1]:.0%} of the highest's",
        "Mean of own benefit over average indexed monthly earnings · val_panel_replacement",
        FULL,
    )
    return _finished(bars, title, height=300)


def _beside(rows: pd.DataFrame, names: Mapping[str, str], form: str) -> alt.Chart:
    """Draw what was wanted as a dashed line, and what happened as points upon it."""
    wanted, happened = names.values()
    look = {"domain": [wanted, happened], "range": [ORANGE, BLUE]}
    base = alt.Chart(_long(rows, names)).encode(
        x=alt.X("panel_year:Q", title=None, axis=_YEARS),
        y=alt.Y("value:Q", title=None, scale=alt.Scale(zero=False)).axis(format="~s"),
        color=alt.Color("kind:N", scale=alt.Scale(**look), legend=LEGEND),
        tooltip=["panel_year", "kind", alt.Tooltip("value", format=form)],
    )
    line = base.transform_filter(alt.datum.kind == wanted).mark_line(strokeDash=[6, 3])
    points = base.transform_filter(alt.datum.kind == happened).mark_point(size=45, filled=True)
    return alt.layer(line, points)


def _long(rows: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    told = rows.rename(columns=dict(names))
    return told.melt(["panel_year"], list(names.values()), "kind", "value").dropna()
