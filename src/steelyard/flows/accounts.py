"""What a panel's years add up to, beside them: finances of each imputation, and their balance."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from steelyard.flows.beside import write_beside
from steelyard.flows.partitions import Store
from steelyard.panel.payments.finance import finances, joined_totals
from steelyard.panel.payments.outlook import fund_start, trustees_path
from steelyard.panel.payments.reform import Reform
from steelyard.panel.payments.trust_fund import Balance, actuarial_balance
from steelyard.panel.plan import Plan

FINANCE, BALANCE = "finance.parquet", "balance.parquet"


@dataclass(frozen=True)
class Accounts:
    """The finances of an imputation, and what is needed to balance them.

    Parameters
    ----------
    finance
        Of `steelyard.panel.payments.finance.finances`.
    plan
        What the panel was aged by.
    """

    finance: pa.Table
    plan: Plan

    @classmethod
    def of(cls, lane: Path, plan: Plan) -> "Accounts":
        """Read those that `write_accounts` has written."""
        return cls(pq.read_table(lane / FINANCE, partitioning=None), plan)

    def until(self, year: int) -> "Accounts":
        """Return those of the years up to one."""
        kept = self.finance.filter(pc.less_equal(self.finance["year"], year))
        return Accounts(kept, self.plan)

    @property
    def last_year(self) -> int:
        """The last year."""
        return int(pc.max(self.finance["year"]).as_py())

    @property
    def balance(self) -> Balance:
        """Its years in present values."""
        first = int(pc.min(self.finance["year"]).as_py())
        start = fund_start(self.plan.published, first - 1)
        trustees = trustees_path(self.plan.published, self.plan.scenario)
        return actuarial_balance(self.finance, start, trustees)


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
    trustees = trustees_path(plan.published, plan.scenario)
    for lane in sorted(root.glob("imputation=*")):
        imputation = int(lane.name.partition("=")[2])
        years = store.years(imputation)
        totals = joined_totals([store.read(imputation, year, "total") for year in years])
        start = fund_start(plan.published, int(totals["year"][0].as_py()))
        accounts = Accounts(
            finances(totals, plan.law, start=start, trustees=trustees, reform=reform), plan
        )
        write_beside(lane, {FINANCE: accounts.finance, BALANCE: accounts.balance.table()})
