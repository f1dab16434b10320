"""Social Security: what the panel costs, and what the engine computes beside SSA.

Reads the Parquet files and manifest of ``releases/<target>/latest`` and nothing else.
"""

import pandas as pd
import streamlit as st
from release_page import ask, chosen_release, drawn, figure, open_page, part, plain, table

from steelyard.report.figures_oasdi import published_beside_computed
from steelyard.report.figures_panel import (
    beneficiaries,
    cost_difference,
    rates,
    replacement,
    trust_fund,
)
from steelyard.report.figures_reform import reform_rates, winners

FINANCE = """
    with averaged as (
        select panel_year, avg(columns(* exclude (imputation, panel_year)))
        from val_panel_finance
        group by panel_year
    )
    select averaged.*, cost.standard_error as cost_rate_error
    from averaged
    left join val_panel_estimate as cost
        on averaged.panel_year = cost.panel_year and cost.figure = 'cost_rate'
    order by averaged.panel_year
"""
HORIZON = """
    select min(first_year) as first_year, max(last_year) as last_year, count(*) as imputations
    from val_panel_balance
"""
ESTIMATES = """
    select figure, unit, mean_value, standard_error, lowest_value, highest_value,
        imputation_count, (select count(*) from val_panel_balance) as imputations
    from val_panel_estimate
    where panel_year is null
"""
REFORM = """
    select panel_year, avg(columns(* exclude (imputation, panel_year)))
    from val_panel_reform
    group by panel_year
    order by panel_year
"""
REFORM_HORIZON = """
    select min(first_year) as first_year, max(last_year) as last_year
    from val_panel_reform_balance
"""
WINNERS = """
    select any_value(panel_year) as panel_year, sex, earnings_fifth, avg(persons) as persons,
        avg(gaining_persons) as gaining_persons, avg(losing_persons) as losing_persons,
        sum(persons * baseline_benefit) / sum(persons) as baseline_benefit,
        sum(persons * reform_benefit) / sum(persons) as reform_benefit,
        sum(persons * reform_benefit) / sum(persons * baseline_benefit) - 1
            as benefit_change_share
    from val_panel_reform_winner
    group by sex, earnings_fifth
    order by sex desc, earnings_fifth
"""
LAW = "select any_value(reform) as reform from val_panel_year"
PAID = """
    with averaged as (
        select benefit_group, sex, avg(persons) as persons,
            avg(persons * average_benefit) / avg(persons) as average_benefit,
            any_value(published_persons) as published_persons,
            any_value(published_benefit) as published_benefit
        from val_panel_beneficiary
        where panel_year = $year
        group by benefit_group, sex
    )
    select benefit_group, sum(persons) as persons,
        sum(persons * average_benefit) / sum(persons) as average_benefit,
        sum(published_persons) as published_persons,
        sum(published_persons * published_benefit) / sum(published_persons) as published_benefit
    from averaged
    group by benefit_group
    order by persons desc
"""
REPLACED = """
    select decile, avg(average_indexed_earnings) as average_indexed_earnings,
        avg(average_benefit) as average_benefit, avg(replacement_share) as replacement_share
    from val_panel_replacement
    where panel_year = $year
    group by decile
    order by decile
"""
#: The year of SSA's count of beneficiaries by type.
COUNTED = 2024
COUNTS = """
    select subject, count(*) as figures, count(*) filter (where gap = 0) as exact
    from val_oasdi_published
    group by subject
    order by subject
"""
ITEMS = """
    select distinct item from val_oasdi_published
    where subject = 'automatic_amount'
    order by item = 'pia_bend_1' desc, item
"""
SERIES = """
    select year, published_value, computed_value, gap
    from val_oasdi_published
    where subject = 'automatic_amount' and item = $item
    order by year
"""
APART = """
    select item, year, month_of_year, measure, published_value, computed_value, gap, note, source
    from val_oasdi_published
    where gap is distinct from 0
    order by abs(gap) desc nulls last, item, year
"""
SUBJECTS = {
    "automatic_amount": "Amounts by the law's formulas",
    "worker": "Figures of workers whose earnings are known",
}


def show() -> None:
    """Show what the panel costs, and how many published figures the engine meets to the cent."""
    release = chosen_release()
    counts, finance = ask(release, COUNTS), ask(release, FINANCE)
    if finance.empty:
        st.info(
            "**This release has no aged panel**, so that the page is about the benefit formulas "
            "alone. Make one with `steelyard panel`, then build again.",
            icon=":material/info:",
        )
    else:
        changes(release)
        money(release, finance)
        people(release, [int(year) for year in finance["panel_year"]])
    st.header("The formulas, ours and SSA's", anchor="formulas")
    if counts.empty:
        st.info("This build compared nothing with Social Security's publications.")
        return
    for column, row in zip(st.columns(len(counts)), counts.itertuples(), strict=True):
        column.metric(
            f"{SUBJECTS.get(row.subject, row.subject)}, to the cent",
            f"{row.exact:,} of {row.figures:,}",
            border=True,
        )
    series(release)
    apart(release)


