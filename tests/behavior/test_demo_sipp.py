"""What must hold of the demo world's SIPP: keys, panels, months, identities, replicates."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from demo_files import member

from steelyard.sources.demo.sipp import write
from steelyard.sources.demo.sipp_keys import rows
from steelyard.sources.demo.sipp_replicates import REPLICATES, balance
from steelyard.sources.demo.sipp_rows import person_months
from steelyard.sources.demo.sipp_sample import Sample, samples

KEY = ["SSUID", "PNUM", "MONTHCODE", "SPANEL", "SWAVE"]
PERSON = ["SSUID", "PNUM"]
HOME = ["SSUID", "ERESIDENCEID"]
HOUSEHOLDS, SEED = 450, 7
DECEMBER = 12


@dataclass(frozen=True)
class File:
    months: pd.DataFrame
    weights: pd.DataFrame

    @property
    def december(self) -> pd.DataFrame:
        return self.months[self.months["MONTHCODE"] == DECEMBER]


def read(folder: Path, vintage: int) -> File:
    frames = [
        pd.read_csv(
            member(folder, f"{prefix}{vintage}.csv"),
            sep="|",
            dtype={"SSUID": str, "TEHC_ST": str},
            low_memory=False,
        )
        for prefix in ("pu", "rw")
    ]
    return File(*frames)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[int, File]:
    folder = tmp_path_factory.mktemp("sipp")
    for vintage in (2022, 2023):
        write(folder, vintage=vintage, households=HOUSEHOLDS, seed=SEED)
    return {vintage: read(folder, vintage) for vintage in (2022, 2023)}


@pytest.fixture(scope="module")
def file(files: dict[int, File]) -> File:
    return files[2023]


# --- form ------------------------------------------------------------------------------------


def test_same_arguments_same_bytes_another_seed_others(tmp_path: Path) -> None:
    once = write(tmp_path / "a", vintage=2021, households=60, seed=5)
    again = write(tmp_path / "b", vintage=2021, households=60, seed=5)
    other = write(tmp_path / "c", vintage=2021, households=60, seed=6)
    assert [str(path.relative_to(tmp_path / "a")) for path in once] == [
        f"www2.census.gov/programs-surveys/sipp/data/datasets/2021/{name}2021_csv.zip"
        for name in ("pu", "rw")
    ]
    for first, second, third in zip(once, again, other, strict=True):
        assert first.read_bytes() == second.read_bytes()
        assert first.read_bytes() != third.read_bytes()


def test_a_year_without_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no file of 2019; known are"):
        write(tmp_path, vintage=2019, households=60, seed=5)


def test_the_file_is_wide_and_mostly_empty(file: File) -> None:
    assert file.months.shape[1] > 700
    assert file.months.isna().all().sum() > 500


def test_keys_identify_a_person_and_month(file: File) -> None:
    months = file.months
    assert not months.duplicated(KEY[:3]).any()
    assert months["SSUID"].str.fullmatch(r"0\d{13}").all()
    assert months["PNUM"].min() >= 101
    assert set(months["MONTHCODE"]) == set(range(1, 13))
    assert months["TEHC_ST"].str.fullmatch(r"\d{2}").all()


# --- panels ----------------------------------------------------------------------------------


def test_a_file_holds_overlapping_panels_in_different_waves(files: dict[int, File]) -> None:
    for vintage, panels in ((2022, {2020: 3, 2021: 2, 2022: 1}),):
        got = files[vintage].months.groupby("SPANEL")["SWAVE"].unique()
        assert {panel: list(waves) for panel, waves in got.items()} == {
            panel: [wave] for panel, wave in panels.items()
        }
    assert len(set(files[2023].months["SPANEL"])) == 4


def test_a_panel_comes_back_a_year_older(files: dict[int, File]) -> None:
    first, second = (
        f.december.loc[f.december["SPANEL"] < 2023, [*PERSON, "TAGE_EHC", "ESEX"]]
        for f in files.values()
    )
    both = first.merge(second, on=PERSON, suffixes=("", "_later"))
    assert len(both) > 0.6 * len(first)
    assert (both["ESEX"] == both["ESEX_later"]).all()
    young = both[both["TAGE_EHC"] < 84]
    assert (young["TAGE_EHC_later"] - young["TAGE_EHC"] == 1).all()
    gone = set(first["SSUID"]) - set(second["SSUID"])
    assert 0.1 < len(gone) / first["SSUID"].nunique() < 0.4


def test_december_weights_stand_for_the_population(file: File) -> None:
    assert file.december["WPFINWGT"].sum() == pytest.approx(330.1e6, rel=1e-6)
    heads = file.december[file.december["ERELRPE"].isin([1, 2])]
    assert 120e6 < heads["WPFINWGT"].sum() < 150e6
    assert (file.months.groupby(PERSON)["WPFINWGT"].nunique() > 1).mean() > 0.9


# --- the year --------------------------------------------------------------------------------


def test_some_are_seen_for_part_of_the_year(file: File) -> None:
    months = file.months.groupby(PERSON)["MONTHCODE"].agg(["min", "max", "size"])
    partial = months[months["size"] < DECEMBER]
    assert 0.005 < len(partial) / len(months) < 0.06
    assert (partial["max"] - partial["min"] + 1 == partial["size"]).all()
    assert (partial["min"] > 1).any()
    assert (partial["max"] < DECEMBER).any()


def test_households_move_and_children_move_out(file: File) -> None:
    addresses = file.months.groupby(PERSON)["ERESIDENCEID"].nunique()
    assert 0.03 < (addresses > 1).mean() < 0.2
    homes = file.december.groupby("SSUID")["ERESIDENCEID"].nunique()
    assert (homes > 1).any(), "grouping by SSUID is not grouping by household"
    heads = file.months[file.months["ERELRPE"].isin([1, 2])]
    assert (heads.groupby([*HOME, "MONTHCODE"]).size() == 1).all()
    assert heads.groupby([*HOME, "MONTHCODE"]).ngroups == (
        file.months.groupby([*HOME, "MONTHCODE"]).ngroups
    )


def test_pointers_lead_to_persons_of_the_same_residence_and_month(file: File) -> None:
    place = [*HOME, "MONTHCODE"]
    for pointer in ("EPNSPOUSE", "EPNCOHAB", "EPNPAR1", "EPNPAR2"):
        tied = file.months[file.months[pointer].notna()]
        found = tied.merge(
            file.months,
            left_on=[*place, pointer],
            right_on=[*place, "PNUM"],
            how="left",
            suffixes=("", "_of"),
        )
        assert found["PNUM_of"].notna().all()
        if pointer in ("EPNSPOUSE", "EPNCOHAB"):
            assert (found[f"{pointer}_of"] == found["PNUM"]).all()
    married = file.months["EMS"] == 1
    assert (married == file.months["EPNSPOUSE"].notna()).all()


def test_flows_of_a_full_year_are_the_laws_annual_amounts() -> None:
    compared = 0
    for sample in samples(2022, 200, SEED):
        person = sample.world.person
        whole = sample.when.present.all(axis=1) & (sample.when.age[:, 0] >= 15)
        folder = pd.DataFrame(person_year(sample))
        for column, annual in (
            ("TSSSAMT", person["SS_VAL"]),
            ("TINC_STMF", person["DIV_VAL"]),
            ("TINC_RENT", person["RNT_VAL"]),
            ("TCSAMT", person["CSP_VAL"]),
            ("TUC1AMT", person["UC_VAL"]),
        ):
            expected = np.rint(annual * sample.scale)
            np.testing.assert_array_equal(folder[column][whole], expected[whole])
            compared += int((expected[whole] != 0).sum())
        earned = np.rint(person["WSAL_VAL"] * sample.scale * sample.shock)
        earned += np.rint((person["SEMP_VAL"] + person["FRSE_VAL"]) * sample.scale * sample.shock)
        np.testing.assert_array_equal(folder["TPEARN"][whole], earned[whole])
    assert compared > 100


def person_year(sample: Sample) -> dict[str, np.ndarray]:
    """Sum the rows of one block over the months, person by person."""
    person, _ = rows(sample)
    table = person_months(sample)
    count = len(sample.world.person["age"])
    names = ("TSSSAMT", "TINC_STMF", "TINC_RENT", "TCSAMT", "TUC1AMT", "TPEARN")
    return {
        name: np.bincount(person, weights=np.ma.filled(table[name], 0), minlength=count)
        for name in names
    }


# --- identities ------------------------------------------------------------------------------


def test_total_income_is_the_sum_of_its_parts_at_fifteen_and_over(file: File) -> None:
    months = file.months
    parts = months[["TPEARN", "TPPRPINC", "TPTRNINC", "TPSCININC", "TPOTHINC"]].fillna(0)
    asked = months["TPTOTINC"].notna()
    assert (asked == (months["TAGE_EHC"] >= 15)).all()
    assert (parts.sum(axis=1)[asked] == months["TPTOTINC"][asked]).all()
    assert (parts.loc[~asked] == 0).all().all()


def test_household_sums_are_those_of_who_lives_together_in_the_month(file: File) -> None:
    home = file.months.groupby([*HOME, "MONTHCODE"])
    for person, household in (
        ("TPTOTINC", "THTOTINC"),
        ("TNETWORTH", "THNETWORTH"),
        ("TVAL_BANK", "THVAL_BANK"),
        ("TVAL_VEH", "THVAL_VEH"),
    ):
        got = home[person].sum()
        assert (home[household].nunique() == 1).all()
        assert (got == home[household].first()).all()
    assert (home.size() == home["RHNUMPER"].first()).all()


def test_net_worth_is_assets_less_debts(file: File) -> None:
    grown = file.months[file.months["TNETWORTH"].notna()]
    assert (grown["TNETWORTH"] == grown["TVAL_AST"] - grown["TDEBT_AST"]).all()
    assert (grown["TDEBT_AST"] > grown["TVAL_AST"]).any()


def test_jobs_are_empty_where_not_held_and_pay_is_never_negative(file: File) -> None:
    months = file.months
    held = [months[f"EJB{job}_JOBID"].notna() for job in range(1, 8)]
    assert held[6].any(), "nobody holds seven jobs"
    for job, has in enumerate(held, start=1):
        pay = months[f"TJB{job}_MSUM"]
        assert (pay.notna() == has).all()
        assert (pay[has] >= 0).all()
    assert ((sum(held) > 0) == months["TPEARN"].notna()).all()
    assert (months["TPEARN"] < 0).any(), "no month of business losses"
    employed = months["EJB1_CLWRK"] < 7
    wages = sum(
        months[f"TJB{job}_MSUM"].where(months[f"EJB{job}_CLWRK"] < 7, 0).fillna(0)
        for job in range(1, 8)
    )
    own = sum((months[f"EJB{job}_CLWRK"] == 8).astype(int) for job in range(1, 8)) > 0
    assert (wages == months["TPEARN"])[employed & ~own].all()


def test_tips_are_part_of_pay_and_flags_are_not_dollars(file: File) -> None:
    tips = file.months["TJB1_TXAMT"]
    assert 0.005 < tips.notna().mean() < 0.06
    assert (tips <= file.months["TJB1_MSUM"])[tips.notna()].all()
    flags = file.months[[f"AJB{job}_TXAMT" for job in range(1, 8)]]
    assert set(np.unique(flags.to_numpy())) == {0, 1, 2, 4}
    assert ((file.months["AJB1_TXAMT"] > 0) == tips.notna()).all()


def test_nobody_is_paid_for_months_out_of_work(file: File) -> None:
    out = file.months[file.months["RMESR"].isin([6, 7, 8])]
    assert len(out) > 1000
    assert out["TPEARN"].isna().all()
    assert (out["RMWKWJB"] == 0).all()
    weeks = file.months.groupby(PERSON)["RMWKWJB"].sum()
    assert weeks.max() == 52


# --- replicates ------------------------------------------------------------------------------


def test_half_samples_are_balanced() -> None:
    matrix = balance()
    assert matrix.shape == (REPLICATES, REPLICATES)
    assert set(np.unique(matrix)) == {-1, 1}
    np.testing.assert_array_equal(
        matrix.T @ matrix, REPLICATES * np.eye(REPLICATES, dtype=np.int64)
    )


def test_replicates_share_the_keys_and_give_the_variance_of_the_design(file: File) -> None:
    assert file.weights[KEY].equals(file.months[KEY])
    assert (file.weights["REPWGT0"] == file.months["WPFINWGT"]).all()
    december = file.months["MONTHCODE"] == DECEMBER
    income = file.months.loc[december, "TPTOTINC"].fillna(0).to_numpy()
    columns = [f"REPWGT{k}" for k in range(REPLICATES + 1)]
    totals = income @ file.weights.loc[december, columns].to_numpy()
    fay = 4 / REPLICATES * np.sum((totals[1:] - totals[0]) ** 2)
    design = file.months.loc[december, ["GVARSTR", "GHLFSAM"]].assign(
        total=income * file.months.loc[december, "WPFINWGT"]
    )
    halves = design.groupby(["GVARSTR", "GHLFSAM"])["total"].sum().unstack(fill_value=0.0)
    assert fay == pytest.approx(((halves[2] - halves[1]) ** 2).sum(), rel=1e-6)
