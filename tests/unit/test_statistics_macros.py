"""The SQL twins of the weighted statistics give what the Python functions give."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Template

from steelyard import validate

MACROS = Path(__file__).resolve().parents[2] / "macros" / "weighted_statistics.sql"


Ask = Callable[[list[str], pd.DataFrame], dict[str, float]]


@pytest.fixture(scope="module")
def ask() -> Ask:
    macros, session = MACROS.read_text(encoding="utf-8"), duckdb.connect(config={"threads": 1})

    def answer(calls: list[str], sample: pd.DataFrame) -> dict[str, float]:
        session.register("sample", sample)
        columns = ", ".join("{{ " + call + " }}" for call in calls)
        row = session.sql(Template(f"{macros}select {columns}").render()).df().iloc[0]
        return dict(zip(calls, map(float, row), strict=True))

    return answer


@st.composite
def samples(draw: st.DrawFn) -> pd.DataFrame:
    size = draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    weights = rng.integers(0, 5, size) * draw(st.sampled_from([1.0, 0.1, 1234.567]))
    weights[0] = 1.0
    values = np.round(rng.lognormal(3, 1.5, size), draw(st.integers(0, 2)))
    values[0] = max(values[0], 1.0)
    return pd.DataFrame({"y": values, "w": weights, "z": rng.uniform(5, 60, size)})


@settings(deadline=None, max_examples=60)
@given(sample=samples(), share=st.sampled_from([0.0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99]))
def test_sql_gives_what_python_gives(ask: Ask, sample: pd.DataFrame, share: float) -> None:
    y, w, z = sample.y.to_numpy(), sample.w.to_numpy(), sample.z.to_numpy()
    pairs = {
        f"weighted_quantile('sample', 'y', 'w', {share})": validate.weighted_quantile(y, w, share),
        "gini('sample', 'y', 'w')": validate.gini(y, w),
        "gini('sample', 'greatest(y - 20, 0) + 1', 'w')": validate.gini(
            np.maximum(y - 20, 0) + 1, w
        ),
        "poverty_rate('sample', 'y', 'w', 'z')": validate.poverty_rate(y, w, z),
        "poverty_rate('sample', 'y', 'w', 'z', 2)": validate.poverty_rate(y, w, z, alpha=2),
        "effective_sample_size('sample', 'w')": validate.effective_sample_size(w),
        "percentile_ratio('sample', 'y + 1', 'w')": validate.percentile_ratio(y + 1, w),
        "percentile_ratio('sample', 'y + 1', 'w', 0.8, 0.2)": validate.percentile_ratio(
            y + 1, w, 0.8, 0.2
        ),
        "palma('sample', 'y + 1', 'w')": validate.palma(y + 1, w),
        "palma('sample', 'y + 1', 'w', 0.2, 0.2)": validate.palma(y + 1, w, top=0.2, bottom=0.2),
        "theil('sample', 'y', 'w')": validate.theil(y, w),
        **{
            f"atkinson('sample', 'y', 'w', {epsilon})": validate.atkinson(y, w, epsilon)
            for epsilon in (0.5, 1, 2)
        },
    }
    if share > 0:
        pairs[f"top_share('sample', 'y', 'w', {share})"] = validate.top_share(y, w, share)
    assert ask(list(pairs), sample) == pytest.approx(pairs, rel=1e-12, abs=1e-12)


def test_a_ratio_to_nothing_is_null_in_sql(ask: Ask) -> None:
    sample = pd.DataFrame({"y": [0.0, 0.0, 9.0], "w": [1.0, 1.0, 1.0]})
    calls = ["percentile_ratio('sample', 'y', 'w')", "palma('sample', 'y', 'w')"]
    assert np.isnan(list(ask(calls, sample).values())).all()
