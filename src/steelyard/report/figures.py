"""Tables to figures: each title says the finding, each subtitle the unit and the table.

Before calibration is orange and hollow, after is blue and filled (colours of Okabe and Ito, which
readers tell apart however they see colours); shape or dash repeats what colour says.
"""

import textwrap

import altair as alt
import pandas as pd

BEFORE, AFTER = "before calibration", "after calibration"
ORANGE, BLUE, GREY = "#D55E00", "#0072B2", "#6E6E6E"
COLOUR = alt.Scale(domain=[BEFORE, AFTER], range=[ORANGE, BLUE])
LEGEND = alt.Legend(title=None, orient="top", symbolStrokeWidth=2, labelLimit=300)
HALF, FULL = 60, 110  # letters in a line of a title
ROW = 26
OURS = "forest"
PERCENT = alt.Axis(format="~%", grid=True)


def headline_errors(headline: pd.DataFrame) -> alt.Chart:
    """Show how far each headline figure lies from its published counterpart.

    Parameters
    ----------
    headline
        Rows of ``val_headline``: label, role, publisher, published_value, initial_value,
        calibrated_value. Figures without a value of ours are left out.
    """
    told = headline.dropna(subset=["published_value", "calibrated_value"])
    named = told["label"].where(told["role"] == "fitted", told["label"] + " (" + told["role"] + ")")
    wide = pd.DataFrame(
        {
            "figure": named,
            "publisher": told["publisher"],
            BEFORE: told["initial_value"] / told["published_value"] - 1,
            AFTER: told["calibrated_value"] / told["published_value"] - 1,
        }
    )
    nearer = int((wide[AFTER].abs() < wide[BEFORE].abs()).sum())
    title = _title(
        f"{nearer} of {len(wide)} headline figures lie nearer to the published one after "
        "calibration",
        "Distance of ours from the published figure, which is 0% · val_headline",
        FULL,
    )
    return _before_after(wide, "figure", title, ["publisher"], zero=True)


def family_fit(families: pd.DataFrame) -> alt.Chart:
    """Show, by family of targets, the share within 10 percent before and after.

    Parameters
    ----------
    families
        Rows of ``val_target_family``; those without a supported target are left out.
    """
    told = families[families["supported_count"] > 0]
    name = told["target_family"] + ", " + told["geography_level"]
    named = name.where(told["target_role"] != "held_out", name + " (held out)")
    wide = pd.DataFrame(
        {
            "family": named + " · " + told["supported_count"].astype(int).astype(str),
            BEFORE: told["initial_within_10_count"] / told["supported_count"],
            AFTER: told["within_10_count"] / told["supported_count"],
        }
    )
    better = int((wide[AFTER] > wide[BEFORE]).sum())
    title = _title(
        f"{better} of {len(wide)} families of targets have more of theirs within 10% after "
        "calibration",
        "Share of the targets that 30 households or more bear on; how many they are stands after "
        "the name · val_target_family",
        FULL,
    )
    return _before_after(wide, "family", title, [], zero=False)


def error_curves(curve: pd.DataFrame) -> alt.Chart:
    """Show the share of targets at or below each relative error, before and after.

    Parameters
    ----------
    curve
        target_role (``fitted``, ``held_out``), stage (before, after calibration), threshold
        (relative error, a share) and within_share.
    """
    curve = curve.assign(role=curve["target_role"].str.replace("_", " "))
    at_ten = curve[(curve["threshold"] - 0.1).abs() < 1e-9].set_index(["target_role", "stage"])
    shares = at_ten["within_share"]
    told = [
        f"{role.replace('_', ' ')} {shares[role, BEFORE]:.0%} → {shares[role, AFTER]:.0%}"
        for role in ("fitted", "held_out")
        if (role, AFTER) in shares.index
    ]
    lines = (
        alt.Chart(curve)
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X("threshold:Q", title="Relative error, absolute")
            .scale(type="log")
            .axis(format="~%", values=[0.001, 0.01, 0.05, 0.1, 0.5, 1], labelOverlap=False),
            y=alt.Y("within_share:Q", title="Share of targets").axis(format="~%"),
            color=alt.Color("stage:N", scale=COLOUR, legend=LEGEND),
            strokeDash=alt.StrokeDash(
                "role:N",
                scale=alt.Scale(domain=["fitted", "held out"], range=[[1, 0], [5, 4]]),
                legend=LEGEND,
            ),
            tooltip=[
                "role",
                "stage",
                alt.Tooltip("threshold", format=".1%", title="relative error at most"),
                alt.Tooltip("within_share", format=".1%", title="share of targets"),
            ],
        )
    )
    ten = alt.Chart(pd.DataFrame({"x": [0.1]})).mark_rule(color=GREY).encode(x="x:Q")
    title = _title(
        "Targets within 10%: " + ", ".join(told),
        "Targets that 30 households or more bear on · target",
        HALF,
    )
    return _finished(alt.layer(ten, lines), title, height=400)


