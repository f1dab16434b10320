"""What a reform changes, beside a baseline: finances of every year, benefits at the end."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from steelyard.flows.accounts import BALANCE, FINANCE
from steelyard.flows.partitions import Store
from steelyard.panel.payments.reform_effects import finance_difference, winners_and_losers
from steelyard.warehouse.stage import tell
from steelyard.warehouse.unfinished import workplace

EFFECT, WINNERS = "effect.parquet", "winners.parquet"


def write_effect(baseline: Path, reform: Path, year: int) -> None:
    """Write ``effect.parquet`` and ``winners.parquet`` beside a reform's years, and tell of them.

    Parameters
    ----------
    baseline, reform
        Folders of two panels on the same random numbers, with their accounts.
    year
        Whose benefits are compared by person; finances are compared in all years of both.

    Raises
    ------
    AlteredPartitionError
        If a year is missing or altered.
    NoSpaceError
        If the disk is full; earlier files stay.
    """
    before, after = Store(baseline), Store(reform)
    for lane in sorted(reform.glob("imputation=*")):
        imputation = int(lane.name.partition("=")[2])
        other = baseline / lane.name
        finance = finance_difference(
            *(_until(pq.read_table(each / FINANCE), year) for each in (other, lane))
        )
        winners = winners_and_losers(
            after.read(imputation, year, "person"),
            before.read(imputation, year, "benefit"),
            after.read(imputation, year, "benefit"),
        )
        with workplace(lane) as place:
            for name, table in ((EFFECT, finance), (WINNERS, winners)):
                pq.write_table(table, place / name, compression="zstd")
                (place / name).replace(lane / name)
        balances = [pq.read_table(each / BALANCE) for each in (other, lane)]
        tell(_in_words(imputation, finance, balances))


def _until(finance: pa.Table, year: int) -> pa.Table:
    return finance.filter(pc.less_equal(finance["year"], year))


def _in_words(imputation: int, finance: pa.Table, balances: list[pa.Table]) -> str:
    last: Mapping[str, Any] = finance.slice(finance.num_rows - 1).to_pylist()[0]
    old, new = (balance["actuarial_balance"][0].as_py() for balance in balances)
    return (
        f"imputation {imputation}: in {last['year']} the reform moves the cost rate by "
        f"{last['cost_rate_change']:+.2f} points of taxable payroll and the income rate by "
        f"{last['income_rate_change']:+.2f}; the actuarial balance from {old:.2f} to {new:.2f} "
        "percent"
    )
