"""A small invented release with what the pages on distributions, poverty and states read."""

from itertools import product
from pathlib import Path

import dashboard_release
import duckdb
import pandas as pd

from steelyard.release import write_release

MANIFEST = {
    "build_target": "demo",
    "income_year": 2022,
    "is_synthetic": True,
    "synthetic_sources": "demo_survey",
}
STAGES = ("base_survey", "initial_weight", "calibrated_weight")


def tables() -> dict[str, pd.DataFrame]:
    """Return every table that the three pages read."""
    return {
        "target": target(),
        "val_distribution": distribution(),
        "val_origin": origin(),
        "val_poverty": poverty(),
        "val_burden": burden(),
        "val_benchmark": benchmark(),
        "val_headline_error": pd.DataFrame(
            {"metric": ["gini"], "lower_value": [0.48], "upper_value": [0.5]}
        ),
        "val_state_figure": states(),
        "val_state_agreement": agreement(),
        "val_target_concentration": pd.DataFrame(
            {"target_id": ["agi_06", "agi_36", "agi_48"], "heaviest_share": [0.01, 0.6, 0.02]}
        ),
    }


def write(**replaced: pd.DataFrame | None) -> Path:
    """Write the release under ``releases``; a table replaced by None is left out."""
    written = {name: table for name, table in (tables() | replaced).items() if table is not None}
    with duckdb.connect() as connection:
        return write_release(
            Path("releases") / "demo",
            {name: connection.from_df(frame) for name, frame in written.items()},
            MANIFEST | {"sources": dashboard_release.sources()},
        )[0]


def target() -> pd.DataFrame:
    nation = pd.DataFrame(
        {
            "target_id": ["wages", "wages_1", "eitc"],
            "variable": ["employment_income", "employment_income", "eitc"],
            "geography_level": "national",
            "geoid": "US",
            "target_family": "irs_soi/table_1",
            "source_table": ["Table 1.4", "Table 1.4", "Table 2.5"],
            "all_constraints": [
                "is_filer = true",
                "adjusted_gross_income < 1; is_filer = true",
                "",
            ],
            "target_role": ["fitted", "fitted", "inactive"],
            "published_value": [1000.0, 10.0, 100.0],
        }
    )
    state = pd.DataFrame(
        {
            "target_id": ["agi_06", "agi_36", "agi_48"],
            "variable": "adjusted_gross_income",
            "geography_level": "state",
            "geoid": ["06", "36", "48"],
            "target_family": "irs_soi/table_2",
            "source_table": "Table 2",
            "all_constraints": [f"is_filer = true; state_fips = {code}" for code in (6, 36, 48)],
            "target_role": "fitted",
            "published_value": [2000.0, 1200.0, 1300.0],
        }
    )
    both = pd.concat([nation, state], ignore_index=True)
    return both.assign(statistic="amount", unit="USD", publisher="IRS SOI")


def distribution() -> pd.DataFrame:
    named = {"employment_income": "Wages and salaries", "eitc": "Earned income tax credit"}
    groups = [("all", "all"), ("filer", "filer"), ("filer", "non-filer"), ("state", "06")]
    groups += [("decile", f"{place:02d}") for place in range(1, 11)]
    groups += [("age", "under_25"), ("age", "75_plus")]
    rows = []
    for (measure, label), (breakdown, category), stage in product(named.items(), groups, STAGES):
        size = 900.0 if measure == "employment_income" else 98.0
        value = size * (1.1 if stage == "calibrated_weight" else 1.0)
        if breakdown == "decile":
            value *= int(category) + (0.1 if (category, stage) == ("01", STAGES[2]) else 0)
        rows.append(
            {
                "measure": measure,
                "label": label,
                "position": 1 if measure == "employment_income" else 2,
                "breakdown": breakdown,
                "category": category,
                "weight_stage": stage,
                "record_count": 50 if category == "75_plus" else 500,
                "amount": value,
                "mean_of_all": value,
                "mean_of_those_with": value * 2,
                "share_with": 0.5,
                "amount_share": 0.1,
            }
        )
    return pd.DataFrame(rows)