def weight_ratios(ratios: pd.DataFrame) -> alt.Chart:
    """Show how far calibration moved the households' weights.

    Parameters
    ----------
    ratios
        lower, upper (edges of a bin of the calibrated over the initial weight), household_share.
    """
    kept = ratios.loc[(ratios["lower"] >= 0.5) & (ratios["upper"] <= 2), "household_share"].sum()
    bars = (
        alt.Chart(ratios)
        .mark_rect(color=BLUE, stroke="white", strokeWidth=0.5)
        .encode(
            x=alt.X("lower:Q", title="Calibrated weight over initial weight")
            .scale(type="log", nice=False)
            .axis(values=[0.1, 0.2, 0.5, 1, 2, 5, 10], format="~g", grid=False),
            x2="upper:Q",
            y=alt.Y("household_share:Q", title="Share of households").axis(format="~%"),
            y2=alt.datum(0),
            tooltip=[
                alt.Tooltip("lower", format=".3g", title="ratio from"),
                alt.Tooltip("upper", format=".3g", title="ratio below"),
                alt.Tooltip("household_share", format=".2%", title="share of households"),
            ],
        )
    )
    one = alt.Chart(pd.DataFrame({"x": [1]})).mark_rule(color=ORANGE, strokeDash=[5, 4])
    title = _title(
        f"{kept:.0%} of the households keep between half and twice their weight",
        "Logarithmic bins; the dashed line is an unchanged weight · household",
        FULL,
    )
    return _finished(alt.layer(bars, one.encode(x="x:Q")), title, height=340)


def solver_path(history: pd.DataFrame) -> alt.Chart:
    """Show what the solver bought with each step: targets within 10 percent, effective sample.

    Parameters
    ----------
    history
        Rows of ``val_history``: epoch, within_10_share, effective_sample_share.
    """
    names = {
        "within_10_share": "fitted targets within 10%",
        "effective_sample_share": "effective sample",
    }
    last = history.iloc[-1]
    title = _title(
        f"{last['epoch']:.0f} steps brought {last['within_10_share']:.0%} of all fitted targets "
        f"within 10%, and the effective sample to {last['effective_sample_share']:.0%}",
        "Shares of fitted targets and of households · val_history",
        HALF,
    )
    return _path(history, names, title, alt.Scale(domain=[0, 1]), "~%")


def solver_loss(history: pd.DataFrame) -> alt.Chart:
    """Show how the loss fell, on the targets that the solver saw and on those that it did not.

    Parameters
    ----------
    history
        Rows of ``val_history``: epoch, loss, held_out_loss. A loss of zero was not computed.
    """
    names = {"loss": "fitted", "held_out_loss": "held out"}
    told = history.assign(**{name: history[name].where(history[name] > 0) for name in names})
    first, last = told["loss"].iloc[0], told["loss"].iloc[-1]
    title = _title(
        f"The loss fell from {first:.3g} to {last:.3g}", "Loss of the solver · val_history", HALF
    )
    seen = {name: words for name, words in names.items() if told[name].notna().any()}
    return _path(told, seen, title, alt.Scale(type="log"), "~g")


def vintages(rows: pd.DataFrame, unit: str) -> alt.Chart:
    """Show one statistic of a variable in every survey and year, with two standard errors.

    Parameters
    ----------
    rows
        Rows of ``val_vintage_consistency`` of one column, statistic and category: survey,
        income_year, statistic_value, standard_error, is_jump, explanation.
    unit
        Unit of the statistic, for the subtitle.
    """
    error = 2 * rows["standard_error"].fillna(0)
    told = rows.assign(
        lower=rows["statistic_value"] - error,
        upper=rows["statistic_value"] + error,
        kind=rows["is_jump"].map({True: "jump", False: "no jump"}),
    )
    jumps = int(rows["is_jump"].sum())
    title = _title(
        f"{jumps or 'None'} of {int(rows['previous_value'].notna().sum())} changes from a survey's "
        "vintage before is a jump"
        if jumps < 2
        else f"{jumps} changes from a survey's vintage before are jumps",
        f"{unit}, and two standard errors, by income year · val_vintage_consistency",
        FULL,
    )
    base = alt.Chart(told).encode(
        x=alt.X("income_year:O", title=None, axis=alt.Axis(labelAngle=0)),
        color=alt.Color("survey:N", legend=alt.Legend(title=None, orient="top")),
    )
    value = alt.Y("statistic_value:Q", title=None, scale=alt.Scale(zero=False))
    layers = [
        base.mark_line(strokeWidth=1.5).encode(y=value, strokeDash=alt.StrokeDash("survey:N")),
        base.mark_rule().encode(y=alt.Y("lower:Q", title=None), y2="upper:Q"),
        base.mark_point(filled=True, size=70).encode(
            y=value,
            shape=alt.Shape(
                "kind:N",
                scale=alt.Scale(domain=["no jump", "jump"], range=["circle", "triangle-up"]),
                legend=alt.Legend(title=None, orient="top"),
            ),
            tooltip=["survey", "income_year", "statistic_value", "standard_error", "explanation"],
        ),
    ]
    return _finished(alt.layer(*layers), title, height=360)


