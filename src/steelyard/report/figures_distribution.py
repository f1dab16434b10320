"""Figures of who has what, who is poor and who pays, in the style of `steelyard.report.figures`."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from steelyard.report.figures import (
    AFTER,
    BEFORE,
    BLUE,
    FULL,
    GREY,
    HALF,
    LEGEND,
    ORANGE,
    ROW,
    _before_after,
    _finished,
    _title,
)
from steelyard.report.words import humane, signed_percent

SURVEY, PUBLISHED = "base survey", "published"
STAGES = {"base_survey": SURVEY, "initial_weight": BEFORE, "calibrated_weight": AFTER}
MARGIN = 130  # pixels for title, legend and axis
LEAST_HEIGHT = 300  # pixels of a picture with few groups
GREEN, BLACK, YELLOW, SKY, PINK = "#009E73", "#000000", "#E69F00", "#56B4E9", "#CC79A7"
#: Colour and shape of each of the four: what colour says, shape repeats.
LOOK = {
    SURVEY: (GREEN, "square"),
    BEFORE: (ORANGE, "circle"),
    AFTER: (BLUE, "circle"),
    PUBLISHED: (BLACK, "diamond"),
}


def sources_fit(rows: pd.DataFrame) -> alt.Chart:
    """Show how far amounts on returns lie from what was published.

    Parameters
    ----------
    rows
        label, target_role (``fitted``, ``held_out``, ``inactive`` …), published_value,
        initial_amount, calibrated_amount, one row a source.
    """
    roles = rows["target_role"].map({"fitted": "", "held_out": " (held out)"})
    named = rows["label"] + roles.fillna(" (not fitted)")
    wide = pd.DataFrame(
        {
            "source": named,
            "published": [humane(value, "USD") for value in rows["published_value"]],
            BEFORE: rows["initial_amount"] / rows["published_value"] - 1,
            AFTER: rows["calibrated_amount"] / rows["published_value"] - 1,
        }
    )
    near = int((wide[AFTER].abs() <= 0.05).sum())
    worst = wide.iloc[int(wide[AFTER].abs().to_numpy().argmax())]
    title = _title(
        f"After calibration {near} of {len(wide)} amounts on returns lie within 5% of what was "
        f"published; the furthest is {worst['source']} at {signed_percent(worst[AFTER])}",
        "Weighted amount of tax units that file, over the amount on returns, less 1",
        FULL,
    )
    return _before_after(wide, "source", title, ["published"], zero=True)


def distribution_by_group(rows: pd.DataFrame, label: str, statistic: str, unit: str) -> alt.Chart:
    """Show a statistic of one source in every group: the survey, before and after calibration.

    Parameters
    ----------
    rows
        Rows of ``val_distribution`` of one measure and breakdown, in the order of the groups:
        group, weight_stage, value.
    label, statistic
        The source and the statistic, in words.
    unit
        ``USD`` or ``share``.
    """
    told = rows.dropna(subset=["value"])
    told = told.assign(stage=told["weight_stage"].map(STAGES))
    told = told.assign(said=[humane(value, unit) for value in told["value"]])
    after = told[told["stage"] == AFTER].set_index("group")["value"]
    before = told[told["stage"] == BEFORE].set_index("group")["value"]
    change = after / before - 1
    top, moved = str(after.idxmax()), str(change.abs().idxmax())
    title = _title(
        f"{label}: {statistic} is largest in {top} ({humane(after[top], unit)}); calibration moves "
        f"{moved} most, by {signed_percent(change[moved])}",
        f"{statistic.capitalize()}, {'share' if unit == 'share' else 'dollars'}",
        FULL,
    )
    return _stages(told, list(dict.fromkeys(told["group"])), title, _axis(unit))


def origins(rows: pd.DataFrame) -> alt.Chart:
    """Show which part of each amount was reported, allocated, imputed or made by a rule.

    Parameters
    ----------
    rows
        Rows of ``val_origin`` under one kind of weight: variable, origin, amount.
    """
    told = rows.assign(
        kind=rows["origin"].str.replace(r"^imputed_.*", "imputed", regex=True),
        size=rows["amount"].abs(),
    )
    told = told.groupby(["variable", "kind"])["size"].sum().reset_index()
    told["share"] = told["size"] / told.groupby("variable")["size"].transform("sum")
    imputed = told[told["kind"] == "imputed"].set_index("variable")["share"]
    mostly = int((imputed > 0.5).sum())
    kinds = ["reported", "allocated", "imputed", "rule", "structural_zero", "unmarked"]
    colours = [BLUE, SKY, ORANGE, GREEN, GREY, YELLOW]
    told = told.assign(rank=told["kind"].map({kind: place for place, kind in enumerate(kinds)}))
    order = list(imputed.reindex(told["variable"].unique()).fillna(0).sort_values().index[::-1])
    title = _title(
        f"{mostly} of {len(order)} amounts are imputed for more than half of their dollars",
        "Share of the weighted amount, without its sign, by where it comes from",
        FULL,
    )
    bars = (
        alt.Chart(told)
        .mark_bar()
        .encode(
            x=alt.X("share:Q", title=None, stack="normalize").axis(format="~%"),
            y=alt.Y("variable:N", sort=order, title=None).axis(
                labelLimit=420, labelOverlap=False, ticks=False
            ),
            color=alt.Color(
                "kind:N", scale=alt.Scale(domain=kinds, range=colours), legend=LEGEND, sort=kinds
            ),
            order="rank:Q",
            tooltip=["variable", "kind", alt.Tooltip("share:Q", format=".1%")],
        )
    )
    return _finished(bars, title, height=ROW * len(order) + MARGIN)


def poverty_rates(rows: pd.DataFrame, measure: str) -> alt.Chart:
    """Show who is poor: published, in the survey, before and after calibration.

    Parameters
    ----------
    rows
        group, stage (``published``, ``base survey``, before and after calibration), value; one row
        without a value is left out. The first group is everybody.
    measure
        Official or supplemental.
    """
    told = rows.dropna(subset=["value"])
    told = told.assign(said=[f"{value:.1%}" for value in told["value"]])
    everybody = told[told["group"] == told["group"].iloc[0]].set_index("stage")["value"]
    parts = [f"{everybody[stage]:.1%} {stage}" for stage in LOOK if stage in everybody.index]
    title = _title(f"{measure.capitalize()} poverty: {', '.join(parts)}", "Share of people", HALF)
    return _stages(told, list(dict.fromkeys(told["group"])), title, alt.Axis(format="~%"))


def burden_rates(rows: pd.DataFrame) -> alt.Chart:
    """Show federal taxes over income from the lowest fifth to the top percent.

    Parameters
    ----------
    rows
        Rows of ``val_burden`` under one kind of weight: label, position, income_tax_rate,
        payroll_tax_rate; without the row of all.
    """
    told = rows.sort_values("position")
    order = list(told["label"])
    names = {"income_tax_rate": "income tax after credits", "payroll_tax_rate": "payroll tax"}
    long = told.rename(columns=names).melt(["label"], list(names.values()), "tax", "rate")
    both = told.set_index("label")[list(names)].sum(axis=1)
    title = _title(
        f"Income and payroll tax take {both.iloc[0]:.1%} of the income of the "
        f"{order[0].lower()} and {both.iloc[-1]:.1%} of that of the {order[-1].lower()}",
        "Tax over money income and capital gains; the dot is both",
        HALF,
    )
    scale = alt.Scale(domain=list(names.values()), range=[BLUE, YELLOW])
    y = alt.Y("label:N", sort=order, title=None).axis(
        labelLimit=300, labelOverlap=False, ticks=False
    )
    bars = (
        alt.Chart(long)
        .mark_bar()
        .encode(
            x=alt.X("rate:Q", title=None).axis(format="~%"),
            y=y,
            color=alt.Color("tax:N", scale=scale, legend=LEGEND),
            tooltip=["label", "tax", alt.Tooltip("rate:Q", format=".1%")],
        )
    )
    total = both.rename("rate").reset_index()
    dots = (
        alt.Chart(total)
        .mark_point(filled=True, size=70, color=BLACK, opacity=1)
        .encode(x="rate:Q", y=y, tooltip=["label", alt.Tooltip("rate:Q", format=".1%")])
    )
    return _finished(alt.layer(bars, dots), title, height=ROW * len(order) + MARGIN)


def burden_shares(rows: pd.DataFrame) -> alt.Chart:
    """Show which part of income, of income tax and of payroll tax each group has and pays.

    Parameters
    ----------
    rows
        Rows of ``val_burden`` under one kind of weight: label, position, income_share,
        income_tax_share, payroll_tax_share; without the row of all.
    """
    told = rows.sort_values("position")
    names = {
        "income_share": "of income",
        "income_tax_share": "of income tax",
        "payroll_tax_share": "of payroll tax",
    }
    long = told.rename(columns=names).melt(["label"], list(names.values()), "part", "share")
    last = told.iloc[-1]
    title = _title(
        f"The {last['label'].lower()} have {last['income_share']:.0%} of income and pay "
        f"{last['income_tax_share']:.0%} of income tax",
        "Share of all; percentiles are parts of the highest fifth",
        HALF,
    )
    look = {
        "domain": list(names.values()),
        "range": [BLACK, BLUE, YELLOW],
    }
    dots = (
        alt.Chart(long)
        .mark_point(filled=True, size=80, opacity=1)
        .encode(
            x=alt.X("share:Q", title=None).axis(format="~%", grid=True),
            y=alt.Y("label:N", sort=list(told["label"]), title=None).axis(
                labelLimit=300, labelOverlap=False, grid=True, ticks=False
            ),
            color=alt.Color("part:N", scale=alt.Scale(**look), legend=LEGEND),
            shape=alt.Shape(
                "part:N",
                scale=alt.Scale(domain=look["domain"], range=["diamond", "circle", "triangle-up"]),
                legend=LEGEND,
            ),
            tooltip=["label", "part", alt.Tooltip("share:Q", format=".1%")],
        )
    )
    return _finished(dots, title, height=ROW * len(told) + MARGIN)


def _axis(unit: str) -> alt.Axis:
    return alt.Axis(format="~%" if unit == "share" else "$~s", grid=True)


def _stages(
    told: pd.DataFrame, order: Sequence[str], title: alt.TitleParams, axis: alt.Axis
) -> alt.Chart:
    """Dots of up to four kinds beside each group: group, stage, value, said."""
    kinds = [stage for stage in LOOK if stage in set(told["stage"])]
    base = alt.Chart(told).encode(
        y=alt.Y("group:N", sort=list(order), title=None).axis(
            labelLimit=300, labelOverlap=False, grid=True, ticks=False
        ),
        x=alt.X("value:Q", title=None, axis=axis),
    )
    links = base.mark_line(color=GREY, strokeWidth=1.5).encode(detail="group:N")
    legend = alt.Legend(title=None, orient="top", symbolStrokeWidth=2, columns=2)
    dots = base.mark_point(size=90, strokeWidth=2, opacity=1).encode(
        color=alt.Color(
            "stage:N",
            scale=alt.Scale(domain=kinds, range=[LOOK[kind][0] for kind in kinds]),
            legend=legend,
        ),
        shape=alt.Shape(
            "stage:N",
            scale=alt.Scale(domain=kinds, range=[LOOK[kind][1] for kind in kinds]),
            legend=legend,
        ),
        fill=alt.Fill(
            "stage:N",
            scale=alt.Scale(
                domain=kinds,
                range=["white" if kind in (SURVEY, BEFORE) else LOOK[kind][0] for kind in kinds],
            ),
            legend=legend,
        ),
        tooltip=["group", "stage", alt.Tooltip("said:N", title="value")],
    )
    # Title and legend take their share of a picture, however few groups there are.
    return _finished(
        alt.layer(links, dots), title, height=max(ROW * len(order) + MARGIN, LEAST_HEIGHT)
    )
