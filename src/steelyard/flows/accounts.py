"""What a panel's years add up to, beside them: finances of each imputation, and their balance."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from steelyard.flows.partitions import Store
from steelyard.panel.payments.finance import finances, joined_totals
from steelyard.panel.payments.outlook import fund_start, trustees_path
from steelyard.panel.payments.reform import Reform
from steelyard.panel.payments.trust_fund import actuarial_balance
from steelyard.panel.plan import Plan
from steelyard.warehouse.unfinished import workplace

FINANCE, BALANCE = "finance.parquet", "balance.parquet"


def write_accounts(root: Path, plan: Plan, reform: Reform | None = None) -> None:
    """Write ``finance.parquet`` and ``balance.parquet`` of each imputation of a panel.

    Parameters
    ----------
    root
        The panel's folder; files of an earlier, shorter panel are replaced.
    plan
        What it was aged by.
    reform
        For its payroll tax; None for present law.

    Raises
    ------
    AlteredPartitionError
        If a year's totals are missing or altered.
    NoSpaceError
        If the disk is full; earlier files stay.
    """
    store = Store(root)
    start = fund_start(plan.published, plan.base_year)
    trustees = trustees_path(plan.published, plan.scenario)
    for lane in sorted(root.glob("imputation=*")):
        imputation = int(lane.name.partition("=")[2])
        years = store.years(imputation)
        totals = joined_totals([store.read(imputation, year, "total") for year in years])
        found = finances(totals, plan.law, start=start, trustees=trustees, reform=reform)
        balance = pa.Table.from_pylist([actuarial_balance(found, start, trustees)._asdict()])
        with workplace(lane) as place:
            for name, table in ((FINANCE, found), (BALANCE, balance)):
                pq.write_table(table, place / name, compression="zstd")
                (place / name).replace(lane / name)
