"""Judge drawn working lives on real extracts of panels, beside the naive chain.

Run ``python benchmarks/working_lives.py --panels FOLDER``, where the extracts lie that
``tests/integration/panel_extracts.py`` reads. Each life is held out once, as in
``val_panel_history``, but the chain has `TREES` trees, each grown on `SHARE` of the years. The page
goes to ``benchmarks/results/working_lives.md``.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
from steps import machine

from steelyard.impute import ImputeConfig
from steelyard.panel.histories.chain import Chain
from steelyard.panel.histories.holdout import TOGETHER, Way, judge
from steelyard.panel.histories.tables import lives_of_table
from steelyard.panel.histories.trajectories import Trajectories
from steelyard.panel.lives import Lives

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "integration"))
import panel_extracts  # noqa: E402  of the tests, beside which it is

RESULTS = Path(__file__).resolve().parent / "results" / "working_lives.md"
SEED, TREES, SHARE = 20221115, 6, 0.25
METHODS = ("trajectories", "first_order")
#: The columns that lives are read by. No extract knows families, weights or years without work.
YEARS = """
select
    person_id, person_id as family_id, {female} as is_female, birth_year,
    {education} as education, 1.0::double as design_weight, income_year, earnings,
    0.01::double as least_earnings
from extract
where earnings is not null and birth_year is not null
order by person_id, income_year
"""


def main() -> None:
    """Judge every panel, print the page and write it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--panels", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--no-result", action="store_true", help="write no results file")
    options = parser.parse_args()
    config = ImputeConfig(name="panel", seed=SEED, trees=TREES, sample_share=SHARE, n_jobs=2)
    tables = extracts(options.panels)
    found = pd.concat(judged(name, years, config) for name, years in tables.items())
    found = found[(found["age_lower"] == 18) & (found["age_upper"] == 76)]
    text = "\n\n".join(
        ["# How drawn working lives move", distances(found), correlations(found), parts(found)]
    )
    text += "\n\n" + machine()
    print(text)
    if not options.no_result:
        RESULTS.write_text(text + "\n", encoding="utf-8")


def ways(lives: Lives, config: ImputeConfig) -> dict[str, Way]:
    """Fit both ways."""
    return {
        "trajectories": Trajectories.fit(lives, f"{config.name}/trajectories", config.seed),
        "first_order": Chain.fit(lives, replace(config, name=f"{config.name}/first"), "short"),
    }


def judged(name: str, years: pa.Table, config: ImputeConfig) -> pd.DataFrame:
    """Judge one panel, and say when it is done: the largest takes minutes."""
    found = judge(name, lives_of_table(years), config, ways).to_pandas()
    print(f"{name}: judged", file=sys.stderr, flush=True)
    return found


def extracts(folder: Path) -> dict[str, pa.Table]:
    """Read real extracts as rows of years."""
    tables = {}
    for name in ("psid_income_residuals", "psid_men_1979_1988", "nlsy79"):
        sql = panel_extracts.EXTRACTS[name].replace(str(panel_extracts.PANELS), str(folder))
        with duckdb.connect() as connection:
            connection.execute(f"create table extract as {sql}")
            columns = [row[0] for row in connection.sql("describe extract").fetchall()]
            female = "is_female" if "is_female" in columns else "false"
            education = "education" if "education" in columns else "null::varchar"
            query = YEARS.format(female=female, education=education)
            tables[name] = connection.sql(query).to_arrow_table()
    return tables


def distances(found: pd.DataFrame) -> str:
    """Lay out total variation: of all lives together, and the mean over parts beside chance."""
    lines = [
        "Total variation between matrices of moves among fifths and no work, 1 and 5 years on: all",
        "lives together, each drawn when its own fifth was held out; then the mean over the five",
        "parts, beside what lies between a part and the families learnt from by chance.",
        "",
        "| panel | lives | trajectories | first order | trajectories, a part | chance |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    rows = found[(found["statistic"] == "transition_distance") & (found["lag_years"] < 10)]
    for panel, mine in rows.groupby("dataset_id", sort=False):
        whole, each = mine[mine["part"] == TOGETHER], mine[mine["part"] != TOGETHER]
        of_part = each[each["method"] == "trajectories"].groupby("lag_years")
        cells = [pairs(whole[whole["method"] == method]["drawn_value"]) for method in METHODS]
        cells += [pairs(of_part[name].mean()) for name in ("drawn_value", "donor_value")]
        lines.append(f"| {panel} | {whole['person_count'].iloc[0]:,} | {' | '.join(cells)} |")
    return "\n".join(lines)


def pairs(values: pd.Series) -> str:
    """Write the values of both distances in years."""
    return ", ".join(f"{value:.3f}" for value in values)


def correlations(found: pd.DataFrame) -> str:
    """Lay out correlations of ranks, true and drawn, of all lives together."""
    lines = [
        "Spearman's correlation of ranks, all lives together.",
        "",
        "| panel | years | true | trajectories | first order |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    rows = found[(found["statistic"] == "rank_correlation") & (found["part"] == TOGETHER)]
    for (panel, lag), mine in rows.dropna(subset="held_out_value").groupby(
        ["dataset_id", "lag_years"], sort=False
    ):
        drawn = mine.set_index("method")["drawn_value"]
        cells = [
            f"{mine['held_out_value'].iloc[0]:.3f}",
            *(f"{drawn[each]:.3f}" for each in METHODS),
        ]
        lines.append(f"| {panel} | {int(lag)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def parts(found: pd.DataFrame) -> str:
    """Lay out, part by part, how far trajectories are from the held-out lives after ten years."""
    lines = [
        "Correlation after 10 years of each held-out part: drawn by trajectories less true. Much",
        "of the spread between parts is that of the true lives: a fifth is a small sample.",
        "",
        "| panel | 1 | 2 | 3 | 4 | 5 | mean | true, least and most |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    rows = found[(found["statistic"] == "rank_correlation") & (found["lag_years"] == 10)]
    rows = rows[(rows["part"] != TOGETHER) & (rows["method"] == "trajectories")]
    for panel, mine in rows.dropna(subset="held_out_value").groupby("dataset_id", sort=False):
        true = mine["held_out_value"]
        gap = mine["drawn_value"] - true
        cells = [f"{value:+.3f}".replace("-", "−") for value in [*gap, gap.mean()]]
        lines.append(f"| {panel} | {' | '.join(cells)} | {true.min():.3f}, {true.max():.3f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
