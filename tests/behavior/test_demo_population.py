"""Laws of the demo population that hold under every seed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.sources.demo import kin
from steelyard.sources.demo.draws import Draws, total
from steelyard.sources.demo.population import Population, populate
from steelyard.sources.demo.weights import HOUSEHOLDS, POPULATION, household_weights

seeds = st.integers(0, 2**40)
few = settings(max_examples=15, deadline=None)


def draw(seed: int, households: int = 300) -> Population:
    return populate(Draws(seed, "asec"), households)


@few
@given(seeds)
def test_every_tie_stays_in_the_household_and_couples_are_mutual(seed: int) -> None:
    person = draw(seed).person
    index = np.arange(len(person["age"]))
    for tie in ("parent1", "parent2", "spouse", "partner", "family", "unit", "unit_head"):
        tied = person[tie] >= 0
        assert (person["household"][person[tie][tied]] == person["household"][tied]).all()
    for tie in ("spouse", "partner"):
        tied = np.flatnonzero(person[tie] >= 0)
        assert (person[tie][person[tie][tied]] == tied).all()
        assert (person[tie][tied] != tied).all()
    assert not ((person["spouse"] >= 0) & (person["partner"] >= 0)).any()
    assert (person["family"][person["family"]] == person["family"]).all()
    assert (person["unit"][person["unit"]] == person["unit"]).all()
    assert not (person["parent1"] == index).any()


@few
@given(seeds)
def test_each_household_has_one_head_on_its_first_line(seed: int) -> None:
    world = draw(seed)
    person = world.person
    heads = person["role"] == kin.HEAD
    assert (total(heads, person["household"], len(world.home["age"])) == 1).all()
    assert (person["line"][heads] == 1).all()
    assert (person["sequence"][heads] == 1).all()
    assert (person["age"][heads] >= 18).all()
    assert (person["age"] >= 0).all()
    assert (person["age"] <= kin.OLDEST_AGE).all()


@few
@given(seeds)
def test_those_who_are_claimed_claim_nobody_and_mates_share_a_return(seed: int) -> None:
    person = draw(seed).person
    claimed = np.flatnonzero(person["claimer"] >= 0)
    assert (person["claimer"][person["claimer"][claimed]] == -1).all()
    assert (person["marital"][claimed] > 3).all()
    tied = np.flatnonzero(person["spouse"] >= 0)
    assert (person["unit_head"][tied] == person["unit_head"][person["spouse"][tied]]).all()
    alone = person["claimer"] < 0
    assert (person["unit_head"][person["unit_head"][alone]] == person["unit_head"][alone]).all()


@few
@given(seeds)
def test_money_is_conserved_from_persons_to_every_unit(seed: int) -> None:
    world = draw(seed)
    money = world.person["PTOTVAL"].sum()
    assert world.home["HTOTVAL"].sum() == pytest.approx(money)
    assert world.spm["SPM_TOTVAL"].sum() == pytest.approx(money)
    assert world.spm["SPM_FEDTAX"].sum() == pytest.approx(world.person["FEDTAX_AC"].sum())


@few
@given(seeds)
def test_the_young_earn_nothing_and_nobody_works_without_hours(seed: int) -> None:
    person = draw(seed).person
    child = person["age"] < 15
    assert (person["PTOTVAL"][child] == 0).all()
    earns = (person["wage"] > 0) | (person["business"] != 0) | (person["farm"] != 0)
    assert (person["weeks"][earns] > 0).all()
    assert (person["hours"][earns] > 0).all()
    assert (person["wage"] >= 0).all()


@settings(max_examples=5, deadline=None)
@given(seeds)
def test_weights_are_positive_and_count_the_published_population(seed: int) -> None:
    draws = Draws(seed, "asec")
    world = populate(draws, 2000)
    weights = household_weights(draws, world.home, world.person, world.owned["rarity"])
    assert (weights > 0).all()
    assert weights.sum() == pytest.approx(HOUSEHOLDS, rel=1e-3)
    assert weights[world.person["household"]].sum() == pytest.approx(POPULATION, rel=1e-3)


def test_the_cps_hears_part_of_property_income() -> None:
    world = draw(5, 4000)
    core = np.isin(world.person["role"], (kin.HEAD, kin.SPOUSE, kin.PARTNER))
    for truth, told in (("interest", "INT_VAL"), ("dividends", "DIV_VAL")):
        share = world.person[told][core].sum() / world.owned[truth].sum()
        assert 0.35 < share < 0.80
    owners = world.owned["dividends"] > 0
    silent = total(world.person["DIV_VAL"], world.person["household"], len(owners)) == 0
    assert 0.15 < silent[owners].mean() < 0.45


def test_a_list_sample_stands_for_the_same_population_as_an_even_one() -> None:
    means = []
    for listed in (0.0, 0.25):
        draws = Draws(11, "scf")
        world = populate(draws, 20_000, listed=listed)
        weights = household_weights(draws, world.home, world.person, world.owned["rarity"])
        homes = world.owned["HOUSES"] > 0
        means.append(
            [
                np.average(homes, weights=weights),
                np.average(np.log1p(world.owned["LIQ"]), weights=weights),
            ]
        )
    even, listed_means = means
    assert listed_means == pytest.approx(even, rel=0.03)


def test_household_draws_do_not_depend_on_the_size_of_the_sample() -> None:
    small = kin.householders(Draws(3, "asec"), 300)
    large = kin.householders(Draws(3, "asec"), 900)
    for name in ("age", "female", "union", "same_sex", "quarters"):
        assert np.array_equal(small[name], large[name][:300])
