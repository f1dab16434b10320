"""The demo world beside real records: same columns, same codes, same identities."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from demo_files import member

from steelyard.sources.demo import write_survey
from steelyard.sources.demo.need import EARNINGS, OTHER_INCOME, equivalence_scale

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "us"
ASEC = SHARED / "cps_asec" / "pppub20_sample.csv"
SCF = SHARED / "scf" / "SCFP2019_four_fifths.csv.gz"
CODES = (
    "A_MARITL", "A_SEX", "A_ENRLW", "A_FTPT", "A_HSCOL", "A_FAMREL", "A_FAMTYP", "A_PFREL",
    "P_STAT", "PEDISDRS", "MCARE", "CAID", "WICYN", "FILESTAT", "SPM_TENMORTSTATUS", "HHDREL",
)  # fmt: skip

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("demo")
    write_survey(directory, "cps_asec", 2023, households=1000)
    write_survey(directory, "scf", 2022, households=1000)
    return directory


@pytest.fixture(scope="module")
def real() -> pd.DataFrame:
    if not ASEC.exists():
        pytest.skip(f"no real ASEC records beside the checkout ({ASEC.name})")
    return pd.read_csv(ASEC)


def test_every_person_column_is_one_of_the_real_file(demo: Path, real: pd.DataFrame) -> None:
    made = pd.read_csv(member(demo, "pppub23.csv"), nrows=1).columns
    # The broadband subsidy came with income year 2021, after this sample.
    assert set(made) - set(real.columns) == {"SPM_BBSUBVAL"}


def test_real_codes_occur_in_the_demo_world(demo: Path, real: pd.DataFrame) -> None:
    made = pd.read_csv(member(demo, "pppub23.csv"), usecols=list(CODES))
    for column in CODES:
        missing = set(real[column]) - set(made[column]) - {0}
        assert not missing, f"{column}: real codes {missing} never drawn"


def test_codes_and_real_relationship_patterns_agree(demo: Path, real: pd.DataFrame) -> None:
    pattern = ["A_EXPRRP", "PERRP"]
    made = pd.read_csv(member(demo, "pppub23.csv"), usecols=pattern)
    same = {(3, 45), (4, 45)}  # same-sex spouses, absent from the small real sample
    real_codes = {tuple(row) for row in real[pattern].to_numpy().tolist()}
    for expanded, perrp in {tuple(row) for row in made.to_numpy().tolist()} - same:
        seen = {e for e, p in real_codes if p == perrp}
        assert not seen or expanded in seen, f"PERRP {perrp} with A_EXPRRP {expanded}"


def test_identities_are_those_of_the_real_file(real: pd.DataFrame) -> None:
    earned = real[list(EARNINGS)].sum(axis=1)
    assert (earned == real["PEARNVAL"]).all()
    other = real[list(OTHER_INCOME)].sum(axis=1)
    # Three of 501 real persons carry more distributions than the four amounts show.
    assert (other == real["POTHVAL"]).mean() > 0.99


def test_equivalence_scale_reproduces_the_real_one(real: pd.DataFrame) -> None:
    unit = real.groupby("SPM_ID").first()
    got = equivalence_scale(unit["SPM_NUMADULTS"].to_numpy(), unit["SPM_NUMKIDS"].to_numpy())
    assert np.abs(got - unit["SPM_EQUIVSCALE"]).max() < 1e-4


def test_every_scf_column_is_one_of_the_real_file(demo: Path) -> None:
    if not SCF.exists():
        pytest.skip(f"no real SCF extract beside the checkout ({SCF.name})")
    real = pd.read_csv(SCF, nrows=1).columns
    made = pd.read_csv(member(demo, "SCFP2022.csv"), nrows=1).columns
    # RACECL5 came with the 2022 survey.
    assert set(made) - set(real) == {"RACECL5"}
    assert len(made) >= 45