def imputation_scores(rows: pd.DataFrame, words: str) -> alt.Chart:
    """Show what every method reaches in one statistic, variable by variable.

    Parameters
    ----------
    rows
        Rows of ``val_imputation_score`` of one imputation and statistic: method, variable, score;
        those without a score are left out. `OURS` is the method that the build draws with.
    words
        What the statistic is, for the subtitle.
    """
    told = rows.dropna(subset=["score"])
    told = told.assign(
        kind=told["method"].eq(OURS).map({True: "what the build does", False: "baseline"})
    )
    variables = told["variable"].nunique()
    title = _title(
        f"{told['method'].nunique()} methods on {variables} "
        f"variable{'s' if variables != 1 else ''} of donors they have not seen",
        f"{words} · val_imputation_score",
        FULL,
    )
    names = ["what the build does", "baseline"]
    points = (
        alt.Chart(told)
        .mark_point(size=90, strokeWidth=2, opacity=1, filled=True)
        .encode(
            x=alt.X("score:Q", title=None),
            y=alt.Y("variable:N", title=None).axis(
                labelLimit=420, labelOverlap=False, grid=True, ticks=False
            ),
            color=alt.Color(
                "kind:N", scale=alt.Scale(domain=names, range=[BLUE, ORANGE]), legend=LEGEND
            ),
            shape=alt.Shape(
                "method:N",
                legend=alt.Legend(title=None, orient="bottom", columns=4, labelLimit=300),
            ),
            tooltip=["method", "variable", alt.Tooltip("score:Q", format=".4g")],
        )
    )
    return _finished(points, title, height=2 * ROW * variables + 160)


def _path(
    history: pd.DataFrame,
    names: dict[str, str],
    title: alt.TitleParams,
    scale: alt.Scale,
    form: str,
) -> alt.Chart:
    measures = list(names.values())
    long = history.rename(columns=names).melt("epoch", measures, "measure", "value")
    look = {"domain": measures, "range": [BLUE, ORANGE][: len(measures)]}
    dash = {"domain": measures, "range": [[1, 0], [5, 4]][: len(measures)]}
    lines = (
        alt.Chart(long.dropna())
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X("epoch:Q", title="Step of the solver").axis(format="d", tickMinStep=1),
            y=alt.Y("value:Q", title=None, scale=scale).axis(format=form),
            color=alt.Color("measure:N", legend=LEGEND, scale=alt.Scale(**look)),
            strokeDash=alt.StrokeDash("measure:N", legend=LEGEND, scale=alt.Scale(**dash)),
            tooltip=["epoch", "measure", alt.Tooltip("value", format=".3g")],
        )
    )
    return _finished(lines, title, height=340)


def _before_after(
    wide: pd.DataFrame, name: str, title: alt.TitleParams, also: list[str], *, zero: bool
) -> alt.Chart:
    order = list(wide[name])
    long = wide.melt([name, *also], [BEFORE, AFTER], "stage", "value")
    base = alt.Chart(long).encode(
        y=alt.Y(f"{name}:N", sort=order, title=None).axis(labelLimit=420, grid=True, ticks=False)
    )
    links = base.mark_line(color=GREY, strokeWidth=1.5).encode(
        x=alt.X("value:Q", title=None, axis=PERCENT), detail=f"{name}:N"
    )
    dots = base.mark_point(size=90, strokeWidth=2, opacity=1).encode(
        x=alt.X("value:Q", title=None, axis=PERCENT),
        color=alt.Color("stage:N", scale=COLOUR, legend=LEGEND),
        fill=alt.Fill(
            "stage:N",
            scale=alt.Scale(domain=[BEFORE, AFTER], range=["white", BLUE]),
            legend=LEGEND,
        ),
        tooltip=[name, *also, "stage", alt.Tooltip("value:Q", format="+.1%" if zero else ".1%")],
    )
    layers = [links, dots]
    if zero:
        rule = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color=GREY).encode(x="x:Q")
        layers.insert(0, rule)
    return _finished(alt.layer(*layers), title, height=ROW * len(order) + 120)


def _title(finding: str, unit_and_source: str, letters: int) -> alt.TitleParams:
    return alt.TitleParams(
        text=textwrap.wrap(finding, letters),
        subtitle=unit_and_source,
        subtitleColor=GREY,
        subtitleFontSize=13,
        anchor="start",
        offset=12,
    )


def _finished(chart: alt.Chart, title: alt.TitleParams, *, height: int) -> alt.Chart:
    """Give a figure its title and, for screen readers, the same in words."""
    return chart.properties(title=title, height=height, description=" ".join(title.text))