def origin() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "table_name": "person",
            "variable": ["tips", "tips", "wages"],
            "origin": ["imputed_demo_sipp_2022", "reported", "reported"],
            "weight_stage": "calibrated_weight",
            "records_with": [3, 1, 9],
            "units_with": [3.0, 1.0, 9.0],
            "amount": [75.0, 25.0, 900.0],
        }
    )


def poverty() -> pd.DataFrame:
    groups = {("all", "all"): 0.12, ("age", "under_18"): 0.16, ("age", "18_to_64"): 0.11}
    groups |= {("age", "65_plus"): 0.09, ("state", "06"): 0.11, ("state", "01"): 0.15}
    rows = [
        {
            "measure": measure,
            "breakdown": breakdown,
            "category": category,
            "weight_stage": stage,
            "poverty_rate": rate if measure == "official" else None,
            "known_share": 1.0 if measure == "official" else 0.0,
            "poor_count": 40 if category == "06" else 400,
        }
        for measure, ((breakdown, category), rate), stage in product(
            ("official", "supplemental"), groups.items(), STAGES
        )
    ]
    return pd.DataFrame(rows)


def burden() -> pd.DataFrame:
    groups = ["All", "Lowest fifth", "Highest fifth", "Top 1 percent"]
    return pd.DataFrame(
        {
            "weight_stage": stage,
            "income_group": label.lower(),
            "label": label,
            "position": place,
            "record_count": 500,
            "mean_income": 2e4 * (place + 1),
            "mean_income_tax": 3e3 * place - 1e3,
            "income_share": place / 10,
            "income_tax_share": place / 8 - 0.2,
            "payroll_tax_share": place / 9,
            "income_tax_rate": place / 20 - 0.1,
            "payroll_tax_rate": 0.1,
        }
        for stage in STAGES[1:]
        for place, label in enumerate(groups)
    )


def benchmark() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "benchmark_id": ["a", "b", "c", "d", "e"],
            "label": [
                "Gini of income",
                "Official poverty rate",
                "Official poverty rate, under 18",
                "Charity, tax expenditure",
                "Another file: Gini",
            ],
            "role": ["benchmark"] * 4 + ["method"],
            "headline_metric": ["gini", "poverty", None, None, None],
            "is_same_concept": [True, True, True, False, False],
            "publisher": "Census",
            "source_table": "P60",
            "period": 2022,
            "unit": ["index", "share", "share", "USD", "index"],
            "published_value": [0.488, 0.115, 0.15, 6e10, 0.556],
            "initial_value": [0.5, 0.12, 0.16, None, 0.5],
            "calibrated_value": [0.49, 0.12, 0.16, None, 0.49],
            "relative_gap": [0.004, 0.043, 0.067, None, None],
            "comparability": ["Same", "Same", "Same", "Ours is null: why", "Another"],
        }
    )


def states() -> pd.DataFrame:
    common = {"statistic": "amount", "unit": "USD", "target_family": "irs_soi/table_2"}
    rows = [
        {
            "measure_id": f"table_2/{variable}",
            "variable": variable,
            "geoid": geoid,
            "other_constraints": "is_filer = true",
            "target_role": "fitted",
            "published_value": published,
            "initial_estimate": published * 1.3,
            "calibrated_estimate": published * after,
            "residents": residents,
        }
        | common
        for variable in ("adjusted_gross_income", "eitc")
        for geoid, published, residents, after in (
            ("06", 2000.0, 39.0, 1.02),
            ("36", 1200.0, 19.0, 0.8),
            ("48", 1300.0, 30.0, 1.0),
        )
    ]
    return pd.DataFrame(rows)


def agreement() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "measure_id": f"table_2/{variable}",
            "weight_stage": stage,
            "n_areas": 3,
            "correlation": 0.9,
            "log_correlation": 0.9,
            "per_head_correlation": 0.5,
            "rank_correlation": 0.5,
            "mean_absolute_percentage_error": 0.3 if stage == "initial_weight" else 0.07,
            "median_absolute_percentage_error": 0.3 if stage == "initial_weight" else 0.02,
        }
        for variable in ("adjusted_gross_income", "eitc")
        for stage in STAGES[1:]
    )
