"""Weights of congressional districts from real records: fit, effective sample, seconds, memory.

Run where `dbt build` has finished: `python benchmarks/local_areas.py --states 37 44`, or with
`--states all` for the nation. Facts of districts (their shares of the state, scaled to what the
state's weights give) are calibrated together with every fact of the nation and of states.
"""

import argparse
import resource
import time
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from scipy import sparse

from steelyard.calibrate import CalibrationConfig
from steelyard.calibrate.areas import AreaFacts, AreaWeights, Homes, share_out
from steelyard.calibrate.inputs import checked
from steelyard.calibrate.layout import Layout, laid_out
from steelyard.calibrate.problem import problem_from

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
#: Districts that are listed one by one; of more only the summary is.
MOST_LISTED = 60
#: Part of the loss that districts have, beside 1 for nation and states.
DISTRICTS_SHARE = 0.1
FACTS = """
    create temp table district as
    select
        geoid,
        variable,
        statistic,
        coalesce(constraints, '') as conditions,
        value,
        regexp_extract(constraints, 'filing_status = (\\w+)', 1) as filing_status,
        coalesce(
            try_cast(regexp_extract(constraints, '(-?[0-9]+) <= adj', 1) as double),
            try_cast(regexp_extract(constraints, 'gross_income >= (-?[0-9]+)', 1) as double),
            '-infinity'
        ) as lower,
        coalesce(
            try_cast(regexp_extract(constraints, 'gross_income < (-?[0-9]+)', 1) as double),
            'infinity'
        ) as upper
    from read_csv('{facts}/district_*_2021.csv', types = {{'geoid': 'varchar'}})
    where geoid[:2] in {states} and variable != 'partnership_s_corp_income'
"""
FEATURES = """
    create temp table feature as
    select row_number() over (order by variable, conditions) - 1 as feature, *
    from (
        select distinct variable, statistic, conditions, filing_status, lower, upper from district
    )
"""
VALUES = """
    select feature, household_index, sum(
        case variable
            when 'returns' then 1
            when 'adjusted_gross_income' then adjusted_gross_income
            else employment_income
        end
    ) as amount
    from build.cal_unit_tax_unit
    inner join feature
        on
            is_filer
            and adjusted_gross_income >= lower
            and adjusted_gross_income < upper
            and feature.filing_status in ('', cal_unit_tax_unit.filing_status)
            and variable != 'population'
    inner join build.cal_household_index using (household_id)
    where cal_household_index.state_fips in {states}
    group by all
    union all
    select feature, household_index, household_size as amount
    from build.cal_unit_household
    inner join build.cal_household_index using (household_id)
    inner join feature on variable = 'population'
    where cal_household_index.state_fips in {states}
    order by all
"""


def main() -> None:
    """Measure, and write the results beside the other benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", type=Path, default=ROOT / "build/tax_units/steelyard.duckdb")
    parser.add_argument("--states", nargs="+", default=["37", "44"], help="FIPS codes, or all")
    parser.add_argument("--distance-weight", type=float, default=0.0065)
    chosen = parser.parse_args()
    connection = duckdb.connect()
    connection.execute(f"attach '{chosen.database}' as build (read_only); set threads = 1")
    states, name = tuple(chosen.states), "local_areas.md"
    if states == ("all",):
        found = connection.sql("select distinct state_fips from build.cal_weight order by all")
        states, name = tuple(code for (code,) in found.fetchall()), "local_areas_nation.md"
    text = measured(connection, states, chosen.distance_weight)
    (RESULTS / name).write_text(text, encoding="utf-8")
    print(text)


def measured(
    connection: duckdb.DuckDBPyConnection, states: tuple[str, ...], distance_weight: float
) -> str:
    """Share the states' households out over their districts and say how it went."""
    names = "('" + "', '".join(states) + "')"
    connection.execute(FACTS.format(facts=ROOT / "seeds/facts/psl_tmd", states=names))
    connection.execute(FEATURES)
    layout = _layout(connection)
    state, weights = (
        connection.sql(
            "select state_fips, calibrated_weight from build.cal_weight order by household_id"
        )
        .fetchnumpy()
        .values()
    )
    triplets = connection.sql(VALUES.format(states=names)).fetchnumpy()
    count = connection.sql("select count(*) from feature").fetchall()[0][0]
    features = sparse.csr_array(
        (triplets["amount"].astype(float), (triplets["feature"], triplets["household_index"])),
        shape=(count, weights.size),
    )
    facts = connection.sql(
        "select feature, geoid, variable, value from district "
        "inner join feature using (variable, statistic, conditions) order by geoid, feature"
    ).fetchnumpy()
    districts, area = np.unique(facts["geoid"].astype(str), return_inverse=True)
    homes, goals = _goals(facts, area, districts, features, weights, state.astype(str))
    supported = goals.value > 0
    goals = AreaFacts(*(column[supported] for column in goals))
    config = CalibrationConfig(distance_weight=distance_weight)
    inputs = checked(layout.matrix, layout.targets, layout.initial_weights, config, layout.options)
    errors = ((inputs.estimates(weights) - inputs.targets) / inputs.scale)[inputs.fitted]
    problem = problem_from(inputs, config, np.float64)
    answer = connection.sql("select multiplier from build.cal_multiplier order by position")
    start = answer.fetchnumpy()["multiplier"][inputs.fitted]
    before_gib, started = _peak(), time.process_time()
    shared = share_out(
        problem, layout.initial_weights, features, homes, goals, start=start, tolerance=0.02
    )
    seconds = time.process_time() - started
    moved = ((inputs.estimates(shared.weights) - inputs.targets) / inputs.scale)[inputs.fitted]
    return _page(
        {
            "states": ", ".join(states) if len(states) <= MOST_LISTED // 10 else f"{len(states)}",
            "districts": f"{districts.size:,}",
            "households that are shared out": f"{sum(len(each) for each in shared.households):,}",
            "households in the joint problem": f"{weights.size:,}",
            "facts of nation and states, of districts": f"{errors.size:,}, {goals.value.size:,}",
            "non-zeros of rows, of features": f"{problem.fitted.contributions.nnz:,}, "
            f"{features.nnz:,}",
            "household-district pairs": f"{sum(share.size for share in shared.shares):,}",
            "Newton steps, converged": f"{shared.iterations}, {shared.converged}",
            "CPU seconds": f"{seconds:.1f}",
            "peak GiB before the solve, after": f"{before_gib:.2f}, {_peak():.2f}",
            "nation and states within 10 %, before": f"{np.mean(np.abs(errors) <= 0.1):.1%}",
            "nation and states within 10 %, after": f"{np.mean(np.abs(moved) <= 0.1):.1%}",
        },
        _fit(districts, goals, shared, features, weights, homes),
    )


