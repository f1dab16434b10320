"""The ASEC of seven Marches: what is alike in all, what changes, and who is met again."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.sources.demo import asec_sample, write_survey
from steelyard.sources.demo.anchors import dollars
from steelyard.sources.demo.asec_persons import persons
from steelyard.sources.demo.asec_replicates import REPLICATES, factors, hadamard, replicate_weights
from steelyard.sources.demo.asec_sample import VINTAGES, blocks
from steelyard.sources.demo.draws import Draws, Echo
from steelyard.sources.demo.population import populate, together
from steelyard.sources.demo.revisit import can_be_met, revisit

TEXT = {"PERIDNUM": str, "H_IDNUM": str}
BASE = 2023


@dataclass(frozen=True)
class March:
    members: list[str]
    household: pd.DataFrame
    family: pd.DataFrame
    person: pd.DataFrame
    replicate: pd.DataFrame


def read(path: Path) -> March:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        tables = [pd.read_csv(archive.open(name), dtype=TEXT) for name in names]
    return March(names, *tables)


@pytest.fixture(scope="module")
def marches(tmp_path_factory: pytest.TempPathFactory) -> dict[int, March]:
    folder = tmp_path_factory.mktemp("marches")
    return {
        vintage: read(write_survey(folder, "cps_asec", vintage, households=2500)[0])
        for vintage in VINTAGES
    }


# --- every vintage ----------------------------------------------------------------------------


def test_members_are_named_as_the_publisher_names_them(marches: dict[int, March]) -> None:
    assert marches[2024].members == [
        "hhpub24.csv",
        "ffpub24.csv",
        "pppub24.csv",
        "asec_csv_repwgt_2024.csv",
    ]
    assert all(name.startswith("cpspb/asec/prod/data/2019/") for name in marches[2019].members)


def test_the_broadband_subsidy_has_a_column_from_2022_on(marches: dict[int, March]) -> None:
    has = [v for v, march in marches.items() if "SPM_BBSUBVAL" in march.person]
    assert has == [2022, 2023, 2024, 2025]
    assert all((marches[v].person["SPM_BBSUBVAL"] > 0).any() for v in has)


@pytest.mark.parametrize("vintage", VINTAGES)
def test_identities_hold_in_the_dollars_of_every_year(
    marches: dict[int, March], vintage: int
) -> None:
    person, household, family = (
        marches[vintage].person,
        marches[vintage].household.set_index("H_SEQ"),
        marches[vintage].family.set_index(["FH_SEQ", "FFPOS"]),
    )
    assert (person["PEARNVAL"] == person[["WSAL_VAL", "SEMP_VAL", "FRSE_VAL"]].sum(axis=1)).all()
    assert (person["PTOTVAL"] == person["PEARNVAL"] + person["POTHVAL"]).all()
    credit = person["EIT_CRED"] + person["ACTC_CRD"]
    assert (person["FEDTAX_AC"] == person["FEDTAX_BC"] - credit).all()
    home = household[household["H_HHTYPE"] == 1]
    assert (person.groupby("PH_SEQ")["PTOTVAL"].sum() == home["HTOTVAL"]).all()
    own = family[family["FTYPE"] != 3]
    assert (person.groupby(["PH_SEQ", "PF_SEQ"])["PTOTVAL"].sum() == own["FTOTVAL"]).all()
    unit = person.groupby("SPM_ID").first()
    gains = ["TOTVAL", "SNAPSUB", "SCHLUNCH", "WICVAL", "ENGVAL", "CAPHOUSESUB", "BBSUBVAL"]
    costs = ["FEDTAX", "STTAX", "FICA", "CAPWKCCXPNS", "MEDXPNS", "CHILDSUPPD"]
    plus = sum(unit[f"SPM_{name}"] for name in gains if f"SPM_{name}" in unit)
    minus = sum(unit[f"SPM_{name}"] for name in costs)
    assert (plus - minus == unit["SPM_RESOURCES"]).all()
    assert (unit["SPM_POOR"] == (unit["SPM_RESOURCES"] < unit["SPM_POVTHRESHOLD"])).all()
    poor = person.merge(family, left_on=["PH_SEQ", "PF_SEQ"], right_index=True)
    known = poor["POV_UNIV"] == 1
    assert (poor["PERLIS"] == poor["FAMLIS"])[known].all()
    assert person["PERIDNUM"].is_unique
    assert not person.duplicated(["PH_SEQ", "A_LINENO"]).any()


def test_amounts_follow_wages_and_poverty_lines_follow_prices(marches: dict[int, March]) -> None:
    base = marches[BASE].person
    for vintage in (2019, 2021, 2025):
        person = marches[vintage].person
        mean, then = (np.average(p["WSAL_VAL"], weights=p["MARSUPWT"]) for p in (person, base))
        assert mean / then == pytest.approx(dollars(vintage - 1), rel=0.15)
    # Four persons, two of them children: Census, poverty thresholds of these years.
    for vintage, line in ((2019, 25_465), (2020, 25_926), (2021, 26_246), (2024, 30_900)):
        family = marches[vintage].family
        four = family[(family["FPERSONS"] == 4) & (family["FRELU18"] == 2) & (family["FTYPE"] == 1)]
        assert set(four["FPOVCUT"]) == {line}


@pytest.mark.parametrize("vintage", VINTAGES)
def test_every_vintage_stands_for_the_population(marches: dict[int, March], vintage: int) -> None:
    persons_, homes = marches[vintage].person, marches[vintage].household
    assert 315 < persons_["MARSUPWT"].sum() / 1e8 < 345
    assert 125 < homes["HSUP_WGT"].sum() / 1e8 < 140
    assert homes.loc[homes["H_HHTYPE"] == 1, "GESTFIPS"].nunique() == 51
    lost = (homes["H_HHTYPE"] != 1).mean()
    assert lost > 0.14 if vintage in (2020, 2021) else lost < 0.13


# --- who is met again -------------------------------------------------------------------------


def met(marches: dict[int, March], vintage: int) -> pd.DataFrame:
    """Persons of a March whose key was met in the March before (suffix _then)."""
    return marches[vintage].person.merge(
        marches[vintage - 1].person, on="PERIDNUM", suffixes=("", "_then")
    )


def same(pairs: pd.DataFrame) -> pd.Series:
    gap = pairs["A_AGE"] - pairs["A_AGE_then"]
    old = (pairs["A_AGE"] >= 80) & (pairs["A_AGE_then"] >= 80)
    return (pairs["A_SEX"] == pairs["A_SEX_then"]) & (gap.between(-1, 3) | old)


@pytest.mark.parametrize("vintage", VINTAGES[1:])
def test_nearly_half_are_met_again_a_year_older(marches: dict[int, March], vintage: int) -> None:
    pairs = met(marches, vintage)
    fewer = min(len(marches[v].person) for v in (vintage - 1, vintage))
    assert 0.35 < same(pairs).sum() / fewer < 0.5
    # A few numbers are of another household by now, and most of their people show it.
    assert 0.002 < (~same(pairs)).mean() < 0.05
    fit = pairs[same(pairs) & (pairs["A_AGE"] < 80)]
    assert (fit["A_AGE"] == fit["A_AGE_then"] + 1).mean() > 0.98
    assert (fit["PRDTRACE"] == fit["PRDTRACE_then"]).mean() > 0.98
    schooled = fit[(fit["A_HGA_then"] > 0) & (fit["A_AGE"] >= 30)]
    assert (schooled["A_HGA"] >= schooled["A_HGA_then"]).mean() > 0.98


def test_households_met_again_were_in_their_first_four_months(marches: dict[int, March]) -> None:
    for vintage in VINTAGES[1:]:
        now, then = marches[vintage].household, marches[vintage - 1].household
        pairs = now.merge(then, on="H_IDNUM", suffixes=("", "_then"))
        fit = pairs[pairs["GESTFIPS"] == pairs["GESTFIPS_then"]]
        assert len(fit) > 150
        assert (fit["H_MIS"] == fit["H_MIS_then"] + 4).mean() > 0.97
        months = now.loc[now["H_HHTYPE"] == 1, "H_MIS"].value_counts(normalize=True)
        assert months.between(0.10, 0.15).all()


def test_nobody_is_met_two_years_apart(marches: dict[int, March]) -> None:
    for vintage in VINTAGES[2:]:
        keys = set(marches[vintage].person["PERIDNUM"])
        assert not keys & set(marches[vintage - 2].person["PERIDNUM"])


def test_earnings_of_two_years_are_correlated(marches: dict[int, March]) -> None:
    pairs = pd.concat([met(marches, vintage) for vintage in VINTAGES[1:]])
    pairs = pairs[same(pairs)]
    both = pairs[(pairs["WSAL_VAL"] > 0) & (pairs["WSAL_VAL_then"] > 0)]
    logs = np.log(both[["WSAL_VAL", "WSAL_VAL_then"]])
    assert 0.70 < logs.corr().iloc[0, 1] < 0.90
    earned = pairs["WSAL_VAL_then"] > 0
    assert 0.83 < (pairs.loc[earned, "WSAL_VAL"] > 0).mean() < 0.96
    # Among those who did not work, few begin.
    adults = ~earned & pairs["A_AGE"].between(25, 54)
    assert 0.1 < (pairs.loc[adults, "WSAL_VAL"] > 0).mean() < 0.5


def test_some_move_out_and_children_are_born(marches: dict[int, March]) -> None:
    """Going forward the young leave; going back the youngest are not there yet."""
    now, then = marches[2024], marches[2023]
    homes = set(now.household["H_IDNUM"]) & set(then.household["H_IDNUM"])
    before = then.person[then.person["PERIDNUM"].str[:20].isin(homes)]
    gone = ~before["PERIDNUM"].isin(now.person["PERIDNUM"])
    young = before["A_AGE"].between(18, 30)
    assert gone[young].mean() > 0.03
    assert gone[~young].mean() < 0.03
    linked = met(marches, 2023)
    assert (linked.loc[same(linked), "A_AGE"] >= 1).all()
    assert (marches[2023].person["A_AGE"] == 0).any()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**40), st.sampled_from([-1, 1]))
def test_households_met_again_keep_their_ties(seed: int, years: int) -> None:
    draws, other = Draws(seed, "asec now"), Draws(seed, "asec")
    world = populate(other, 300)
    chosen = np.flatnonzero(can_be_met(world, years))[:120]
    again = revisit(draws, other, world, chosen, years)
    person = again.world.person
    for tie in ("parent1", "parent2", "spouse", "partner", "family", "unit", "unit_head"):
        tied = person[tie] >= 0
        assert (person["household"][person[tie][tied]] == person["household"][tied]).all()
    for tie in ("spouse", "partner"):
        tied = np.flatnonzero(person[tie] >= 0)
        assert (person[tie][person[tie][tied]] == tied).all()
    then = world.person
    assert (person["age"] == then["age"][again.person] + years).all()
    assert (person["age"] >= 0).all()
    for lasting in ("female", "race", "hispanic", "role", "line"):
        assert (person[lasting] == then[lasting][again.person]).all()
    count = np.bincount(again.world.member["own"], minlength=len(again.world.family["type"]))
    assert (count[again.world.family["type"] == 3] > 1).all()


def test_echoes_have_the_law_of_draws_and_remember() -> None:
    other, place = Draws(1, "asec"), np.arange(0, 40_000, 2)
    echo = Echo(1, "asec now", other, {20_000: (40_000, place)}, 0.9)
    now, then = echo.uniform(20_000, "luck"), other.uniform(40_000, "luck")[place]
    assert now.mean() == pytest.approx(0.5, abs=0.01)
    assert now.var() == pytest.approx(1 / 12, rel=0.03)
    assert ((now >= 0) & (now < 1)).all()
    assert 0.85 < np.corrcoef(now, then)[0, 1] < 0.92
    normal = echo.normal(20_000, "skill")
    assert normal.std() == pytest.approx(1, abs=0.02)
    # What the other year did not know is drawn afresh.
    assert (echo.uniform(77, "luck") == Draws(1, "asec now").uniform(77, "luck")).all()


# --- blocks -----------------------------------------------------------------------------------


def test_a_sample_in_blocks_is_one_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asec_sample, "BLOCK", 800)
    for vintage, households in ((BASE, 2000), (2022, 9000)):
        parts = list(blocks(vintage, households, 3))
        assert len(parts) > 2
        size = sum(len(part.weights) for part in parts)
        assert size == asec_sample.sample_size(vintage, households)
        places = np.concatenate([np.append(part.interviewed, part.missed) for part in parts])
        assert sorted(places) == list(range(1, len(places) + 1))
        ids = np.concatenate([part.ids for part in parts])
        assert len(ids) == len(places) == len(set(ids))
        weight = sum(part.weights.sum() for part in parts)
        assert weight == pytest.approx(131.43e6, rel=0.02)
        keys = np.concatenate([persons(part)["PERIDNUM"] for part in parts])
        assert len(set(keys)) == len(keys)


def test_blocks_are_drawn_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asec_sample, "BLOCK", 300)
    drawn: list[int] = []

    def watched(draws: Draws, households: int) -> object:
        drawn.append(households)
        return populate(draws, households)

    monkeypatch.setattr(asec_sample, "populate", watched)
    parts = blocks(BASE, 900, 3)
    next(parts)
    assert drawn == [300]
    next(parts)
    assert drawn == [300, 300]


def test_populations_put_together_keep_their_ties() -> None:
    parts = [populate(Draws(seed, "asec"), 60) for seed in (1, 2, 3)]
    whole = together(parts)
    counts = [len(part.person["age"]) for part in parts]
    assert len(whole.person["age"]) == sum(counts)
    start = counts[0]
    middle = slice(start, start + counts[1])
    for tie in ("spouse", "parent1", "unit_head", "claimer"):
        before = parts[1].person[tie]
        assert (whole.person[tie][middle] == np.where(before >= 0, before + start, before)).all()
    money = [part.spm["SPM_RESOURCES"].sum() for part in parts]
    assert whole.spm["SPM_RESOURCES"].sum() == pytest.approx(sum(money))
    assert (whole.person["household"][whole.family["root"]] == whole.family["household"]).all()


# --- replicates -------------------------------------------------------------------------------


def test_replicates_belong_to_the_first_households_and_their_weights(
    marches: dict[int, March],
) -> None:
    for vintage, march in marches.items():
        weights = march.replicate
        assert list(weights.columns[:3]) == ["h_seq", "PPPOS", "pwwgt0"]
        assert len(weights.columns) == 2 + 1 + REPLICATES
        found = weights.merge(
            march.person, left_on=["h_seq", "PPPOS"], right_on=["PH_SEQ", "PPPOS"], how="left"
        )
        assert (found["pwwgt0"] * 100).round().eq(found["MARSUPWT"]).all()
        share = len(weights) / len(march.person)
        assert 0.08 < share < 0.13, vintage
        ratio = weights.filter(regex=r"pwwgt[1-9]").div(weights["pwwgt0"], axis=0)
        assert set(np.round(np.unique(ratio.to_numpy().round(3)), 2)) <= {0.29, 1.0, 1.71}


def test_the_matrix_behind_the_replicates_is_hadamard_s() -> None:
    matrix = hadamard(REPLICATES)
    assert (np.abs(matrix) == 1).all()
    assert np.array_equal(matrix @ matrix.T, REPLICATES * np.eye(REPLICATES))
    assert (matrix[0] == 1).all()
    times = factors(np.arange(3000))
    assert np.allclose(times.mean(axis=1), 1)


@pytest.mark.parametrize("seed", [2022, 7])
def test_replicate_errors_are_those_of_a_bootstrap_over_households(seed: int) -> None:
    """Of the mean income of those over 14: 4/160 sum of squares against 400 resamples."""
    (block,) = blocks(BASE, 3000, seed)
    person = persons(block)
    everyone = replicate_weights(block, person, 20_000)
    adult = person["A_AGE"] > 14
    weights = np.column_stack([everyone[f"pwwgt{k}"] for k in range(REPLICATES + 1)])[adult]
    income, home = person["PTOTVAL"][adult].astype(float), person["PH_SEQ"][adult]
    means = income @ weights / weights.sum(axis=0)
    error = np.sqrt(4 / REPLICATES * ((means[1:] - means[0]) ** 2).sum())

    _, of = np.unique(home, return_inverse=True)
    money = np.bincount(of, weights=income * weights[:, 0])
    people = np.bincount(of, weights=weights[:, 0])
    rng = np.random.default_rng(seed)
    times = rng.multinomial(len(money), np.full(len(money), 1 / len(money)), size=400)
    bootstrapped = ((times @ money) / (times @ people)).std()
    assert error == pytest.approx(bootstrapped, rel=0.2)
