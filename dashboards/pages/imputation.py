"""Imputation: what was drawn, from whom, and how good each model is on donors it has not seen.

Reads the Parquet files and manifest of ``releases/<target>/latest`` and nothing else.
"""

import streamlit as st
from release_page import ask, chosen_release, drawn, head_start, open_page

from steelyard.report.figures import OURS, imputation_scores

WORDS = {
    "pinball_skill": "skill: 1 is perfect, 0 as good as knowing nothing of the person",
    "crps_skill": "skill by CRPS: 1 is perfect, 0 as good as knowing nothing of the person",
    "ks": "largest gap between imputed and true distribution",
    "zero_share_error": "share of zeros, imputed less true",
    "top_1_share_error": "part of the total that the top percent holds, imputed over true less 1",
    "mean_error": "mean, imputed over true less 1",
    "central_90": "share of true values in the middle 90 percent of what is drawn",
    "rank_correlation_error_mean": "mean error of rank correlations between variables",
    "two_sample_auc": "how well a classifier tells draws from the truth; one half is not at all",
}
#: Skills may lie far below zero, where a baseline fits no tail: the axis would show nothing else.
LOWEST_SKILL = -1.0
SCORES = """
    select method, variable, score
    from val_imputation_score
    where imputation = $imputation and statistic = $statistic and detail is null
    order by variable, method
"""


def show() -> None:
    """Let the reader choose a build and an imputation; show draws, scores and the truth."""
    release = chosen_release()
    names = ask(release, "select distinct imputation from val_imputation order by all")
    if names.empty:
        st.info("Nothing was imputed in this build.")
        return
    imputation = st.selectbox(
        "Imputation", list(names["imputation"]), key="imputation", bind="query-params"
    )
    draws(release, imputation)
    scored(release, imputation)
    true(release, imputation)


def draws(release: str, imputation: str) -> None:
    """Count who gave and who received, and show both distributions side by side."""
    rows = ask(
        release,
        "from val_imputation where imputation = $imputation order by variable, copy_id",
        imputation=imputation,
    )
    figures = {
        "Donors": f"{rows['donor_count'].iat[0]:,}",
        "Effective donors": f"{rows['effective_donor_count'].iat[0]:,.0f}",
        "Recipients": f"{rows['recipient_count'].iat[0]:,}",
        "Outside the donors' support": f"{rows['outside_support_share'].max():.1%}",
    }
    for column, (name, figure) in zip(st.columns(len(figures)), figures.items(), strict=True):
        column.metric(name, figure, border=True)
    st.caption(f"From {rows['donor_dataset_id'].iat[0]}, run {rows['imputation_run_id'].iat[0]}.")
    told = [name for name in rows if name.startswith(("donor_", "imputed_"))]
    told = [name for name in told if name not in ("donor_count", "donor_dataset_id")]
    st.dataframe(rows[["variable", "copy_id", "ks_distance", *told]], hide_index=True, key="drawn")
    head_start()


def scored(release: str, imputation: str) -> None:
    """Draw one statistic of every method; out of sample only."""
    known = ask(
        release,
        "select distinct statistic from val_imputation_score where imputation = $imputation",
        imputation=imputation,
    )["statistic"]
    choices = [name for name in WORDS if name in set(known)]
    if not choices:
        st.info("This imputation was not judged on held-out donors in this build.")
        return
    statistic = st.selectbox(
        "Statistic", choices, format_func=lambda name: WORDS[name], key="statistic"
    )
    rows = ask(release, SCORES, imputation=imputation, statistic=statistic)
    if statistic.endswith("_skill"):
        hidden = rows["score"] < LOWEST_SKILL
        rows = rows[~hidden]
        if hidden.any():
            st.caption(f"Not drawn, because below {LOWEST_SKILL:g}: {hidden.sum()}.")
    st.vega_lite_chart(spec=drawn(imputation_scores, rows, WORDS[statistic]), key="chart")
    st.caption(f"`{OURS}` is what the build draws with; the others are baselines.")


def true(release: str, imputation: str) -> None:
    """Compare with the truth, where the world is invented and knows it."""
    if imputation != "imp_scf":
        return
    rows = ask(release, "from val_imputation_truth order by variable, copy_id")
    if len(rows):
        st.subheader("Beside the truth of the demo world", anchor=False)
        st.dataframe(rows, hide_index=True, key="truth")


open_page("imputation", "What was imputed, and how well", show)
