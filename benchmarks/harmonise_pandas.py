"""The ASEC's person table as one would write it with pandas, for comparison.

Reads household, family and person records from the zip, casts, decodes, resolves pointers, splits
incomes, forms tax units by the rules of dependency, and joins: the columns of `int_person` that
one vintage can fill. Run ``python benchmarks/harmonise_pandas.py ZIP SEEDS RESULT.parquet``.
"""

import hashlib
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

HOUSEHOLD = ["H_SEQ", "H_HHTYPE", "HSUP_WGT"]
FAMILY = ["FH_SEQ", "FFPOS", "FTYPE"]
FLAGS = {
    "child_support_expense": ("I_CHSPVAL",),
    "child_support_received": ("I_CSPVAL",),
    "long_term_capital_gains": ("I_CAPVAL",),
    "short_term_capital_gains": ("I_CAPVAL",),
    "qualified_dividend_income": ("I_DIVVAL",),
    "non_qualified_dividend_income": ("I_DIVVAL",),
    "rental_income": ("I_RNTVAL",),
    "retirement_contributions": ("I_RETCBVAL",),
    "social_security": ("I_SSVAL",),
    "ssi_reported": ("I_SSIVAL",),
    "tanf_reported": ("I_PAWVAL",),
    "taxable_interest_income": ("I_INTVAL",),
    "tax_exempt_interest_income": ("I_INTVAL",),
    "taxable_private_pension_income": ("I_PENVAL1", "I_PENVAL2", "I_ANNVAL"),
    "tax_exempt_private_pension_income": ("I_PENVAL1", "I_PENVAL2", "I_ANNVAL"),
    "unemployment_compensation": ("I_UCVAL",),
    "veterans_benefits": ("I_VETVAL",),
    "workers_compensation": ("I_WCVAL",),
}
#: Items that are parts of what was asked: an unallocated one is by rule.
BY_RULE = ("interest", "dividend", "gains", "pension")
DIFFICULTIES = ["PEDISDRS", "PEDISEAR", "PEDISEYE", "PEDISOUT", "PEDISPHY", "PEDISREM"]
ACCOUNTS = [
    ("DST_SC1", "DST_VAL1"), ("DST_SC2", "DST_VAL2"),
    ("DST_SC1_YNG", "DST_VAL1_YNG"), ("DST_SC2_YNG", "DST_VAL2_YNG"),
]  # fmt: skip
PLAIN = {
    "child_support_expense": "CHSP_VAL",
    "child_support_received": "CSP_VAL",
    "farm_income": "FRSE_VAL",
    "health_insurance_premiums": "PHIP_VAL",
    "medicare_premiums": "PEMCPREM",
    "other_medical_expenses": "PMED_VAL",
    "over_the_counter_health_expenses": "POTC_VAL",
    "rental_income": "RNT_VAL",
    "retirement_contributions": "RETCB_VAL",
    "self_employment_income": "SEMP_VAL",
    "social_security": "SS_VAL",
    "ssi_reported": "SSI_VAL",
    "tanf_reported": "PAW_VAL",
    "total_money_income": "PTOTVAL",
    "unemployment_compensation": "UC_VAL",
    "veterans_benefits": "VET_VAL",
    "workers_compensation": "WC_VAL",
}
SIGNED = {"FRSE_VAL", "RNT_VAL", "SEMP_VAL", "PTOTVAL"}
PERSON = list(
    dict.fromkeys(
        [
            "PH_SEQ", "P_SEQ", "A_LINENO", "PF_SEQ", "PHF_SEQ", "SPM_ID", "PERIDNUM", "MARSUPWT",
            "A_SPOUSE", "PECOHAB", "PEPAR1", "PEPAR2", "A_EXPRRP", "A_AGE", "A_SEX", "PRDTRACE",
            "PRDTHSP", "A_HGA", "A_MARITL", "PRCITSHP", *DIFFICULTIES, "DIS_HP", "A_ENRLW",
            "A_FTPT", "HRSWK", "WKSWORK", "CAID", "MCARE", "WSAL_VAL", "INT_VAL", "DIV_VAL",
            "CAP_VAL", "RESNSS1", "RESNSS2", "PNSN_VAL", "ANN_VAL", "DIS_SC1", "DIS_VAL1",
            "DIS_SC2", "DIS_VAL2", "ED_VAL", "FIN_VAL", "SRVS_VAL", "OI_OFF", "OI_VAL",
            "I_ERNVAL", "I_WSVAL", "I_SEVAL", "I_FRMVAL", "ERN_SRCE",
            *(column for account in ACCOUNTS for column in account),
            *PLAIN.values(), *(flag for flags in FLAGS.values() for flag in flags),
        ]
    )
)  # fmt: skip


