"""What a reform changes, beside a baseline: finances of every year, benefits at the end."""

from pathlib import Path

import pyarrow as pa

from steelyard.flows.accounts import Accounts
from steelyard.flows.beside import write_beside
from steelyard.flows.partitions import Store
from steelyard.panel.payments.reform_effects import (
    balance_difference,
    finance_difference,
    winners_and_losers,
)
from steelyard.panel.plan import Plan
from steelyard.warehouse.stage import tell

EFFECT, BALANCES, WINNERS = "effect.parquet", "balances.parquet", "winners.parquet"


def write_effect(baseline: Path, reform: Path, plan: Plan, year: int) -> None:
    """Write what a reform changes beside its years, and tell of it.

    ``effect.parquet`` has finances year by year, ``balances.parquet`` their present values and
    ``winners.parquet`` whose benefits change in the last year. An imputation that one of the
    panels lacks is left out; one of fewer years is compared as far as it goes.

    Parameters
    ----------
    baseline, reform
        Folders of two panels on the same random numbers, with their accounts.
    plan
        What either was aged by: the published paths are the same.
    year
        The last one that is compared; benefits by person are those of it.

    Raises
    ------
    AlteredPartitionError
        If a year is missing or altered.
    NoSpaceError
        If the disk is full; earlier files stay.
    """
    for lane in sorted(reform.glob("imputation=*")):
        other = baseline / lane.name
        if not other.is_dir():
            continue
        accounts = [Accounts.of(each, plan) for each in (other, lane)]
        last = min(year, *(each.last_year for each in accounts))
        before, after = (each.until(last) for each in accounts)
        finance = finance_difference(before.finance, after.finance)
        balances = balance_difference(before.balance, after.balance)
        imputation = int(lane.name.partition("=")[2])
        winners = _winners(Store(baseline), Store(reform), imputation, last)
        write_beside(lane, {EFFECT: finance, BALANCES: balances, WINNERS: winners})
        tell(_in_words(imputation, finance, balances))


def _winners(before: Store, after: Store, imputation: int, year: int) -> pa.Table:
    found = winners_and_losers(
        after.read(imputation, year, "person"),
        before.read(imputation, year, "benefit"),
        after.read(imputation, year, "benefit"),
    )
    years = pa.repeat(pa.scalar(year, pa.int16()), found.num_rows)
    return found.add_column(0, "year", years)


def _in_words(imputation: int, finance: pa.Table, balances: pa.Table) -> str:
    last, balance = finance.slice(finance.num_rows - 1).to_pylist()[0], balances.to_pylist()[0]
    return (
        f"imputation {imputation}: in {last['year']} the reform moves the cost rate by "
        f"{last['cost_rate_change']:+.2f} points of taxable payroll and the income rate by "
        f"{last['income_rate_change']:+.2f}; the actuarial balance of {balance['first_year']} to "
        f"{balance['last_year']} from {balance['baseline_actuarial_balance']:.2f} to "
        f"{balance['reform_actuarial_balance']:.2f} percent"
    )
