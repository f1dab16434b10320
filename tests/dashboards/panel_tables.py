"""The tables of a small invented panel, as a release holds them: two years, two imputations."""

import pandas as pd

YEARS = (2022, 2023, 2024)


def of_panel(*, drifts: bool = True, reform: bool = False) -> dict[str, pd.DataFrame]:
    """Return all tables ``val_panel_``; births' factor drifts, or no factor does."""
    keys = pd.DataFrame(
        [(m, year) for m in (1, 2) for year in YEARS], columns=["imputation", "panel_year"]
    )
    later = keys[keys["panel_year"] > YEARS[0]]
    tenths = pd.DataFrame({"decile": range(1, 11)})
    law = "less.yml 0123456789" if reform else None
    tables = {
        "val_panel_year": keys.assign(
            panel="2022-0123456789", scenario="intermediate",
            reform=pd.Series([law] * 6, dtype="string"), seed=7,
            person_count=4_000 + keys["panel_year"], population=3.4e8,
            effective_sample_share=0.95, weight_ratio_p1=0.5, weight_ratio_p10=0.8,
            weight_ratio_median=1.0, weight_ratio_p90=1.2, weight_ratio_p99=1.7,
            yearly_weight_change=0.1,
        ),
        "val_panel_population": population(keys),
        "val_panel_alignment": alignment(keys, drifts),
        "val_panel_finance": finance(later),
        "val_panel_balance": pd.DataFrame(
            {"imputation": [1, 2], "first_year": 2023, "last_year": 2024, "income_rate": 15.0,
             "cost_rate": [16.0, 17.0], "actuarial_balance": [-1.0, -2.0],
             "depletion_year": pd.Series([None, None], dtype="Int64")}
        ),
        "val_panel_beneficiary": beneficiaries(later),
        "val_panel_replacement": later.merge(tenths, how="cross").assign(
            record_count=5, persons=1e6, average_indexed_earnings=3_000.0, average_benefit=1_500.0,
            replacement_share=lambda rows: 0.9 - rows["decile"] / 20,
        ),
        "val_panel_estimate": estimates(),
    }  # fmt: skip
    changed = of_reform(later)
    return tables | {name: table if reform else table.iloc[:0] for name, table in changed.items()}


def none() -> dict[str, pd.DataFrame]:
    """Return the same tables without rows, as a build without a panel has them."""
    return {name: table.iloc[:0] for name, table in of_panel().items()}


def estimates() -> pd.DataFrame:
    """The cost rate of both later years, the horizon's figures, a reform's change."""
    rate = "percent of taxable payroll"
    rows = [
        ("cost_rate", 2023, rate, 2, 15.0, 0.1),
        ("cost_rate", 2024, rate, 2, 15.0, None),
        ("actuarial_balance", None, rate, 2, -1.5, 0.87),
        ("horizon_cost_rate", None, rate, 2, 16.5, 0.87),
        ("horizon_income_rate", None, rate, 2, 15.0, None),
        ("baseline_actuarial_balance", None, rate, 2, -1.5, 0.87),
        ("reform_actuarial_balance", None, rate, 2, -0.75, 0.87),
        ("actuarial_balance_change", None, rate, 2, 0.75, 0.01),
        ("baseline_depletion_year", None, "year", 2, 2035.0, 1.7),
    ]
    names = ["figure", "panel_year", "unit", "imputation_count", "mean_value", "standard_error"]
    found = pd.DataFrame(rows, columns=names).astype({"panel_year": "Int64"})
    apart = found["unit"] == "year"
    return found.assign(
        lowest_value=found["mean_value"] - apart, highest_value=found["mean_value"] + apart
    )


