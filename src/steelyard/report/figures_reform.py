"""Figures of a reform of Social Security beside present law: rates by year, and who gains.

Present law is orange and dashed, the reform blue and solid.
"""

import altair as alt
import pandas as pd

from steelyard.report.figures import BLUE, FULL, GREY, LEGEND, ORANGE, ROW, _finished, _title

LAW, REFORM = "present law", "reform"
FIFTHS = ("no own record", "lowest fifth", "second fifth", "third fifth", "fourth fifth",
          "highest fifth")  # fmt: skip
SEXES = {"male": "men", "female": "women"}
_YEARS = alt.Axis(format="d", tickMinStep=1)
#: Title, legend and axis are part of a figure's height.
_FRAME = 150


def reform_rates(rows: pd.DataFrame) -> alt.Chart:
    """Show cost and income rates under both laws.

    Parameters
    ----------
    rows
        Rows of ``val_panel_reform``, one a year: panel_year, cost_rate and income_rate with
        ``baseline_`` and with ``reform_`` before, and their changes.
    """
    last = rows.sort_values("panel_year").iloc[-1]
    finding = (
        f"In {last['panel_year']:.0f} the reform {_moves('cost', last['cost_rate_change'])} and "
        f"{_moves('income', last['income_rate_change'])}: the yearly balance changes by "
        f"{_signed(last['balance_rate_change'])} points"
    )
    names = {
        f"{law}_{rate}_rate": f"{rate}, {told}"
        for rate in ("cost", "income")
        for law, told in (("reform", REFORM), ("baseline", LAW))
    }
    long = rows.rename(columns=names).melt(["panel_year"], list(names.values()), "kind", "value")
    look = {"domain": list(names.values()), "range": [BLUE, ORANGE] * 2}
    dash = {"domain": list(names.values()), "range": [[1, 0], [6, 3]] * 2}
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
    title = _title(finding, "Percent of taxable payroll · val_panel_reform", FULL)
    return _finished(lines, title, height=360)


def winners(rows: pd.DataFrame, year: int) -> alt.Chart:
    """Show by sex and lifetime earnings who gains, to the right, and who loses, to the left.

    Parameters
    ----------
    rows
        Rows of ``val_panel_reform_winner``, one a sex and fifth: sex, earnings_fifth, persons,
        gaining_persons, losing_persons, benefit_change_share. Groups of nobody are left out.
    year
        The year, for the title.
    """
    told = rows[rows["persons"] > 0]
    told = told.assign(
        group=told["sex"].map(SEXES) + ", " + told["earnings_fifth"].map(dict(enumerate(FIFTHS))),
        gain=told["gaining_persons"] / told["persons"],
        lose=-told["losing_persons"] / told["persons"],
    )
    whole = told["persons"].sum()
    gain, lose = (told[f"{kind}_persons"].sum() / whole for kind in ("gaining", "losing"))
    finding = f"{year}: {lose:.0%} of all who are paid lose a dollar or more, {gain:.0%} gain"
    side = "lose" if lose >= gain else "gain"
    if max(gain, lose) > 0:
        shares = dict(zip(told["group"], told[side].abs(), strict=True))
        most = max(shares, key=lambda group: shares[group])
        finding += f"; most {side} among {most}, {shares[most]:.0%}"
    long = told.melt(["group", "benefit_change_share"], ["lose", "gain"], "kind", "share")
    look = alt.Scale(domain=["lose", "gain"], range=[ORANGE, BLUE])
    bars = (
        alt.Chart(long)
        .mark_bar()
        .encode(
            x=alt.X("share:Q", title="Lose to the left, gain to the right").axis(
                labelExpr="format(abs(datum.value), '.0%')", tickCount=8
            ),
            y=alt.Y("group:N", sort=list(told["group"]), title=None).axis(
                labelLimit=300, labelOverlap=False
            ),
            color=alt.Color("kind:N", scale=look, legend=LEGEND),
            tooltip=[
                "group",
                "kind",
                alt.Tooltip("share", format=".1%"),
                alt.Tooltip("benefit_change_share", format="+.1%", title="change of benefits"),
            ],
        )
    )
    zero = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color=GREY).encode(x="x:Q")
    title = _title(
        finding,
        "Share of the persons paid under either law; fifths of AIME, men and women together · "
        "val_panel_reform_winner",
        FULL,
    )
    return _finished(alt.layer(bars, zero), title, height=_FRAME + ROW * len(told))


def _moves(what: str, change: float) -> str:
    if abs(change) < 0.005:
        return f"leaves {what} as it is"
    return f"{'raises' if change > 0 else 'lowers'} {what} by {abs(change):.2f}"


def _signed(change: float) -> str:
    return f"{change:+.2f}".replace("-", "−")
