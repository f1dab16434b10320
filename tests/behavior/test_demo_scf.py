"""The demo world's SCF: the columns and identities of the real extract, and its replicates."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from demo_files import member

from steelyard.sources.demo.scf import write
from steelyard.sources.demo.scf_replicates import REPLICATES

REAL = (
    Path(__file__).resolve().parents[2].parent
    / "shared" / "data" / "us" / "scf" / "SCFP2019_four_fifths.csv.gz"
)  # fmt: skip
FAMILIES = 300
SUMS = {
    "LIQ": "CHECKING SAVING MMA CALL PREPAID",
    "MMA": "MMDA MMMF",
    "NMMF": "STMUTF TFBMUTF GBMUTF OBMUTF COMUTF OMUTF",
    "BOND": "NOTXBND MORTBND GOVTBND OBND",
    "RETQLIQ": "IRAKH THRIFT FUTPEN CURRPEN",
    "OTHMA": "ANNUIT TRUSTS",
    "FIN": "LIQ CDS NMMF STOCKS BOND RETQLIQ SAVBND CASHLI OTHMA OTHFIN",
    "BUS": "ACTBUS NONACTBUS",
    "NFIN": "VEHIC HOUSES ORESRE NNRESRE BUS OTHNFIN",
    "ASSET": "FIN NFIN",
    "MRTHEL": "NH_MORT HELOC",
    "HOUSES": "HOMEEQ MRTHEL",
    "NFIN ": "NHNFIN HOUSES",
    "INSTALL": "VEH_INST EDN_INST OTH_INST",
    "DEBT": "MRTHEL RESDBT OTHLOC CCBAL INSTALL ODEBT",
    "DEBT ": " ".join(f"PLOAN{k}" for k in range(1, 9)),
    "DEBT  ": " ".join(f"LLOAN{k}" for k in range(1, 13)),
    "ASSET ": "NETWORTH DEBT",
    "NVEHIC": "NOWN NLEASE",
    "TPAY": "MORTPAY CONSPAY REVPAY",
    "KGTOTAL": "KGHOUSE KGORE KGBUS KGSTMF",
}
FLAGS = "LIQ CDS NMMF STOCKS BOND RETQLIQ SAVBND VEHIC HOUSES ORESRE MRTHEL HELOC CCBAL DEBT FIN"
CLASSES = {
    "NWCAT": [0.25, 0.25, 0.25, 0.15, 0.10],
    "INCCAT": [0.2, 0.2, 0.2, 0.2, 0.1, 0.1],
    "NINC2CAT": [0.5, 0.4, 0.1],
    "NWPCTLECAT": [0.1] * 9 + [0.05, 0.04, 0.01],
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scf")
    for vintage in (2019, 2022):
        write(folder, vintage=vintage, households=FAMILIES, seed=2022)
    return folder


def extracts(world: Path) -> Iterator[pd.DataFrame]:
    yield pd.read_csv(member(world, "SCFP2019.csv"))
    yield pd.read_csv(member(world, "SCFP2022.csv"))


def breaches(extract: pd.DataFrame) -> list[str]:
    """Name what the extract's publisher guarantees and these rows break."""
    found = []
    for total, parts in SUMS.items():
        # Sums are exact but for the rounding of amounts told in cents.
        gap = extract[parts.split()].sum(axis=1) - extract[total.strip()]
        if gap.abs().max() > 1:
            found.append(f"{total.strip()} = {parts}")
    found += [f"H{i}" for i in FLAGS.split() if not (extract[f"H{i}"] == (extract[i] > 0)).all()]
    shares = {
        name: (extract.groupby(name)["WGT"].sum() / extract["WGT"].sum()).tolist()
        for name in CLASSES
    }
    for name, expected in CLASSES.items():
        if len(shares[name]) != len(expected) or not np.allclose(shares[name], expected, atol=0.02):
            found.append(f"shares of {name}: {shares[name]}")
    if not (extract["Y1"] == 10 * extract["YY1"] + extract.groupby("YY1").cumcount() + 1).all():
        found.append("Y1 = 10 * YY1 + implicate")
    cycle = np.where(extract["AGE"] >= 55, extract["LIFECL"] >= 5, extract["LIFECL"] < 5)
    return found + ([] if cycle.all() else ["LIFECL by age"])


def test_every_identity_holds_in_every_row(world: Path) -> None:
    for extract in extracts(world):
        assert breaches(extract) == []
        parts = ["WAGEINC", "BUSSEFARMINC", "INTDIVINC", "KGINC", "SSRETINC", "TRANSFOTHINC"]
        total = extract[parts].sum(axis=1).clip(lower=0)
        assert (total - extract["INCOME"]).abs().max() < 0.01
        assert (extract["PENACCTWD"] <= extract["SSRETINC"]).all()
        assert extract["WGT"].sum() == pytest.approx(131.43e6, rel=1e-6)


def test_vintages_differ_by_their_columns_and_dollars(world: Path) -> None:
    old, new = extracts(world)
    assert set(new.columns) - set(old.columns) == {"RACECL5"}
    assert old.shape[1] == 351
    # Incomes of 2018 restated in dollars of 2019 are not whole, divided by the factor they are.
    nominal = old["WAGEINC"] / 1.018117902
    assert (nominal - nominal.round()).abs().max() < 0.01
    assert (old["WAGEINC"] % 1 > 0).any()


@pytest.mark.real
def test_the_real_extract_has_the_same_columns_and_identities(world: Path) -> None:
    if not REAL.exists():
        pytest.skip(f"no real SCF extract beside the checkout ({REAL.name})")
    real = pd.read_csv(REAL)
    assert list(real.columns) == list(next(extracts(world)).columns)
    assert breaches(real) == []


def test_replicates_are_bootstrap_samples_that_keep_the_total(world: Path, tmp_path: Path) -> None:
    (path,) = world.rglob("scf2022rw1s.zip")
    with zipfile.ZipFile(path) as archive:
        file = archive.extract("p22_rw1.dta", tmp_path)
    weights = pd.read_stata(file)
    assert weights.shape == (FAMILIES, 1 + 2 * REPLICATES)
    assert weights["YY1"].is_unique
    times = weights.filter(regex=r"^MM\d").to_numpy(dtype=np.float64)
    values = weights.filter(regex=r"^WT1B\d").to_numpy(dtype=np.float64)
    assert (np.isnan(times) == np.isnan(values)).all()
    assert np.isnan(times).mean() == pytest.approx(np.exp(-1), abs=0.01)
    assert np.nansum(times, axis=0) == pytest.approx(FAMILIES)
    assert np.nansum(times * values, axis=0) == pytest.approx(131.43e6, rel=1e-6)
