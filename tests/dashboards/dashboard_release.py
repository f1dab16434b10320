"""A small invented release, written as a build writes one."""

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from steelyard.release import write_release
from steelyard.warehouse.checksum import sha256

FAMILY = "irs_soi/publication_1304_table_1_4"


def tables() -> dict[str, pd.DataFrame]:
    """Return the tables that the overview reads: three targets, four households."""
    targets = pd.DataFrame(
        {
            "target_id": ["one", "two", "three"],
            "target_label": [
                "adjusted gross income, USD · United States",
                "returns · Utah",
                "snap, USD · Utah",
            ],
            "publisher": ["IRS SOI", "IRS SOI", "USDA FNS"],
            "source_table": ["Table 1.4", "Historic Table 2", "Monthly data"],
            "source_cell": ["B9", "C4", "D7"],
            "citation_url": "https://example.org/published",
            "seed_file": "seeds/facts/facts.csv",
            "seed_line": [2, 3, 4],
            "target_family": [FAMILY, "irs_soi/historic_table_2_totals", "usda_fns/snap"],
            "geography_level": ["national", "state", "state"],
            "geoid": ["US", "49", "49"],
            "variable": ["adjusted_gross_income", "tax_unit_count", "snap"],
            "unit": ["USD", "returns", "USD"],
            "target_role": ["fitted", "held_out", "inactive"],
            "reason_left_out": [None, None, "another concept"],
            "published_value": [100.0, 200.0, 300.0],
            "target_value": [102.0, 200.0, 300.0],
            "initial_estimate": [150.0, 210.0, None],
            "calibrated_estimate": [104.0, 190.0, None],
            "initial_relative_error": [0.5, 0.05, None],
            "calibrated_relative_error": [0.04, -0.05, None],
            "support_count": [40, 31, None],
            "period": 2022,
            "period_type": "tax_year",
            "entity": ["tax_unit", "tax_unit", "person"],
            "universe": ["filers", "filers", "residents"],
            "statistic": ["amount", "count", "amount"],
            "all_constraints": [
                "1000 <= adjusted_gross_income < 2000; is_filer = true",
                "adjusted_gross_income < 1000; state_fips = 49",
                "age >= 65; state_fips = 49",
            ],
            "vintage": "2024",
            "growth_factor": [1.02, 1.0, None],
            "growth_source": ["CBO", None, None],
            "control_factor": [1.0, 1.0, None],
            "control_tables": pd.Series([None, None, None], dtype="string"),
            "reconciliation_factor": [1.0, 1.0, None],
            "shadow_price": [0.002, -0.001, None],
        }
    )
    families = pd.DataFrame(
        {
            "target_family": [FAMILY, "irs_soi/historic_table_2_totals"],
            "geography_level": ["national", "state"],
            "target_role": ["fitted", "held_out"],
            "target_count": [1, 1],
            "supported_count": [1, 1],
            "initial_within_10_count": [0, 1],
            "within_1_count": [0, 0],
            "within_5_count": [1, 1],
            "within_10_count": [1, 1],
        }
    )
    return {
        "target": targets,
        "val_target_family": families,
        "household": pd.DataFrame({"weight_ratio": [0.1, 0.9, 1.1, 10.0]}),
        "val_headline": headline(),
        "val_headline_error": pd.DataFrame(
            {
                "metric": ["adjusted_gross_income", "official_poverty_rate"],
                "lower_value": [14.5e12, None],
                "upper_value": [14.9e12, None],
            }
        ),
        "val_gate": pd.DataFrame(
            {
                "gate": ["population_error_at_most", "top_100_share_at_most"],
                "measured_value": [0.002, None],
                "limit_value": [0.01, 0.01],
                "is_met": [True, False],
                "reason": ["Everything per head hangs on it", "No few may carry all"],
            }
        ),
        "val_weakness": weaknesses(),
        "val_history": history(),
        "val_weight_distribution": pd.DataFrame(
            [
                ("effective_sample_share", 0.61),
                ("effective_sample_size", 2.4),
                ("top_100_share", 0.008),
                ("zero_share", 0.25),
                ("ratio_percentiles_0", 0.1),
                ("ratio_percentiles_50", 1.0),
                ("ratio_percentiles_100", 10.0),
            ],
            columns=["metric", "value"],
        ),
        "build_source": pd.DataFrame(sources()).assign(raw_sha256="ab" * 32, row_count=4),
    }