def main() -> None:
    """Read, harmonise, write."""
    zipped, seeds, result = (Path(argument) for argument in sys.argv[1:4])
    person_table(zipped, seeds).to_parquet(result)


def person_table(zipped: Path, seeds: Path) -> pd.DataFrame:
    """Make one vintage's harmonised persons."""
    year = 2000 + int(zipped.name.removeprefix("asecpub")[:2])
    raw, homes, families = read(zipped)
    table = identified(raw, homes, families, year)
    table = table.join(demography(raw, seeds)).join(incomes(raw, seeds, year))
    table = table.join(origins(raw)).join(kin(raw, seeds))
    table = table.join(tax_units(raw, table, seeds, year))
    return table.sort_values("person_id", ignore_index=True)


def read(zipped: Path) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Read the three records' columns that are needed, 22-digit keys as text."""
    with zipfile.ZipFile(zipped) as archive:

        def member(start: str, columns: list[str]) -> pd.DataFrame:
            (name,) = [n for n in archive.namelist() if n.rpartition("/")[2].startswith(start)]
            with archive.open(name) as text:
                return pd.read_csv(text, usecols=columns, dtype={"PERIDNUM": str})

        raw = member("pppub", PERSON)
        homes = member("hhpub", HOUSEHOLD)
        families = member("ffpub", FAMILY)
    return raw, homes[homes["H_HHTYPE"] == 1], families


def codes(seeds: Path, name: str, value: str) -> pd.Series:
    """Read a code list as a series of values by code."""
    return pd.read_csv(seeds / "codes" / f"codes_cps_{name}.csv").set_index("code")[value]


def asked(values: pd.Series) -> pd.Series:
    """Give dollars, null where -1 says that they were not asked."""
    return values.astype(float).mask(values == -1)


def yes(values: pd.Series) -> pd.Series:
    """Give 1 as true, 2 as false, and everything else as unknown."""
    return values.map({1: True, 2: False})


def identified(
    raw: pd.DataFrame, homes: pd.DataFrame, families: pd.DataFrame, year: int
) -> pd.DataFrame:
    """Give keys, units and weights; every person has a household and a family record."""
    weight = homes.set_index("H_SEQ")["HSUP_WGT"] / 100
    table = pd.DataFrame(
        {
            "dataset_id": f"cps_asec_{year - 1}",
            "person_id": raw["PH_SEQ"] * 100 + raw["P_SEQ"],
            "household_id": raw["PH_SEQ"],
            "family_id": raw["PH_SEQ"] * 100 + raw["PF_SEQ"],
            "subfamily_id": raw["PH_SEQ"] * 100 + raw["PHF_SEQ"],
            "spm_unit_id": raw["SPM_ID"],
            "survey_year": year,
            "income_year": year - 1,
            "line_number": raw["A_LINENO"],
            "person_weight": raw["MARSUPWT"] / 100,
            "design_weight": raw["PH_SEQ"].map(weight),
        }
    )
    known = families["FH_SEQ"] * 100 + families["FFPOS"]
    if not table["family_id"].isin(known).all() or table["design_weight"].isna().any():
        raise ValueError("a person is in no family or household")
    return table


