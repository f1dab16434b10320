"""What the demo world knows of the households that its CPS meets, and the CPS does not ask."""

import numpy as np
import pyarrow as pa

from steelyard.sources.demo.asec_sample import BASE_VINTAGE, blocks
from steelyard.sources.demo.draws import Columns
from steelyard.sources.demo.population import Population
from steelyard.sources.demo.scf import flows
from steelyard.sources.demo.wealth import balance

#: Variables as the build names them, and the SCF items that they gather.
ITEMS = {
    "auto_loan_balance": ("VEH_INST",),
    "bank_account_assets": ("LIQ", "CDS"),
    "bond_assets": ("BOND",),
    "business_assets": ("BUS",),
    "credit_card_balance": ("CCBAL",),
    "education_loan_balance": ("EDN_INST",),
    "home_value": ("HOUSES",),
    "mortgage_balance": ("MRTHEL",),
    "retirement_account_assets": ("RETQLIQ",),
    "stock_assets": ("STOCKS", "NMMF"),
    "vehicle_assets": ("VEHIC",),
}
FLOWS = {
    "business_income": "BUSSEFARMINC",
    "interest_dividend_income": "INTDIVINC",
    "capital_gains": "KGINC",
}


def household_truth(households: int, seed: int) -> pa.Table:
    """Tell what each household of the base CPS has: incomes, possessions and debts.

    Parameters
    ----------
    households, seed
        Of the world, as for `write_survey`.

    Returns
    -------
    Table with a row for each interviewed household, in order: ``household_id`` (the CPS's number)
    and, in dollars of the base year, what a donor survey with perfect answers would say.
    """
    parts = [
        {"household_id": block.interviewed} | _known(block.world)
        for block in blocks(BASE_VINTAGE, households, seed)
    ]
    return pa.table({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


def _known(world: Population) -> Columns:
    owned = world.owned
    everybody = np.arange(len(world.home["age"]))
    told = flows(world, everybody, owned)
    return {
        **{name: np.asarray(told[item], dtype=np.float64) for name, item in FLOWS.items()},
        "net_worth": balance(owned)["NETWORTH"],
        **{
            name: np.asarray(sum(owned[item] for item in items), dtype=np.float64)
            for name, items in ITEMS.items()
        },
    }
