"""Imputation: what was drawn, from whom, and how good each model is on donors it has not seen.

Reads the Parquet files and manifest of ``releases/<target>/latest`` and nothing else.
"""

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from steelyard.release import ReleaseError, latest_release, verify
from steelyard.report.figures import OURS, imputation_scores
from steelyard.warehouse.query import QueryError, query_parquet

RELEASES = Path("releases")
WORDS = {
    "pinball_skill": "skill: 1 is perfect, 0 as good as knowing nothing of the person",
    "crps_skill": "skill by CRPS: 1 is perfect, 0 as good as knowing nothing of the person",
    "ks": "largest gap between imputed and true distribution",
    "zero_share_error": "share of zeros, imputed less true",
    "top_1_share_error": "part of the total that the top percent holds, imputed over true less 1",
    "mean_error": "mean, imputed over true less 1",
    "central_90": "share of true values in the middle 90 percent of what is drawn",
    "rank_correlation_error_mean": "mean error of rank correlations between variables",
    "two_sample_auc": "how well a classifier tells draws from the truth; 0.5 is not at all",
}
#: Skills may lie far below zero, where a baseline fits no tail: the axis would show nothing else.
LOWEST_SKILL = -1.0
SCORES = """
    select method, variable, score
    from val_imputation_score
    where imputation = $imputation and statistic = $statistic and detail is null
    order by variable, method
"""


@st.cache_data(show_spinner="Checking the files against their checksums", max_entries=20)
def checked(release: str, stamp: int) -> dict[str, Any]:
    """Verify a release, again whenever its checksums are written anew."""
    return verify(Path(release))


@st.cache_data(show_spinner=False, max_entries=200)
def ask(release: str, sql: str, **parameters: Any) -> pd.DataFrame:
    """Query a release; a version never changes, so an answer is asked for once."""
    return query_parquet(Path(release), sql, parameters)


def main() -> None:
    """Show the page, or say in one message why there is none."""
    st.set_page_config(page_title="Steelyard: imputation", page_icon="⚖️", layout="wide")
    st.title("What was imputed, and how well", anchor=False)
    try:
        show()
    except (ReleaseError, QueryError) as error:
        st.error(f"**Nothing to show.** {error}", icon=":material/error:")


def show() -> None:
    """Let the reader choose a build and an imputation; show draws, scores and the truth."""
    builds = sorted(
        (pointer.parent.name for pointer in RELEASES.glob("*/latest") if pointer.is_dir()),
        key=lambda build: (build == "demo", build),
    )
    if not builds:
        raise ReleaseError("There is no release; run `make release` in the checkout first.")
    build = st.sidebar.selectbox("Build", builds, key="build", bind="query-params")
    release = latest_release(RELEASES / build)
    manifest = checked(str(release), (release / "SHA256SUMS").stat().st_mtime_ns)
    if manifest["is_synthetic"]:
        st.warning(
            f"**Synthetic.** Invented: {manifest['synthetic_sources']}.", icon=":material/science:"
        )
    names = ask(str(release), "select distinct imputation from val_imputation order by all")
    if names.empty:
        st.info("Nothing was imputed in this build.")
        return
    imputation = st.selectbox(
        "Imputation", list(names["imputation"]), key="imputation", bind="query-params"
    )
    drawn(str(release), imputation)
    scored(str(release), imputation)
    true(str(release), imputation)


def drawn(release: str, imputation: str) -> None:
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
    st.altair_chart(imputation_scores(rows, WORDS[statistic]), key="chart")
    st.caption(f"`{OURS}` is what the build draws with; the others are baselines.")


def true(release: str, imputation: str) -> None:
    """Compare with the truth, where the world is invented and knows it."""
    if imputation != "imp_scf":
        return
    rows = ask(release, "from val_imputation_truth order by variable, copy_id")
    if len(rows):
        st.subheader("Beside the truth of the demo world", anchor=False)
        st.dataframe(rows, hide_index=True, key="truth")


main()
