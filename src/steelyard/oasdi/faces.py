"""The engine as a function of tables: Arrow in, Arrow out, so that SQL stands on both sides."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from steelyard.oasdi.checks import BadInput
from steelyard.oasdi.dates import NEVER, month
from steelyard.oasdi.families import benefits
from steelyard.oasdi.money import from_dimes
from steelyard.oasdi.parameters import Parameters, Scenario
from steelyard.oasdi.people import People, Ties
from steelyard.oasdi.recomputed import recomputed
from steelyard.oasdi.tables import default_parameters

Integers = NDArray[np.int64]

ASKED_COLUMNS = ("person_id", "benefit_year", "benefit_month")
HISTORY_COLUMNS = ("person_id", "earnings_year", "covered_earnings")
PERSON_COLUMNS = (
    "person_id",
    "birth_year",
    "birth_month",
    "birth_day",
    "claim_year",
    "claim_month",
    "onset_year",
    "onset_month",
    "death_year",
    "death_month",
)


def parameters_from_seeds(
    seeds: Mapping[str, pa.Table], scenario: Scenario = "intermediate"
) -> Parameters:
    """Return parameters from the seed tables ``params_ssa_<name>`` of a warehouse.

    The same rows as the package's own; a warehouse may hold others.
    """
    columns = {name.removeprefix("params_ssa_"): table.to_pydict() for name, table in seeds.items()}
    return Parameters.from_tables(columns, scenario)


def own_benefits(
    persons: pa.Table,
    histories: pa.Table,
    *,
    benefit_year: int,
    benefit_month: int = 12,
    parameters: Parameters | None = None,
) -> pa.Table:
    """Return one row a person with AIME, PIA, family maximum and own benefit for one month.

    `own_benefits_in` with the same month for everybody; ordered as `persons`.
    """
    size = persons.num_rows
    asked = pa.table(
        {
            "person_id": persons["person_id"],
            "benefit_year": np.full(size, benefit_year, np.int64),
            "benefit_month": np.full(size, benefit_month, np.int64),
        }
    )
    return own_benefits_in(asked, persons, histories, parameters=parameters)


def own_benefits_in(
    asked: pa.Table,
    persons: pa.Table,
    histories: pa.Table,
    *,
    parameters: Parameters | None = None,
) -> pa.Table:
    """Return AIME, PIA, family maximum and own benefit for each person and month asked for.

    Parameters
    ----------
    asked
        One row a person and month: the columns `ASKED_COLUMNS`.
    persons
        One row a person: the columns `PERSON_COLUMNS`; years and months of what did not happen are
        null, and so is an unknown day of birth.
    histories
        One row a person and year: the columns `HISTORY_COLUMNS`, nominal dollars a year.

    Returns
    -------
    pyarrow.Table
        ``person_id``, ``benefit_year``, ``benefit_month``, ``eligibility_year``,
        ``is_fully_insured``, ``average_indexed_earnings``, ``primary_insurance_amount``,
        ``family_maximum``, ``benefit_before_rounding`` (to the dime) and ``own_benefit`` (as paid),
        dollars a month, and ``reason``, null unless the person could not be computed; ordered as
        `asked`.

    Raises
    ------
    BadInput
        If a column is missing, a row belongs to nobody in `persons`, or a person and year come
        twice.
    """
    _require_columns(asked, ASKED_COLUMNS, "months asked for")
    people = _people(persons, histories)
    when = month(asked["benefit_year"].to_numpy(), asked["benefit_month"].to_numpy())
    keys = asked["person_id"].to_numpy(zero_copy_only=False)
    row = _rows_of(np.asarray(people.names()), keys, "months asked for")
    parts, places = [], []
    for each in np.unique(when):
        chosen = np.flatnonzero(when == each)
        parts.append(_month_of(people.take(row[chosen]), int(each), parameters))
        places.append(chosen)
    if not parts:
        raise BadInput("months asked for: there are no rows")
    computed = pa.concat_tables(parts).take(pa.array(np.argsort(np.concatenate(places))))
    columns = {name: asked[name] for name in ASKED_COLUMNS}
    return pa.table(columns | {name: computed[name] for name in computed.column_names})


def _month_of(people: People, when: int, parameters: Parameters | None) -> pa.Table:
    empty = np.zeros(0, np.int64)
    result = benefits(
        people,
        Ties(empty, empty, empty, empty),
        month=when,
        parameters=parameters,
        on_error="reason",
    )
    own, reasons = result.records, result.person_reasons
    return pa.table(
        {
            "eligibility_year": own.eligibility_year,
            "is_fully_insured": own.is_fully_insured,
            "average_indexed_earnings": own.aime,
            "primary_insurance_amount": from_dimes(own.pia),
            "family_maximum": from_dimes(own.maximum),
            "benefit_before_rounding": result.own,
            "own_benefit": result.total,
            "reason": pa.array([reason or None for reason in reasons], pa.string()),
        }
    )


def _people(persons: pa.Table, histories: pa.Table) -> People:
    _require_columns(persons, PERSON_COLUMNS, "persons")
    _require_columns(histories, HISTORY_COLUMNS, "histories")
    keys = persons["person_id"].to_numpy(zero_copy_only=False)
    earnings, first = _wide(keys, histories)
    day = persons["birth_day"].fill_null(15).to_numpy()
    born = month(persons["birth_year"].to_numpy(), persons["birth_month"].to_numpy())
    return People(
        earnings,
        first,
        born - (day == 1),
        claim=_months(persons, "claim"),
        onset=_months(persons, "onset"),
        death=_months(persons, "death"),
        keys=keys,
    )


def _require_columns(table: pa.Table, needed: tuple[str, ...], name: str) -> None:
    missing = [column for column in needed if column not in table.column_names]
    if missing:
        raise BadInput(f"{name}: columns missing: {', '.join(missing)}")


def _months(persons: pa.Table, event: str) -> Integers:
    year = persons[f"{event}_year"].fill_null(0).to_numpy()
    of_year = persons[f"{event}_month"].fill_null(1).to_numpy()
    happened = persons[f"{event}_year"].is_valid().to_numpy(zero_copy_only=False)
    return np.where(happened, month(year, of_year), NEVER)


def _wide(keys: NDArray[np.generic], histories: pa.Table) -> tuple[NDArray[np.float64], int]:
    """Return earnings of shape (n, years), zero where no row is, and the first year."""
    year = histories["earnings_year"].to_numpy().astype(np.int64)
    person = histories["person_id"].to_numpy(zero_copy_only=False)
    if year.size == 0:
        raise BadInput("histories: there are no rows")
    row = _rows_of(keys, person, "histories")
    first = int(year.min())
    cell = row * (int(year.max()) - first + 1) + year - first
    if np.unique(cell).size < cell.size:
        raise BadInput("histories: a person and year come more than once; add them up first")
    earnings = np.zeros((keys.size, int(year.max()) - first + 1))
    earnings[row, year - first] = histories["covered_earnings"].to_numpy()
    return earnings, first


def _rows_of(
    keys: NDArray[np.generic], wanted: NDArray[np.generic], name: str
) -> NDArray[np.int64]:
    """Return the row of `keys` that each of `wanted` stands in, refusing what stands in none."""
    order = np.argsort(keys, kind="stable")
    place = np.minimum(np.searchsorted(keys, wanted, sorter=order), keys.size - 1)
    row = order[place]
    unknown = np.asarray(keys[row] != wanted)
    if unknown.any():
        raise BadInput(
            f"{name}: {int(unknown.sum())} row(s) of nobody in persons, first "
            f"{wanted[unknown][:3].tolist()}; add the persons or drop the rows"
        )
    return row


def automatic_amounts(parameters: Parameters | None = None) -> pa.Table:
    """Return every automatic amount of the law by year, published and by its formula.

    Returns
    -------
    pyarrow.Table
        ``parameter``, ``year``, ``amount`` (published, or computed where it is not),
        ``computed_amount`` (by the law's formula from the wage index, null for years that it does
        not set) and ``is_projected``; ordered by parameter and year.

    Notes
    -----
    The formulas, with their sections of the law, are those of `steelyard.oasdi.projection`.
    """
    law = parameters or default_parameters()
    parts = []
    for name, (series, computed) in sorted(recomputed(law).items()):
        years = np.arange(series.first, series.last + 1)
        formula = [computed.get(int(year)) for year in years]
        parts.append(
            pa.table(
                {
                    "parameter": np.repeat(name, years.size),
                    "year": years,
                    "amount": series.values,
                    "computed_amount": pa.array(formula, pa.int64()),
                    "is_projected": series.is_projected(years),
                }
            )
        )
    return pa.concat_tables(parts)
