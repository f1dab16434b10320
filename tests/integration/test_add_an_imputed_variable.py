"""A variable is imputed because an entry of YAML says so: no module is written for it."""

from pathlib import Path

import duckdb
import pytest
from demo_project import run_here

pytestmark = pytest.mark.build

ENTRY = """
      - name: {name}
        description: {words}
        data_type: double
        config: {{meta: {{unit: USD, draw: {draw}}}}}
"""
RELEASED = """
      - name: debt
        description: All debts; part of net worth
        data_type: double
        config: {meta: {unit: USD}}
      - name: debt_origin
        description: How the amount came about
        data_type: varchar
"""


def insert(page: Path, after: str, entry: str) -> None:
    """Put an entry behind the last one whose text is given."""
    text = page.read_text(encoding="utf-8")
    place = text.index(after)
    page.write_text(text[:place] + entry.lstrip("\n") + text[place:], encoding="utf-8")


def drawn(project: Path, sql: str) -> list[tuple[object, ...]]:
    database = project / "build" / "demo" / "steelyard.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_an_entry_of_yaml_draws_a_variable_and_moves_no_other(copied: Path) -> None:
    known = "household_id, copy_id, business_income, capital_gains, net_worth, stock_assets"
    before = drawn(copied, f"select {known} from imp_scf order by all")
    folder = copied / "models" / "imputation"
    end = "      - name: donor_dataset_id\n"
    insert(
        folder / "_imp_scf__models.yml",
        end,
        ENTRY.format(name="debt", words="All debts", draw="{with: net_worth}")
        + ENTRY.format(
            name="retirement_withdrawals",
            words="Withdrawals",
            draw="{is_hurdle: true, at_least: 0}",
        ),
    )
    insert(folder / "_imputation__models.yml", "      - name: net_worth_origin\n", RELEASED)
    code, said = run_here(copied, "run", "--select", "imp_scf_draw", "imp_scf", "ext_household")
    assert code == 0, said
    assert drawn(copied, f"select {known} from imp_scf order by all") == before
    ((debts, withdrawals, missing),) = drawn(
        copied,
        "select count(*) filter (where debt > 0), "
        "count(*) filter (where retirement_withdrawals > 0), "
        "count(*) filter (where debt is null or retirement_withdrawals is null) from imp_scf",
    )
    assert debts > 0
    assert withdrawals > 0
    assert missing == 0
    # A balance sheet is one family's: its debts are those of its items.
    ((gap,),) = drawn(
        copied,
        "select max(abs(debt - mortgage_balance - other_real_estate_debt - credit_card_balance "
        "- auto_loan_balance - education_loan_balance - other_debt)) from imp_scf",
    )
    assert gap <= 2
    ((origins,),) = drawn(copied, "select list(distinct debt_origin) from ext_household")
    assert origins == ["imputed_demo_scf_2022"]