def of_reform(keys: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """A reform that takes from men of the highest fifth, and gives to women of the lowest."""
    rates = keys.copy()
    for name, before, change in (
        ("cost", 1.5e12, -1e11), ("income", 1.3e12, 0.0), ("taxable_payroll", 1e13, 0.0),
        ("cost_rate", 15.0, -1.0), ("income_rate", 13.0, 0.0), ("balance_rate", -2.0, 1.0),
        ("assets", 2.6e12, 1e11),
    ):  # fmt: skip
        rates[f"baseline_{name}"], rates[f"reform_{name}"] = before, before + change
        rates[f"{name}_change"] = change
    groups = pd.DataFrame(
        [(sex, fifth) for sex in ("female", "male") for fifth in range(6)],
        columns=["sex", "earnings_fifth"],
    )
    winners = pd.DataFrame({"imputation": [1, 2]}).merge(groups, how="cross")
    low = (winners["sex"] == "female") & (winners["earnings_fifth"] == 1)
    high = (winners["sex"] == "male") & (winners["earnings_fifth"] == 5)
    winners = winners.assign(
        panel_year=2024, record_count=40, persons=4e6, gaining_persons=low * 3e6,
        losing_persons=high * 4e6, baseline_benefit=1_800.0,
        reform_benefit=1_800.0 + low * 90.0 - high * 180.0, benefit_change_share=0.0,
    )  # fmt: skip
    return {
        "val_panel_reform": rates,
        "val_panel_reform_balance": pd.DataFrame(
            {"imputation": [1, 2], "first_year": 2023, "last_year": 2024,
             "baseline_actuarial_balance": [-1.0, -2.0], "reform_actuarial_balance": [-0.25, -1.25],
             "actuarial_balance_change": 0.75, "baseline_depletion_year": [2034, 2036],
             "reform_depletion_year": pd.Series([None, None], dtype="Int64")}
        ),
        "val_panel_reform_winner": winners,
    }  # fmt: skip


def population(keys: pd.DataFrame) -> pd.DataFrame:
    """Two ages of both sexes; women of 100 and over are a tenth too many."""
    groups = pd.DataFrame(
        {
            "sex": ["male", "male", "female", "female"],
            "age_lower": [95, 100, 95, 100],
            "age_upper": pd.Series([100, None, 100, None], dtype="Int64"),
            "published_persons": [2e5, 1e5, 4e5, 2e5],
            "persons": [2e5, 1e5, 4e5, 2.2e5],
            "base_weight_persons": [2e5, 1e5, 4e5, 2.2e5],
        }
    )
    rows = keys.merge(groups, how="cross")
    error = rows["persons"] / rows["published_persons"] - 1
    return rows.assign(relative_error=error, base_weight_relative_error=error)


def alignment(keys: pd.DataFrame, drifts: bool) -> pd.DataFrame:
    """Births, half a percent off, and payroll, which no factor moves."""
    events = pd.DataFrame(
        {
            "event": ["birth", "taxable_payroll"],
            "unit": ["persons", "USD"],
            "wanted": [4e6, 1e13],
            "happened": [4.02e6, 1e13],
            "tolerance_share": [0.001, 0.02],
            "is_met": [False, True],
            "alignment_factor": [-0.5, None],
            "factor_change": [0.4, None],
            "drift_limit": [0.25, None],
            "is_drifting": pd.Series([drifts, None], dtype="boolean"),
        }
    )
    rows = keys.merge(events, how="cross")
    return rows.assign(
        relative_error=rows["happened"] / rows["wanted"] - 1, group_count=1, persons_per_record=1e5
    )


def finance(keys: pd.DataFrame) -> pd.DataFrame:
    """Cost half a point above the Trustees' in every year."""
    return keys.assign(
        cost=1.5e12, taxable_payroll=1e13, cost_rate=15.0, income_rate=13.0, balance_rate=-2.0,
        assets=2.6e12, trust_fund_ratio=180.0, trustees_cost_rate=14.5, trustees_income_rate=12.9,
        cost_rate_difference=0.5, due_to_beneficiaries_per_worker=0.1,
        due_to_benefit_over_earnings=0.4,
    )  # fmt: skip


def beneficiaries(keys: pd.DataFrame) -> pd.DataFrame:
    """Retired workers, counted by SSA in 2024 alone, and widows."""
    groups = pd.DataFrame(
        {
            "benefit_group": ["retired_worker", "retired_worker", "widow_nondisabled"],
            "sex": ["male", "female", "female"],
            "record_count": 50,
            "persons": [24e6, 26e6, 3e6],
            "average_benefit": [2_200.0, 1_800.0, 1_850.0],
            "published_persons": [25e6, 25e6, 3e6],
            "published_benefit": [2_181.0, 1_780.0, 1_843.0],
        }
    )
    rows = keys.merge(groups, how="cross")
    counted = rows["panel_year"] == 2024
    known = {name: rows[name].where(counted) for name in ("published_persons", "published_benefit")}
    return rows.assign(**known)