def demography(raw: pd.DataFrame, seeds: Path) -> pd.DataFrame:
    """Decode who a person is."""
    code = raw["A_AGE"]
    bucket = [
        int(hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()[:8], 16) % 5
        for key in raw.loc[code == 80, "PERIDNUM"]
    ]
    age = code.copy()
    age[code == 80] += bucket
    relationship = raw["A_EXPRRP"].map(codes(seeds, "relationship", "relationship"))
    difficult = (raw[DIFFICULTIES] == 1).any(axis=1)
    return pd.DataFrame(
        {
            "is_reference_person": relationship == "reference_person",
            "relationship": relationship,
            "age": age,
            "age_lower": code,
            "age_upper": code.add(1).mask(code == 80, 85).mask(code >= 85),
            "is_age_topcoded": code >= 80,
            "is_female": raw["A_SEX"] == 2,
            "race": raw["PRDTRACE"].map(codes(seeds, "race", "race")),
            "is_hispanic": raw["PRDTHSP"] != 0,
            "education": raw["A_HGA"].map(codes(seeds, "education", "education")),
            "marital_status": raw["A_MARITL"].map(codes(seeds, "marital_status", "marital_status")),
            "is_disabled": difficult.where(difficult | (raw["PEDISEYE"] > 0)),
            "is_full_time_student": (raw["A_FTPT"] == 1)
            .where(raw["A_ENRLW"] == 1, False)
            .where(raw["A_ENRLW"].isin([1, 2])),
            "citizenship": raw["PRCITSHP"].map(codes(seeds, "citizenship", "citizenship")),
            "weekly_hours_worked": asked(raw["HRSWK"]),
            "weeks_worked": asked(raw["WKSWORK"]),
            "has_medicaid": yes(raw["CAID"]),
            "has_medicare": yes(raw["MCARE"]),
        }
    )


def incomes(raw: pd.DataFrame, seeds: Path, year: int) -> pd.DataFrame:
    """Name incomes, split what is bundled, and tell kinds of one amount apart."""
    split = pd.read_csv(seeds / "params" / "params_income_split.csv")
    share = split[split["income_year"] == year - 1].set_index("variable")["share"]
    table = pd.DataFrame(
        {
            name: raw[column].astype(float) if column in SIGNED else asked(raw[column])
            for name, column in PLAIN.items()
        }
    )
    table["employment_income"] = asked(raw["WSAL_VAL"])
    table.loc[raw["A_AGE"] < 15, "employment_income"] = table["employment_income"].fillna(0)
    bundles = {
        "interest_income": asked(raw["INT_VAL"]),
        "dividend_income": asked(raw["DIV_VAL"]),
        "private_pension_income": asked(raw["PNSN_VAL"]) + asked(raw["ANN_VAL"]),
        "capital_gains": raw["CAP_VAL"].astype(float),
    }
    for bundle, amount in bundles.items():
        for variable in share.index[share.index.str.endswith(bundle)]:
            table[variable] = amount * share[variable]
    alimony = raw["OI_OFF"].map(codes(seeds, "other_income", "other_income_type")) == "alimony"
    other = asked(raw["OI_VAL"])
    table["alimony_income"] = other.where(alimony, 0.0)
    rest = [asked(raw[name]).fillna(0) for name in ("ED_VAL", "FIN_VAL", "SRVS_VAL")]
    table["other_income"] = other.where(~alimony, 0.0) + sum(rest)
    repeats = codes(seeds, "disability_source", "is_workers_compensation")
    table["disability_benefits"] = sum(
        asked(raw[f"DIS_VAL{k}"]).mask(raw[f"DIS_SC{k}"].map(repeats).eq(True), 0.0) for k in (1, 2)
    )
    return table.join(benefits(raw, seeds)).join(distributions(raw, seeds))


def benefits(raw: pd.DataFrame, seeds: Path) -> pd.DataFrame:
    """Give Social Security to the first telling reason."""
    kind = codes(seeds, "social_security_reason", "benefit_type")
    reasons = [raw[name].map(kind) for name in ("RESNSS1", "RESNSS2")]
    order = ["retirement", "disability", "survivors", "dependents"]
    told = np.select(
        [(reasons[0] == each) | (reasons[1] == each) for each in order],
        order,
        np.where(raw["A_AGE"] >= 62, "retirement", "disability"),
    )
    amount = asked(raw["SS_VAL"])
    return pd.DataFrame(
        {f"social_security_{each}": amount * (told == each).astype(float) for each in order}
    )


