"""The draws of an Extended file: several completed copies of the same recipients."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from steelyard.impute.imputer import fit_model
from steelyard.impute.model import FittedModel
from steelyard.impute.runs import describe, with_run
from steelyard.impute.spec import ModelSpec

WEIGHT = "design_weight"


@dataclass(frozen=True)
class CopyPlan:
    """What is drawn for each copy.

    Parameters
    ----------
    spec
        The model. Its predictors are candidates: those that the recipients do not carry (absent,
        or null throughout) are left out, and so are targets that the donors do not carry.
    key
        Column that identifies a recipient; draws belong to it.
    companions
        Pairs of a variable and the target whose donor it is taken from: what belongs together in
        the donor stays together, at the price of no further draw.
    copies
        Identifiers of the copies; each is an independent draw. Recipients that say which copy
        they are of decide it instead.

    Raises
    ------
    ValueError
        If a companion is taken along with something that is not drawn, or is drawn itself.
    """

    spec: ModelSpec
    key: str
    companions: tuple[tuple[str, str], ...] = ()
    copies: tuple[int, ...] = (0, 1)

    def __post_init__(self) -> None:
        for variable, target in self.companions:
            if target not in self.spec.names:
                raise ValueError(
                    f"CopyPlan {self.spec.name!r}: {variable!r} is taken with {target!r}, which is "
                    f"not drawn; targets are {list(self.spec.names)}"
                )
            if variable in self.spec.names:
                raise ValueError(
                    f"CopyPlan {self.spec.name!r}: {variable!r} is drawn, and taken with {target!r}"
                )

    @property
    def variables(self) -> tuple[str, ...]:
        """Everything that is drawn or taken along, in order."""
        return (*self.spec.names, *(variable for variable, _ in self.companions))


def draw_copies(
    donors: pa.Table, recipients: pa.Table, plan: CopyPlan, anew: pa.Table | None = None
) -> pa.Table:
    """Draw every copy from its own implicate of the donors.

    A family that the donor survey completed several times is one family: each copy fits on one
    implicate, the copies take turns, and weights are those of a whole implicate.

    Parameters
    ----------
    donors
        One row a donor, in a fixed order, with ``dataset_id``, ``design_weight``, predictors and
        targets; and where the survey has them ``implicate`` (weights sum to the families over
        all implicates).
    recipients
        One row a recipient, with the key and the predictors; with ``copy_id`` too where what is
        known of a recipient differs between copies.
    plan
        What to draw.
    anew
        One row a recipient and copy of which something is known otherwise than the recipients
        say: the key, ``copy_id``, and predictors. None is nobody.

    Returns
    -------
    Table with a row for each recipient and copy: key, ``copy_id``, the variables (null where the
    donors do not carry one), ``donor_dataset_id`` and ``imputation_run_id`` (a hash of plan,
    donors and forests); it carries the run in its metadata (`steelyard.impute.runs`). Without
    donors, or without recipients, it has no rows.

    Raises
    ------
    ValueError
        If no predictor is carried by the recipients, or as `fit_model` and its draw.
    """
    if not donors.num_rows or not recipients.num_rows:
        return _no_draws(recipients, plan)
    known = carried(donors, recipients, plan)
    families, everybody = donors.to_pandas(), recipients.to_pandas()
    known_anew = None if anew is None else anew.to_pandas()
    if "implicate" not in families:
        families["implicate"] = 1
    implicates = sorted(families["implicate"].unique())
    fitted: dict[int, FittedModel] = {}
    parts = []
    copies = sorted(everybody["copy_id"].unique()) if "copy_id" in everybody else plan.copies
    for copy_id in map(int, copies):
        implicate = implicates[copy_id % len(implicates)]
        chosen = families[families["implicate"] == implicate].reset_index(drop=True)
        if implicate not in fitted:
            spec = replace(known.spec, name=f"{known.spec.name}/{implicate}")
            fitted[implicate] = fit_model(chosen, spec, WEIGHT)
        own = everybody[everybody["copy_id"] == copy_id] if "copy_id" in everybody else everybody
        own = _known_anew(own.reset_index(drop=True), known_anew, plan.key, copy_id)
        parts.append(_one_copy(chosen, own, fitted[implicate], known, copy_id))
    models = [fitted[implicate] for implicate in sorted(fitted)]
    run = describe(plan.spec.name, known, donors, models)
    origin = {"donor_dataset_id": families["dataset_id"].iloc[0], "imputation_run_id": run.run_id}
    result = _complete(pd.concat(parts, ignore_index=True).assign(**origin), plan)
    return with_run(pa.Table.from_pandas(result, preserve_index=False), run)


def _complete(result: pd.DataFrame, plan: CopyPlan) -> pd.DataFrame:
    """Add what the plan names and the donors do not carry, as null."""
    for place, variable in enumerate(plan.variables):
        if variable not in result:
            result.insert(2 + place, variable, pd.Series(None, dtype="Float64", index=result.index))
    return result


def _one_copy(
    donors: pd.DataFrame,
    recipients: pd.DataFrame,
    fitted: FittedModel,
    plan: CopyPlan,
    copy_id: int,
) -> pd.DataFrame:
    """Draw for one copy: its key, the targets, and what comes along with them."""
    seed = plan.spec.config.seed + copy_id
    if not plan.companions:
        drawn: pd.DataFrame = fitted.draw(recipients, seed=seed, key=plan.key)
    else:
        drawn, rows = fitted.draw_with_donors(recipients, seed=seed, key=plan.key)
        for variable, target in plan.companions:
            row = rows[:, plan.spec.names.index(target)]
            # A zero that is nobody's brings nothing along.
            drawn[variable] = np.where(row < 0, 0, donors[variable].to_numpy()[row])
    drawn.insert(0, "copy_id", copy_id)
    drawn.insert(0, plan.key, recipients[plan.key])
    return drawn


def _known_anew(
    recipients: pd.DataFrame, anew: pd.DataFrame | None, key: str, copy_id: int
) -> pd.DataFrame:
    """Put what a copy knows otherwise in the place of what recipients say."""
    if anew is None or anew.empty:
        return recipients
    own = anew[anew["copy_id"] == copy_id].drop(columns="copy_id").set_index(key)
    rows = recipients.set_index(key).index.get_indexer(own.index)
    changed: dict[str, NDArray[Any]] = {}
    for name in map(str, own.columns):
        values = recipients[name].to_numpy(copy=True)
        values[rows[rows >= 0]] = own[name].to_numpy()[rows >= 0]
        changed[name] = values
    return recipients.assign(**changed)


def _no_draws(recipients: pa.Table, plan: CopyPlan) -> pa.Table:
    """Return the table of draws without a row: nobody gives, or nobody asks."""
    kinds = {
        plan.key: recipients.schema.field(plan.key).type,
        "copy_id": pa.int64(),
        **{variable: pa.float64() for variable in plan.variables},
        "donor_dataset_id": pa.string(),
        "imputation_run_id": pa.string(),
    }
    return pa.schema(list(kinds.items())).empty_table()


def carried(donors: pa.Table, recipients: pa.Table, plan: CopyPlan) -> CopyPlan:
    """Leave out predictors that recipients do not carry, and variables that donors do not."""
    spec = plan.spec
    predictors = _known(recipients, spec.predictors)
    if not predictors:
        raise ValueError(f"recipients carry none of the predictors {', '.join(spec.predictors)}")
    variables = set(_known(donors, plan.variables))
    targets = tuple(target for target in spec.targets if target.name in variables)
    if not targets:
        raise ValueError(f"donors carry none of the targets {', '.join(spec.names)}")
    blocks = tuple(tuple(name for name in block if name in variables) for block in spec.blocks)
    return replace(
        plan,
        spec=replace(
            spec,
            predictors=predictors,
            targets=targets,
            blocks=tuple(block for block in blocks if block),
        ),
        companions=tuple(pair for pair in plan.companions if variables.issuperset(pair)),
    )


def _known(table: pa.Table, columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that a table has, and not null throughout."""
    return tuple(
        name
        for name in columns
        if name in table.column_names and table.column(name).null_count < table.num_rows
    )