def money(release: str, finance: pd.DataFrame) -> None:
    """Draw cost and income beside the Trustees', what differs, and the trust funds."""
    st.header("Cost and income", anchor="finance")
    horizon = ask(release, HORIZON).iloc[0]
    known = ask(release, ESTIMATES).set_index("figure")
    _figures(
        known,
        {
            "actuarial_balance": "Actuarial balance",
            "horizon_cost_rate": "Cost",
            "horizon_income_rate": "Income",
            "depletion_year": "Trust funds exhausted",
        },
    )
    st.caption(
        f"Of the present value of taxable payroll, {horizon['first_year']:.0f} to "
        f"{horizon['last_year']:.0f}; the Trustees' own horizon is 75 years. "
        f"{_of_imputations(int(horizon['imputations']))}"
    )
    figure(drawn(rates, finance), finance, "rates", "Source: val_panel_finance; SSA, Trustees")
    left, right = st.columns(2)
    with left:
        if finance["cost_rate_difference"].notna().any():
            parts = finance.filter(regex="panel_year|^due_to|difference")
            figure(
                drawn(cost_difference, finance), parts, "difference", "Source: val_panel_finance"
            )
    with right:
        funds = finance[["panel_year", "assets", "trust_fund_ratio"]]
        figure(drawn(trust_fund, funds), funds, "fund", "Source: val_panel_finance")


def _figures(known: pd.DataFrame, named: dict[str, str]) -> None:
    """Show figures of the horizon side by side, with their standard errors where there are some.

    Parameters
    ----------
    known
        Rows of `ESTIMATES` by figure.
    named
        Figure to what is written over it.
    """
    for column, (figure_name, label) in zip(st.columns(len(named)), named.items(), strict=True):
        if figure_name not in known.index:
            column.metric(label, "not yet", border=True)
            continue
        row = known.loc[figure_name]
        error = row["standard_error"]
        column.metric(
            label,
            _said(row),
            None if pd.isna(error) else f"± {error:.2g}",
            delta_color="off",
            delta_arrow="off",
            border=True,
        )


def _said(row: pd.Series) -> str:
    """Say a figure: years from the first imputation's to the last's, rates as their mean."""
    if row["unit"] != "year":
        sign = "+" if "balance" in row.name else ""
        return f"{row['mean_value']:{sign}.2f}%".replace("-", "−")
    ends = sorted({f"{row[name]:.0f}" for name in ("lowest_value", "highest_value")})
    some = row["imputation_count"] < row["imputations"]
    count = f", {row['imputation_count']:.0f} of {row['imputations']:.0f}" if some else ""
    return "–".join(ends) + count


def _of_imputations(count: int) -> str:
    if count < 2:
        return "Of one imputation, which says nothing of its own error."
    return (
        f"Means of {count} imputations; ± is the standard error by Rubin's rules, of what differs "
        "between them."
    )


def changes(release: str) -> None:
    """Draw what a reform changes beside present law, and who gains and loses; if there is one."""
    rows = ask(release, REFORM)
    if rows.empty:
        return
    name = ask(release, LAW).iloc[0]["reform"] or "unnamed"
    st.header("What the reform changes", anchor="reform")
    known = ask(release, ESTIMATES).set_index("figure")
    _figures(
        known,
        {
            "baseline_actuarial_balance": "Balance under present law",
            "reform_actuarial_balance": "Balance under the reform",
            "actuarial_balance_change": "Change of the balance",
        },
    )
    _figures(
        known,
        {
            "baseline_depletion_year": "Trust funds exhausted under present law",
            "reform_depletion_year": "Trust funds exhausted under the reform",
        },
    )
    horizon = ask(release, REFORM_HORIZON).iloc[0]
    st.caption(
        f"{plain(name)}, beside present law on the same random numbers; of the present value of "
        f"taxable payroll, {horizon['first_year']:.0f} to {horizon['last_year']:.0f}. All below is "
        "under the reform."
    )
    source = "Source: val_panel_reform"
    figure(drawn(reform_rates, rows), rows, "reform", source)
    people = ask(release, WINNERS)
    year = int(people["panel_year"].iloc[0])
    figure(drawn(winners, people, year), people, "winners", "Source: val_panel_reform_winner")


@part
def people(release: str, years: list[int]) -> None:
    """Draw who is paid in a year, and what benefits replace."""
    st.header("Who is paid, and how much", anchor="beneficiaries")
    first = COUNTED if COUNTED in years else years[-1]
    year = st.select_slider("Year", years, value=first, key="paid_year", bind="query-params")
    paid, replaced = ask(release, PAID, year=year), ask(release, REPLACED, year=year)
    source = f"Source: val_panel_beneficiary; SSA, Statistical Supplement 5.A1, {COUNTED}"
    figure(drawn(beneficiaries, paid, year), paid, "paid", source)
    table(
        paid,
        "averages",
        average_benefit=st.column_config.NumberColumn("dollars a month", format="dollar"),
        published_benefit=st.column_config.NumberColumn("SSA, dollars a month", format="dollar"),
    )
    if not replaced.empty:
        figure(
            drawn(replacement, replaced, year),
            replaced,
            "replaced",
            "Source: val_panel_replacement",
        )


@part
def series(release: str) -> None:
    """Draw one amount over the years."""
    items = ask(release, ITEMS)["item"]
    if items.empty:
        return
    item = st.selectbox("Amount", items, format_func=words, key="amount", bind="query-params")
    rows = ask(release, SERIES, item=item)
    figure(
        drawn(published_beside_computed, rows, words(item)),
        rows,
        item,
        "Source: val_oasdi_published; SSA",
    )


def apart(release: str) -> None:
    """List the figures that are not met to the cent."""
    rows = ask(release, APART)
    if rows.empty:
        st.caption("No published figure is computed otherwise.")
        return
    st.markdown(f"**{len(rows)} published figures are computed otherwise, or not at all**")
    table(
        rows,
        "apart",
        published_value=st.column_config.NumberColumn("published", format="dollar"),
        computed_value=st.column_config.NumberColumn("computed", format="dollar"),
        gap=st.column_config.NumberColumn("computed less published", format="dollar"),
    )


def words(item: str) -> str:
    """Name an amount for readers."""
    return item.replace("_", " ").replace("pia", "PIA").replace("fra", "full retirement age")


open_page("Social Security", "Social Security: what it costs, and what it pays", show)
