"""Names by content: equal content, equal name; anything that counts, another."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from steelyard.impute import ForestImputer, ImputeConfig
from steelyard.impute.identity import content_hash, fingerprint, run_id
from steelyard.impute.runs import describe

RNG = np.random.default_rng(5)
DONORS = pd.DataFrame({"age": RNG.uniform(20, 80, 60), "net": RNG.normal(size=60), "w": 1.5})
CONFIG = ImputeConfig(name="test", trees=3, min_leaf=4)


def fit(config: ImputeConfig = CONFIG, donors: pd.DataFrame = DONORS):
    return ForestImputer(config).fit(donors, ["age"], ["net"], "w")


@dataclass(frozen=True)
class Kept:
    counts: tuple[int, ...]
    cache: dict[str, float] = field(default_factory=dict, compare=False)


def test_equal_content_has_an_equal_name() -> None:
    assert content_hash(1, "a", [None, True]) == content_hash(1, "a", (None, True))
    assert content_hash(np.array([0.0])) == content_hash(np.array([-0.0]))
    assert content_hash({"a": 1, "b": 2}) == content_hash({"b": 2, "a": 1})
    assert content_hash(Kept((1,), {"a": 1})) == content_hash(Kept((1,)))
    assert content_hash(np.float64(1.5)) == content_hash(1.5)
    names = pd.DataFrame({"state": ["ma", None], "age": [1, 2]})
    assert content_hash(names) == content_hash(pa.Table.from_pandas(names))


def test_parts_do_not_run_together() -> None:
    parts = [("ab", "c"), ("a", "bc"), ("abc",), (("ab", "c"),), (1,), ("1",), (1.0,), (True,)]
    assert len({content_hash(*part) for part in parts}) == len(parts)


def test_what_has_no_content_is_refused() -> None:
    with pytest.raises(TypeError, match=r"content\[0\]\.draw is a set"):
        content_hash({"draw": {1}})


def test_a_fitted_model_is_known_again() -> None:
    assert fingerprint(fit()) == fingerprint(fit(replace(CONFIG, n_jobs=2, memory_mib=64)))


@pytest.mark.parametrize(
    "other",
    [
        lambda: fit(replace(CONFIG, seed=1)),
        lambda: fit(donors=DONORS.assign(net=DONORS["net"].where(DONORS.index > 0, 9.0))),
        lambda: fit(donors=DONORS.assign(w=DONORS.index + 1)),
    ],
    ids=["seed", "one value", "weights"],
)
def test_another_model_has_another_fingerprint(other) -> None:
    assert fingerprint(other()) != fingerprint(fit())


def test_the_run_is_named_by_plan_donors_and_trees() -> None:
    def name(config: ImputeConfig, donors: pd.DataFrame) -> str:
        return describe("model", config, donors, [fit(config, donors)]).run_id

    first = name(CONFIG, DONORS)
    assert len(first) == 12 and first == name(replace(CONFIG, n_jobs=4), DONORS.copy())
    others = [name(replace(CONFIG, seed=3), DONORS), name(CONFIG, DONORS.iloc[::-1])]
    assert len({first, *others}) == 3
    hashes = {"donors": "a", "plan": "b", "forests": "c"}
    assert run_id(hashes) != run_id(hashes | {"forests": "d"})
