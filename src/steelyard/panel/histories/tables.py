"""Tables of person-years, and the lives that they are."""

import numpy as np
import pyarrow as pa

from steelyard.impute import ImputeConfig
from steelyard.oasdi import default_parameters
from steelyard.panel.histories.holdout import SCORES, judge
from steelyard.panel.histories.lifetime import averages_by, scale_of_years
from steelyard.panel.lives import Lives, People, lives_of

#: Schooling in rising order; what is not among them is unknown.
EDUCATION = ("lt_hs", "hs", "some_college", "ba", "grad")


def lives_of_table(years: pa.Table) -> Lives:
    """Read the lives of one panel.

    Parameters
    ----------
    years
        One row a person and year, each person's rows together: person_id, family_id, is_female,
        birth_year, education, design_weight, income_year, earnings, least_earnings (dollars).

    Raises
    ------
    ValueError
        If a person is there in two places, or a row is none (see `lives_of`).
    """
    ids = years["person_id"].to_numpy()
    first = np.flatnonzero(np.diff(ids, prepend=ids[:1] - 1) != 0)
    if len(np.unique(ids[first])) < len(first):
        raise ValueError("a person's years do not lie together: order them by person_id")
    of_person = years.take(first)
    people = People(
        ids[first].astype(np.int64),
        of_person["is_female"].to_numpy(zero_copy_only=False).astype(np.bool_),
        of_person["birth_year"].to_numpy().astype(np.int64),
        education_codes(of_person["education"]),
        of_person["design_weight"].to_numpy().astype(np.float64),
    )
    return lives_of(
        people,
        of_person["family_id"].to_numpy(),
        person=np.cumsum(np.diff(ids, prepend=ids[:1] - 1) != 0) - 1,
        year=years["income_year"].to_numpy(),
        amount=years["earnings"].to_numpy(),
        least=years["least_earnings"].to_numpy(),
    )


def education_codes(education: pa.ChunkedArray) -> np.ndarray:
    """Return the place of each schooling in `EDUCATION`, -1 where it is unknown."""
    places = {name: place for place, name in enumerate(EDUCATION)}
    return np.array([places.get(name, -1) for name in education.to_pylist()], np.int64)


def judge_panels(years: pa.Table, seed: int, trees: int) -> pa.Table:
    """Judge every way to draw lives on every panel; see `judge`.

    Lifetime averages are in the dollars that SSA's medians and the panel's shapes make of ranks.

    Parameters
    ----------
    years
        As for `lives_of_table`, with dataset_id; ordered by dataset_id and person_id.
    seed
        Of the build.
    trees
        Trees of each forest of a chain.
    """
    names = years["dataset_id"].to_pylist()
    config = ImputeConfig(name="panel", seed=seed, trees=trees, n_jobs=2)
    found, law = [SCORES.empty_table()], default_parameters()
    for name in dict.fromkeys(names):
        rows = np.flatnonzero(np.array(names, dtype=object) == name)
        mine = years.take(rows)
        averages = averages_by(scale_of_years(mine, law), law)
        found.append(judge(name, lives_of_table(mine), config, averages=averages))
    return pa.concat_tables(found)
