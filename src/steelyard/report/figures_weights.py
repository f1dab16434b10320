"""Figures on what calibration did to the weights, and what it moved beside them."""

import altair as alt
import pandas as pd

from steelyard.report.figures import BLUE, FULL, GREY, HALF, ORANGE, ROW, _finished, _title

LEGEND = alt.Legend(title=None, orient="top", labelLimit=300)


def effective_samples(groups: pd.DataFrame, kind: str) -> alt.Chart:
    """Show how much of each group's effective sample calibration left.

    Parameters
    ----------
    groups
        Rows of ``val_weight_group`` of one kind, as they are to be ordered: name,
        effective_sample_share, record_count, calibrated_effective_records.
    kind
        What the groups are: ``states``, ``income deciles``.
    """
    least = groups.sort_values("effective_sample_share").iloc[0]
    kept = int((groups["effective_sample_share"] >= 0.5).sum())
    title = _title(
        f"{kept} of {len(groups)} {kind} keep half of their effective sample or more; "
        f"{least['name']} keeps least, {least['effective_sample_share']:.0%}",
        "Kish's effective sample after calibration over the one before; the dashed line is half",
        FULL,
    )
    bars = (
        alt.Chart(groups)
        .mark_bar(color=BLUE)
        .encode(
            x=alt.X("name:N", sort=None, title=None).axis(
                labelAngle=-60 if len(groups) > 12 else 0, labelOverlap=False, labelLimit=140
            ),
            y=alt.Y("effective_sample_share:Q", title="Effective sample kept").axis(format="~%"),
            tooltip=[
                "name",
                alt.Tooltip("effective_sample_share", format=".1%", title="effective sample kept"),
                alt.Tooltip("record_count", format=",", title="records"),
                alt.Tooltip("calibrated_effective_records", format=",.0f", title="effective"),
            ],
        )
    )
    half = alt.Chart(pd.DataFrame({"y": [0.5]})).mark_rule(color=ORANGE, strokeDash=[5, 4])
    return _finished(alt.layer(bars, half.encode(y="y:Q")), title, height=340)


def drift(moved: pd.DataFrame) -> alt.Chart:
    """Show how much of the population stands in another category than before, by characteristic.

    Parameters
    ----------
    moved
        One row a characteristic of ``val_drift``: characteristic, moved_share, is_targeted.
    """
    asked = moved["is_targeted"].map({True: "a target names it", False: "no target names it"})
    told = moved.assign(asked=asked, name=moved["characteristic"].str.replace("_", " "))
    bystanders = told[~told["is_targeted"]]
    if len(bystanders):
        most = bystanders.sort_values("moved_share").iloc[-1]
        finding = (
            f"Of what no target names, {most['name']} moved most: {most['moved_share']:.1%} of "
            "all stand in another category"
        )
    else:
        finding = "Targets name every characteristic that is shown"
    domain = ["a target names it", "no target names it"]
    shared = {
        "x": alt.X("moved_share:Q", title=None).axis(format="~%"),
        "y": alt.Y("name:N", sort="-x", title=None).axis(labelLimit=300, ticks=False, grid=True),
    }
    base = alt.Chart(told)
    stems = base.mark_rule(color=GREY, strokeWidth=1.5).encode(x2=alt.datum(0), **shared)
    dots = base.mark_point(size=90, filled=True, opacity=1).encode(
        color=alt.Color(
            "asked:N", legend=LEGEND, scale=alt.Scale(domain=domain, range=[BLUE, ORANGE])
        ),
        shape=alt.Shape(
            "asked:N",
            legend=LEGEND,
            scale=alt.Scale(domain=domain, range=["circle", "triangle-up"]),
        ),
        tooltip=["name", "asked", alt.Tooltip("moved_share", format=".2%", title="moved")],
        **shared,
    )
    title = _title(
        finding,
        "Share of persons or households in another category than under the initial weights, at "
        "least",
        FULL,
    )
    return _finished(alt.layer(stems, dots), title, height=ROW * len(told) + 140)


def left_out(groups: pd.DataFrame, kind: str) -> alt.Chart:
    """Show the error of each group before, when the weights are not told of it, and when told.

    Parameters
    ----------
    groups
        Rows of ``val_left_out`` of one kind: group_name, initial_median_error,
        left_out_median_error, fitted_median_error.
    kind
        What the groups are: ``families``, ``states``.
    """
    names = {
        "initial_median_error": "before calibration",
        "left_out_median_error": "when left out",
        "fitted_median_error": "when fitted",
    }
    nearer = int((groups["left_out_median_error"] < groups["initial_median_error"]).sum())
    long = groups.rename(columns=names).melt("group_name", list(names.values()), "stage", "error")
    look = {"domain": list(names.values())}
    points = (
        alt.Chart(long)
        .mark_point(size=80, filled=True, opacity=1)
        .encode(
            x=alt.X("error:Q", title=None).axis(format="~%"),
            y=alt.Y("group_name:N", title=None).axis(labelLimit=420, grid=True, ticks=False),
            color=alt.Color(
                "stage:N", legend=LEGEND, scale=alt.Scale(**look, range=[ORANGE, GREY, BLUE])
            ),
            shape=alt.Shape(
                "stage:N",
                legend=LEGEND,
                scale=alt.Scale(**look, range=["triangle-up", "diamond", "circle"]),
            ),
            tooltip=["group_name", "stage", alt.Tooltip("error", format=".1%")],
        )
    )
    title = _title(
        f"{nearer} of {len(groups)} {kind} are nearer than before even when the weights are not "
        "told of them",
        "Median error of the group's targets",
        HALF * 2,
    )
    return _finished(points, title, height=ROW * len(groups) + 140)