def headline() -> pd.DataFrame:
    """Return three headline figures: one nearer, one farther, one without a value of ours."""
    return pd.DataFrame(
        {
            "metric": ["adjusted_gross_income", "official_poverty_rate", "gini"],
            "label": ["Adjusted gross income", "Official poverty rate", "Gini"],
            "unit": ["USD", "share", "index"],
            "publisher": ["IRS SOI", "Census", "Census"],
            "source": ["Table 1.4", "P60-280", "P60-279"],
            "role": ["fitted", "benchmark", "benchmark"],
            "published_value": [14.8e12, 0.115, 0.488],
            "initial_value": [13.0e12, 0.116, None],
            "calibrated_value": [14.7e12, 0.130, None],
            "comparability": [None, "Same concept", "Same concept"],
            "calibrated_relative_error": [-0.0068, 0.13, None],
            "seed_file": ["seeds/facts/facts.csv", "seeds/facts/poor.csv", "seeds/facts/gini.csv"],
            "seed_line": [2, 3, 4],
        }
    )


def weaknesses() -> pd.DataFrame:
    """Return seven weaknesses, the worst first."""
    return pd.DataFrame(
        {
            "weakness_rank": range(1, 8),
            "kind": ["variable"] * 7,
            "subject": [f"income_{place}" for place in range(7)],
            "geography_level": ["national"] * 7,
            "severity": [0.9 - place / 10 for place in range(7)],
            "sentence": [f"income_{place}: {9 - place} of 10 facts miss" for place in range(7)],
        }
    )


def history() -> pd.DataFrame:
    """Return two steps of a solver that computed no held-out loss."""
    return pd.DataFrame(
        {
            "epoch": [0, 1],
            "loss": [2.0, 0.5],
            "held_out_loss": [0.0, 0.0],
            "within_10_share": [0.2, 0.9],
            "effective_sample_share": [1.0, 0.61],
        }
    )


def sources(*, real: bool = False, invented: bool = True) -> list[dict[str, Any]]:
    """Return real persons, invented persons, or both."""
    common = {
        "producer": "Steelyard",
        "vintage": "2023",
        "licence": "MIT",
        "access_class": "PUBLIC",
        "url": "https://example.org/file",
        "landing_page": "https://example.org/",
        "raw_sha256": "0" * 64,
    }
    known = [
        {"source": "steelyard.a", "entry": "cps", "title": "Persons", "is_synthetic": False},
        {"source": "steelyard.b", "entry": "demo_scf", "title": "Demo", "is_synthetic": True},
    ]
    wanted = {False: real, True: invented}
    return [source | common for source in known if wanted[bool(source["is_synthetic"])]]


def write(
    root: Path,
    build: str = "demo",
    origin: list[dict[str, Any]] | None = None,
    **replaced: pd.DataFrame | None,
) -> Path:
    """Write the release under ``root/releases``; a table replaced by None is left out."""
    written = {name: table for name, table in (tables() | replaced).items() if table is not None}
    origin = sources() if origin is None else origin
    invented = [source["entry"] for source in origin if source["is_synthetic"]]
    manifest = {
        "build_target": build,
        "income_year": 2022,
        "seed": 7,
        "is_synthetic": bool(invented),
        "synthetic_sources": ", ".join(invented) or None,
        "steelyard_version": "0.1.0",
        "git_commit": "0123456789abcdef",
        "target_snapshot_id": "snapshot-of-the-test",
        "solver": "dual",
        "solver_reason": "gradient below the tolerance",
        "gates_met_count": 1,
        "gates_failed_count": 1,
        "sources": origin,
    }
    with duckdb.connect() as connection:
        relations = {name: connection.from_df(table) for name, table in written.items()}
        return write_release(root / "releases" / build, relations, manifest)[0]


def resum(release: Path) -> None:
    """Write the checksums of a release anew, as if what was changed in it had been released."""
    files = sorted(file for file in release.iterdir() if file.name != "SHA256SUMS")
    lines = [f"{sha256(file)}  {file.name}\n" for file in files]
    (release / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")
