"""What must hold of the demo world's ACS files, whoever reads them."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.sources.demo import acs, acs_text
from steelyard.sources.demo.acs_replicates import controlled, factors, hadamard
from steelyard.sources.demo.anchors import column, dollars

RELATIVES = [20, 21, 23, *range(25, 34)]
ITEMS = ["WAGP", "SEMP", "INTP", "SSP", "SSIP", "PAP", "RETP", "OIP"]


@dataclass(frozen=True)
class Files:
    home: pd.DataFrame
    person: pd.DataFrame
    members: dict[str, pd.DataFrame]

    @property
    def units(self) -> pd.DataFrame:
        return self.home[self.home["TYPEHUGQ"] == "1"]


def read(folder: Path, vintage: int) -> Files:
    members = {}
    for record in ("household", "person"):
        with zipfile.ZipFile(folder / acs.path_of(record, vintage)) as archive:
            for name in archive.namelist():
                with archive.open(name) as file:
                    members[name] = pd.read_csv(file, dtype=str, keep_default_na=False)
    both = [
        pd.concat([members[f"psam_{kind}{part}.csv"] for part in "ab"]) for kind in ("hus", "pus")
    ]
    return Files(*(table.reset_index(drop=True) for table in both), members)


def numbers(table: pd.DataFrame, name: str) -> pd.Series:
    return pd.to_numeric(table[name], errors="coerce")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("acs")
    acs.write(folder, vintage=2022, households=2000, seed=7)
    return read(folder, 2022)


def test_same_arguments_same_bytes_other_seed_others(tmp_path: Path) -> None:
    def written(name: str, seed: int) -> list[bytes]:
        paths = acs.write(tmp_path / name, vintage=2019, households=200, seed=seed)
        return [path.read_bytes() for path in paths]

    assert written("a", 1) == written("b", 1)
    assert written("a", 1) != written("c", 2)


@pytest.mark.parametrize(
    ("vintage", "there", "gone"),
    [
        (2019, ["ST", "TYPE", "YBL"], ["STATE", "TYPEHUGQ", "YRBLT", "HHLDRAGEP"]),
        (2022, ["ST", "TYPEHUGQ", "YRBLT"], ["STATE", "TYPE", "FES"]),
        (2023, ["STATE", "TYPEHUGQ", "HHLDRAGEP"], ["ST", "TYPE", "YBL"]),
    ],
)
def test_each_vintage_has_its_names_and_factor(
    tmp_path: Path, vintage: int, there: list[str], gone: list[str]
) -> None:
    acs.write(tmp_path, vintage=vintage, households=200, seed=1)
    files = read(tmp_path, vintage)
    assert set(there) <= set(files.home)
    assert not set(gone) & set(files.home)
    assert {"TAXAMT", "TEN", "RNTP", "WGTP80"} <= set(files.home)
    assert {"RELSHIPP", "WKWN", "HINS7", "SFR", "FWAGP", "PWGTP80"} <= set(files.person)
    assert files.home["ADJINC"].unique().tolist() == [
        {2019: "1010145", 2022: "1042311", 2023: "1019518"}[vintage]
    ]
    assert files.home["SERIALNO"].str.fullmatch(f"{vintage}(HU|GQ)[0-9]{{7}}").all()


def test_the_experimental_vintage_lies_elsewhere(tmp_path: Path) -> None:
    paths = acs.write(tmp_path, vintage=2020, households=200, seed=1)
    assert all("acs/experimental/2020/data/pums/1-Year" in str(path) for path in paths)
    with pytest.raises(ValueError, match=r"2018.*vintages are"):
        acs.write(tmp_path, vintage=2018, households=200, seed=1)


def test_members_split_the_states(files: Files) -> None:
    for kind in ("hus", "pus"):
        a, b = (set(files.members[f"psam_{kind}{part}.csv"]["ST"].astype(int)) for part in "ab")
        assert max(a) < min(b)
    assert files.home["ST"].nunique() == 51


def test_keys_and_sizes_agree(files: Files) -> None:
    home, person = files.home, files.person
    assert home["SERIALNO"].is_unique
    assert not person.duplicated(["SERIALNO", "SPORDER"]).any()
    counted = person.groupby("SERIALNO").size().reindex(home["SERIALNO"], fill_value=0)
    assert (counted.to_numpy() == numbers(home, "NP")).all()
    assert set(person["SERIALNO"]) <= set(home["SERIALNO"])
    assert (person.groupby("SERIALNO")["SPORDER"].min() == "01").all()


def test_vacant_units_and_group_quarters_are_there(files: Files) -> None:
    home = files.home
    quarters, vacant = home["TYPEHUGQ"] != "1", home["NP"] == "0"
    assert 0.02 < quarters.mean() < 0.2
    assert 0.05 < vacant.mean() < 0.2
    assert (numbers(home, "WGTP")[quarters] == 0).all()
    assert (numbers(home, "WGTP")[~quarters] > 0).all()
    assert (home.loc[quarters | vacant, ["TEN", "HINCP", "VEH"]] == "").all(axis=None)
    assert (home.loc[vacant, "VACS"] != "").all()
    assert (home.loc[quarters, [f"WGTP{r}" for r in range(1, 81)]] == "0").all(axis=None)
    lived = files.person["SERIALNO"].isin(home.loc[quarters, "SERIALNO"])
    assert (files.person["RELSHIPP"].isin(["37", "38"]) == lived).all()


def test_incomes_add_up_and_nobody_under_15_is_asked(files: Files) -> None:
    person = files.person
    age = numbers(person, "AGEP")
    money = person[ITEMS].apply(pd.to_numeric, errors="coerce")
    assert money.notna().all(axis=1).eq(age >= 15).all()
    assert (person["PERNP"] != "").eq(age >= 16).all()
    asked = age >= 15
    assert (money.sum(axis=1)[asked] == numbers(person, "PINCP")[asked]).all()
    earned = money["WAGP"] + money["SEMP"]
    assert (earned[age >= 16] == numbers(person, "PERNP")[age >= 16]).all()
    assert (money["SEMP"].min(), money["WAGP"].max() <= 999_999) == (-10_000, True)


def test_household_and_family_income_are_those_of_members(files: Files) -> None:
    person = files.person
    income = numbers(person, "PINCP").fillna(0.0)
    kin = numbers(person, "RELSHIPP").isin(RELATIVES)
    units = files.units[files.units["NP"] != "0"]
    for column_, included in (("HINCP", True), ("FINCP", kin)):
        summed = (income * included).groupby(person["SERIALNO"]).sum().clip(lower=-59_999)
        told = numbers(units, column_)
        known = told.notna().to_numpy()
        assert known.mean() > 0.5
        assert (summed.reindex(units["SERIALNO"]).to_numpy()[known] == told[known]).all()
    family = units["NPF"] != ""
    assert (units["FINCP"] != "").eq(family).all()
    assert (units.loc[family, "HHT"].isin(["1", "2", "3"])).all()


def test_couples_come_in_pairs(files: Files) -> None:
    person = files.person
    spouses = person["RELSHIPP"].isin(["21", "23"])
    assert spouses.groupby(person["SERIALNO"]).sum().max() == 1
    heads = person[person["SERIALNO"].isin(person.loc[spouses, "SERIALNO"])]
    assert (heads.loc[heads["RELSHIPP"] == "20", "MSP"] == "1").all()
    inside = person[person["SFN"] != ""]
    assert len(inside) > 20
    leaders = inside["SFR"].isin(["1", "2"]).groupby([inside["SERIALNO"], inside["SFN"]]).sum()
    assert set(leaders) <= {0, 2}


def test_weights_stand_for_the_published_residents(files: Files) -> None:
    person, weight = files.person, numbers(files.person, "PWGTP")
    residents = column("acs_vintages", "residents")[3]
    assert weight.sum() == pytest.approx(residents, rel=0.002)
    quarters = weight[person["RELSHIPP"].isin(["37", "38"])].sum()
    assert quarters == pytest.approx(column("acs_quarters", "persons").sum(), rel=0.001)
    texas = weight[person["ST"] == "48"].sum()
    share = column("states", "persons")[43] / column("states", "persons").sum()
    assert texas == pytest.approx(share * residents, rel=0.08)


def variance(base: np.ndarray, replicates: np.ndarray, values: np.ndarray) -> float:
    whole = float(base @ values)
    return float(4 / 80 * ((replicates.T @ values - whole) ** 2).sum())


def test_replicate_weights_give_sensible_standard_errors(files: Files) -> None:
    person = files.person
    base = numbers(person, "PWGTP").to_numpy()
    replicates = person[[f"PWGTP{r}" for r in range(1, 81)]].astype(float).to_numpy()
    age = numbers(person, "AGEP").to_numpy()
    for values in (age >= 65, numbers(person, "SSP").fillna(0).to_numpy(), person["SEX"] == "2"):
        x = np.asarray(values, dtype=float)
        # Of a ratio mean, against linearisation with households as the sampled clusters.
        mean = base @ x / base.sum()
        score = pd.Series(base * (x - mean)).groupby(person["SERIALNO"]).sum()
        linear = np.sqrt((score**2).sum()) / base.sum()
        means = replicates.T @ x / replicates.sum(axis=0)
        error = np.sqrt(4 / 80 * ((means - mean) ** 2).sum())
        assert 0.6 * linear < error < 1.6 * linear


def test_replicates_keep_every_states_population(files: Files) -> None:
    units = files.units[files.units["NP"] != "0"]
    size = numbers(units, "NP").to_numpy(dtype=float)
    base = numbers(units, "WGTP").to_numpy()
    replicates = units[[f"WGTP{r}" for r in range(1, 81)]].astype(float).to_numpy()
    assert variance(base, replicates, size) ** 0.5 < 1e-4 * (base @ size)
    assert variance(base, replicates, (units["TEN"] == "1").to_numpy(float)) ** 0.5 > 1e5


def test_hadamard_rows_are_orthogonal_and_factors_centred() -> None:
    matrix = hadamard()
    assert np.array_equal(matrix @ matrix.T, 80 * np.eye(80))
    assert sorted(set(np.round(factors().ravel(), 3))) == [0.293, 1.0, 1.707]
    assert np.allclose(factors().mean(axis=1), 1.0)


def test_successive_differences_estimate_the_variance_of_a_total() -> None:
    rng = np.random.default_rng(3)
    errors = []
    for _ in range(40):
        values = rng.exponential(size=790)
        spread = controlled(np.ones(790), np.zeros(790), np.zeros(790, dtype=np.int64))
        errors.append(4 / 80 * ((spread.T @ values - values.sum()) ** 2).sum())
    assert np.mean(errors) == pytest.approx(790.0, rel=0.1)


@given(st.floats(-2e6, 2e6))
def test_rounding_moves_no_amount_far_and_knows_its_grid(amount: float) -> None:
    (told,) = acs_text.rounded(np.array([amount]))
    size = abs(told)
    unit = 1.0 if size < 8 else 10.0 if size < 1000 else 100.0 if size < 50_000 else 1000.0
    assert size % unit == 0
    assert abs(told - amount) <= max(3.5, unit / 2 + 5)
    assert told == -acs_text.rounded(np.array([-amount]))[0]
    assert acs_text.rounded(np.array([told]))[0] == told


def test_nominal_dollars_follow_mean_wages(tmp_path: Path) -> None:
    means = {}
    for vintage in (2019, 2023):
        acs.write(tmp_path, vintage=vintage, households=1500, seed=5)
        person = read(tmp_path, vintage).person
        wages = numbers(person, "WAGP").fillna(0) * numbers(person, "ADJINC") / 1e6
        means[vintage] = np.average(wages, weights=numbers(person, "PWGTP"))
    assert means[2023] / means[2019] == pytest.approx(dollars(2023) / dollars(2019), rel=0.10)


def test_a_sample_in_blocks_is_one_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acs, "BLOCK", 300)
    acs.write(tmp_path, vintage=2022, households=1200, seed=7)
    files = read(tmp_path, 2022)
    assert files.home["SERIALNO"].is_unique
    assert numbers(files.person, "PWGTP").sum() == pytest.approx(333.3e6, rel=0.005)
    occupied = (files.units["NP"] != "0").sum()
    assert 1150 < occupied <= 1200