def _goals(
    facts: dict[str, np.ndarray],
    area: np.ndarray,
    districts: np.ndarray,
    features: sparse.csr_array,
    weights: np.ndarray,
    state: np.ndarray,
) -> tuple[Homes, AreaFacts]:
    """Return facts, districts' shares of their state's estimate, and people as the prior."""
    of_state = np.array([name[:2] for name in districts])
    value, feature = facts["value"].astype(float), facts["feature"].astype(int)
    goals = np.zeros(value.size)
    prior = np.zeros(districts.size)
    for name in np.unique(of_state):
        totals = features @ np.where(state == name, weights, 0.0)
        for each in np.unique(feature):
            chosen = (feature == each) & (of_state[area] == name)
            if value[chosen].sum() > 0:
                goals[chosen] = totals[each] * value[chosen] / value[chosen].sum()
    heads = facts["variable"].astype(str) == "population"
    prior[area[heads]] = value[heads]
    scale = np.maximum(goals, 1.0)
    share = np.full(value.size, DISTRICTS_SHARE / value.size)
    return Homes(state, of_state, prior), AreaFacts(feature, area, goals, scale, share)


def _fit(
    districts: np.ndarray,
    goals: AreaFacts,
    shared: AreaWeights,
    features: sparse.csr_array,
    weights: np.ndarray,
    homes: Homes,
) -> list[list[str]]:
    """One row a district: facts, errors at the prior and after, effective sample."""
    before = np.zeros(goals.value.size)
    effective = np.zeros(districts.size)
    for households, shares, areas in zip(
        shared.households, shared.shares, shared.areas, strict=True
    ):
        totals = features[:, households] @ weights[households]
        part = homes.prior / homes.prior[areas].sum()
        own = np.isin(goals.area, areas)
        before[own] = totals[goals.feature[own]] * part[goals.area[own]]
        clones = shared.weights[households, None] * shares
        effective[areas] = clones.sum(axis=0) ** 2 / np.square(clones).sum(axis=0)
    errors = [np.abs(each / goals.value - 1) for each in (before, shared.estimates)]
    rows = []
    for number, name in enumerate([*districts, "all"]):
        own = goals.area == number if name != "all" else np.ones(goals.area.size, dtype=bool)
        medians = [f"{np.median(each[own]):.1%}" for each in errors]
        within = [f"{np.mean(each[own] <= 0.1):.0%}" for each in errors]
        size = effective[number] if name != "all" else np.median(effective)
        rows.append([name, str(own.sum()), *medians, *within, f"{size:,.0f}"])
    return rows


def _layout(connection: duckdb.DuckDBPyConnection) -> Layout:
    def table(sql: str) -> pa.Table:
        return connection.sql(sql).to_arrow_table()

    return laid_out(
        table("from build.cal_matrix order by target_index, household_index"),
        table(
            "select * replace (row_target as target_value) from build.cal_target "
            "order by target_index"
        ),
        table("from build.cal_household_index order by household_index"),
        table("from build.cal_control order by control_index"),
        table("from build.cal_control_matrix order by control_name, household_index"),
    )


def _page(measures: dict[str, str], rows: list[list[str]]) -> str:
    head = ["district", "facts", "median error before", "after", "within 10 % before", "after"]
    lines = ["# Local areas", "", "Printed by `python benchmarks/local_areas.py`.", ""]
    lines += ["| measure | value |", "| --- | ---: |"]
    lines += [f"| {name} | {value} |" for name, value in measures.items()]
    lines += [f"| {name} | {value} |" for name, value in _extremes(rows[:-1]).items()]
    lines += ["", "| " + " | ".join([*head, "effective records"]) + " |", "|" + " --- |" * 7]
    listed = rows if len(rows) <= MOST_LISTED else rows[-1:]
    lines += ["| " + " | ".join(row) + " |" for row in listed]
    return "\n".join(lines) + "\n"


def _extremes(rows: list[list[str]]) -> dict[str, str]:
    """Say how the worst of the districts came out."""
    errors = [float(row[3].rstrip("%")) for row in rows]
    sizes = [int(row[6].replace(",", "")) for row in rows]
    return {
        "worst median error of a district, after": f"{max(errors):.1f}%",
        "least effective records of a district": f"{min(sizes):,}",
    }


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    main()
