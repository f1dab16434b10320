"""Rows of who is poor, and of benchmarks, prepared for the report and the dashboard alike."""

import pandas as pd

from steelyard.report.figures_distribution import PUBLISHED, STAGES
from steelyard.report.words import humane, signed_percent

AGES = {
    "all": "Everybody",
    "under_18": "Under 18",
    "18_to_64": "18 to 64",
    "65_plus": "65 and over",
}
POVERTY = """
    select measure, category, weight_stage, poverty_rate as value, known_share
    from val_poverty
    where breakdown in ('all', 'age')
    order by all
"""
RATES = """
    select label, published_value, publisher, source_table
    from val_benchmark
    where role = 'benchmark' and contains(lower(label), 'poverty rate')
    order by benchmark_id
"""
BENCHMARKS = """
    select
        benchmark.label, benchmark.unit, benchmark.role, benchmark.published_value,
        benchmark.initial_value, benchmark.calibrated_value, benchmark.relative_gap,
        benchmark.headline_metric, benchmark.is_same_concept,
        errors.lower_value, errors.upper_value,
        benchmark.publisher, benchmark.source_table, benchmark.period,
        benchmark.comparability
    from val_benchmark as benchmark
    left join val_headline_error as errors on benchmark.headline_metric = errors.metric
    order by benchmark.role, benchmark.publisher, benchmark.benchmark_id
"""


def poverty_by_age(
    rows: pd.DataFrame, rates: pd.DataFrame, measure: str
) -> tuple[pd.DataFrame, str]:
    """Set published poverty rates beside ours, of all and by age.

    Parameters
    ----------
    rows, rates
        Answers to `POVERTY` and `RATES`.
    measure
        ``official`` or ``supplemental``.

    Returns
    -------
    tuple of DataFrame and str
        Rows for `poverty_rates`, none where no rate of ours is known; and a sentence or two on
        where they are from.
    """
    ours = rows[rows["measure"] == measure]
    if ours["value"].isna().all():
        return pd.DataFrame(columns=["group", "stage", "value"]), ""
    name = f"{measure.capitalize()} poverty rate"
    places = {
        name if key == "all" else f"{name}, {words.lower()}": key for key, words in AGES.items()
    }
    published = rates.assign(
        category=rates["label"].map(places), stage=PUBLISHED, value=rates["published_value"]
    ).dropna(subset=["category"])
    both = pd.concat(
        [ours.assign(stage=ours["weight_stage"].map(STAGES)), published], ignore_index=True
    )
    both["group"] = pd.Categorical(both["category"].map(AGES), list(AGES.values()), ordered=True)
    both = both.sort_values("group", kind="stable").astype({"group": str})
    known = ours.loc[ours["category"] == "all", "known_share"].min()
    partly = "" if known > 0.999 else f" Known of {known:.0%} of people: copy 0."
    sources = ", ".join(sorted(set(published["publisher"] + " " + published["source_table"])))
    return both[["group", "stage", "value"]].reset_index(drop=True), (
        f"val_poverty; published: {sources or 'not in this release'}. No published poverty rate is "
        f"fitted.{partly}"
    )


def benchmark_words(rows: pd.DataFrame) -> pd.DataFrame:
    """Say every benchmark in words: one row each of the answer to `BENCHMARKS`, in its order."""
    units = rows["unit"]
    return pd.DataFrame(
        {
            "benchmark": rows["label"],
            "published": [*map(humane, rows["published_value"], units)],
            "ours before": [*map(humane, rows["initial_value"], units)],
            "ours": [*map(humane, rows["calibrated_value"], units)],
            "gap": ["" if pd.isna(gap) else signed_percent(gap) for gap in rows["relative_gap"]],
            "same": rows["is_same_concept"],
            "what differs": rows["comparability"],
            "year": rows["period"],
            "source": rows["publisher"] + ", " + rows["source_table"],
        },
        index=rows.index,
    )


def benchmarks_kept(rows: pd.DataFrame) -> str:
    """Say how many benchmarks of the same concept lie near, and what the others are."""
    asked = rows[rows["role"] == "benchmark"]
    answered = asked[asked["calibrated_value"].notna()]
    same = answered[answered["is_same_concept"].astype(bool)]
    near = int((same["relative_gap"].abs() <= 0.05).sum())
    return (
        f"{near} of {len(same)} benchmarks of the same concept and year lie within 5%. "
        f"{len(answered) - len(same)} more are of something else or another year, and what differs "
        f"is the finding; {len(asked) - len(answered)} this build cannot answer. No weight is "
        "fitted to any of these rows; some repeat what is fitted elsewhere, and say so."
    )