def distributions(raw: pd.DataFrame, seeds: Path) -> pd.DataFrame:
    """Add up distributions by kind of account."""
    kind = codes(seeds, "retirement_account", "distribution_type")
    names = {
        "ira": "taxable_ira_distributions",
        "roth_ira": "tax_exempt_ira_distributions",
        "employer_plan": "taxable_401k_distributions",
    }
    table = pd.DataFrame(0.0, index=raw.index, columns=list(names.values()))
    for source, value in ACCOUNTS:
        account = raw[source].map(kind)
        amount = asked(raw[value]).fillna(0)
        for each, name in names.items():
            table[name] += amount.where(account == each, 0.0)
    return table


def origins(raw: pd.DataFrame) -> pd.DataFrame:
    """Say how amounts came about, by the survey's flags."""
    child = raw["A_AGE"] < 15
    longest, job = raw["I_ERNVAL"], raw["ERN_SRCE"]
    flags = {name: raw[list(each)].max(axis=1) for name, each in FLAGS.items()}
    flags["employment_income"] = np.maximum(raw["I_WSVAL"], longest.where(job == 1, 0))
    flags["self_employment_income"] = np.maximum(raw["I_SEVAL"], longest.where(job == 2, 0))
    flags["farm_income"] = np.maximum(raw["I_FRMVAL"], longest.where(job == 3, 0))
    return pd.DataFrame(
        {
            f"{name}_origin": np.select(
                [child, flag > 0],
                ["structural_zero", "allocated"],
                "rule" if any(part in name for part in BY_RULE) else "reported",
            )
            for name, flag in flags.items()
        },
        index=raw.index,
    )


def kin(raw: pd.DataFrame, seeds: Path) -> pd.DataFrame:
    """Turn line numbers into persons; couples count only where mutual."""
    person = raw["PH_SEQ"] * 100 + raw["P_SEQ"]
    at = pd.Series(person.to_numpy(), index=raw["PH_SEQ"] * 100 + raw["A_LINENO"])
    married = raw["A_MARITL"].map(codes(seeds, "marital_status", "marital_status"))

    def pointed(lines: pd.Series) -> pd.Series:
        return (raw["PH_SEQ"] * 100 + lines).where(lines > 0).map(at)

    def mutual(lines: pd.Series) -> pd.Series:
        other = pointed(lines)
        back = pd.Series(other.to_numpy(), index=person)
        return other.where((other.map(back) == person) & (other != person))

    spouse = mutual(raw["A_SPOUSE"].where(married == "married_present", 0))
    parents = {k: pointed(raw[f"PEPAR{k}"]) for k in (1, 2)}
    return pd.DataFrame(
        {
            "marital_unit_id": np.fmax(person, spouse.fillna(0)).astype("int64"),
            "spouse_person_id": spouse,
            "partner_person_id": mutual(raw["PECOHAB"]),
            "parent1_person_id": parents[1].where(parents[1] != person),
            "parent2_person_id": parents[2].where(parents[2] != person),
        }
    )


def tax_units(raw: pd.DataFrame, table: pd.DataFrame, seeds: Path, year: int) -> pd.DataFrame:
    """Form tax units: couples and singles, then who is claimed joins the last claimant."""
    unit = bases(raw, table, seeds)
    claims = claimed(unit, seeds, year)
    claimant = claims.set_index("person_id")["claimant"]
    base = unit.set_index("person_id")["base_unit_id"]
    last = unit["person_id"].map(claimant)
    while (onward := last.map(claimant)).notna().any():
        last = onward.fillna(last)
    is_claimed = last.notna()
    home = unit["base_unit_id"].where(~is_claimed, last.map(base)).astype("int64")
    role = np.select(
        [is_claimed, unit["person_id"] == unit["base_unit_id"]], ["dependent", "head"], "spouse"
    )
    return pd.DataFrame({"tax_unit_id": home, "tax_unit_role": role}, index=raw.index)


def bases(raw: pd.DataFrame, table: pd.DataFrame, seeds: Path) -> pd.DataFrame:
    """Say of each person what decides who claims whom."""
    status = raw["A_MARITL"]
    kind = raw["A_EXPRRP"]
    limited = yes(raw["DIS_HP"])
    taxed = [
        table["alimony_income"], table["employment_income"], table["farm_income"].clip(lower=0),
        (table["long_term_capital_gains"] + table["short_term_capital_gains"]).clip(lower=0),
        table["non_qualified_dividend_income"], table["qualified_dividend_income"],
        table["rental_income"].clip(lower=0), table["self_employment_income"].clip(lower=0),
        table["taxable_401k_distributions"], table["taxable_interest_income"],
        table["taxable_ira_distributions"], table["taxable_private_pension_income"],
        table["unemployment_compensation"],
    ]  # fmt: skip
    columns = [
        "person_id", "household_id", "line_number", "age", "is_reference_person",
        "marital_unit_id", "parent1_person_id", "parent2_person_id",
    ]  # fmt: skip
    unit = table[columns].copy()
    unit["gross"] = sum(amount.fillna(0) for amount in taxed)
    unit["may_be_claimed"] = status.map(codes(seeds, "marital_status", "may_be_claimed"))
    unit["never"] = table["marital_status"] == "never"
    unit["child_kind"] = kind.map(codes(seeds, "relationship", "is_child_kind"))
    unit["student"] = table["is_full_time_student"].eq(True)
    unit["disabled"] = limited.where(limited.notna(), table["is_disabled"]).eq(True)
    unit["claimant_income"] = unit["gross"] + table["social_security"].fillna(0)
    unit["claimant_income"] = unit.groupby("marital_unit_id")["claimant_income"].transform("sum")
    head = unit.sort_values(
        ["marital_unit_id", "is_reference_person", "age", "line_number"],
        ascending=[True, False, False, True],
    ).drop_duplicates("marital_unit_id")
    head = head.set_index("marital_unit_id")[["person_id", "age", "line_number"]]
    head.columns = ["base_unit_id", "head_age", "head_line"]
    return unit.join(head, on="marital_unit_id")


def claimed(unit: pd.DataFrame, seeds: Path, year: int) -> pd.DataFrame:
    """Choose a claimant for everybody who has one."""
    rules = pd.read_csv(seeds / "params" / "params_tax_unit_rule.csv").set_index("income_year")
    rule = rules.loc[year - 1]
    poor = unit["gross"] < rule["qualifying_relative_income_limit"]
    of_age = (
        (unit["age"] < rule["child_age"])
        | (unit["age"] < rule["student_age"]) & unit["student"]
        | unit["disabled"] & poor
    )
    offered = ["person_id", "claimant_income", "head_age", "head_line", "line_number", "age"]
    claimants = unit[offered].add_prefix("by_").rename(columns={"by_person_id": "claimant"})
    child = unit[unit["may_be_claimed"] & of_age]
    links = pd.concat(
        [
            child[["person_id", "age", parent]].rename(columns={parent: "claimant"}).dropna()
            for parent in ("parent1_person_id", "parent2_person_id")
        ]
    ).merge(claimants, on="claimant")
    links = links[links["age"] < links["by_age"]]
    stray = unit[
        ~unit["person_id"].isin(links["person_id"])
        & unit["never"]
        & (unit["age"] < rule["minor_age"])
        & (unit["child_kind"] | poor)
    ]
    heads = unit.loc[unit["is_reference_person"], ["household_id", "person_id"]]
    heads = heads.rename(columns={"person_id": "claimant"})
    strays = stray[["person_id", "age", "household_id"]].merge(heads, on="household_id")
    strays = strays.merge(claimants, on="claimant")
    links = pd.concat([links, strays[strays["age"] < strays["by_age"]]])
    links["is_taken"] = links["claimant"].isin(links["person_id"])
    order = ["is_taken", "by_claimant_income", "by_head_age", "by_head_line", "by_line_number"]
    links = links.sort_values(order, ascending=[True, False, False, True, True])
    return links.drop_duplicates("person_id")


if __name__ == "__main__":
    main()
