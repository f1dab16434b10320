"""The draws of an Extended file: several completed copies of the same recipients."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace

import pandas as pd
import pyarrow as pa

from steelyard.impute.config import ImputeConfig
from steelyard.impute.imputer import ForestImputer


@dataclass(frozen=True)
class CopyPlan:
    """What is drawn for each copy.

    Parameters
    ----------
    key
        Column that identifies a recipient; draws belong to it.
    predictors
        Candidate predictors; those that a recipient table does not carry (absent, or null
        throughout) are left out of the model.
    targets
        Variables to draw, each from its own stream, each conditioning on those before.
    copies
        Identifiers of the copies; each is an independent draw.
    config
        Settings of the forests.
    """

    key: str
    predictors: tuple[str, ...]
    targets: tuple[str, ...]
    copies: tuple[int, ...] = (0, 1)
    config: ImputeConfig = field(default_factory=ImputeConfig)


def draw_copies(donors: pa.Table, recipients: pa.Table, plan: CopyPlan) -> pa.Table:
    """Draw every copy from its own implicate of the donors.

    A family that the donor survey completed several times is one family: each copy fits on one
    implicate, the copies take turns, and weights are those of a whole implicate.

    Parameters
    ----------
    donors
        One row a family and implicate, with ``dataset_id``, ``family_id``, ``implicate``,
        ``design_weight`` (which sums to the families over all implicates), predictors, targets.
    recipients
        One row a recipient, with the key and the predictors.
    plan
        What to draw.

    Returns
    -------
    Table of n_recipients × n_copies rows: key, ``copy_id``, the targets,
    ``donor_dataset_id`` and ``imputation_run_id`` (a hash of plan and donors' description).

    Raises
    ------
    ValueError
        If no predictor is carried by the recipients, or as `ForestImputer.fit` and `draw`.
    """
    carried = _carried(recipients, plan.predictors)
    families = donors.to_pandas()
    implicates = sorted(families["implicate"].unique())
    recipient = recipients.to_pandas()
    parts = []
    for position, copy_id in enumerate(plan.copies):
        implicate = implicates[position % len(implicates)]
        chosen = families[families["implicate"] == implicate].reset_index(drop=True)
        config = replace(plan.config, name=f"{plan.config.name}/{implicate}")
        fitted = ForestImputer(config).fit(chosen, carried, plan.targets, weight="design_weight")
        drawn = fitted.draw(recipient, seed=config.seed + copy_id, key=plan.key)
        drawn.insert(0, "copy_id", copy_id)
        drawn.insert(0, plan.key, recipient[plan.key])
        parts.append(drawn)
    result = pd.concat(parts, ignore_index=True)
    result["donor_dataset_id"] = families["dataset_id"].iloc[0]
    result["imputation_run_id"] = _run_id(plan, carried, implicates, len(families))
    return pa.Table.from_pandas(result, preserve_index=False)


def _carried(recipients: pa.Table, candidates: Sequence[str]) -> list[str]:
    carried = [
        name
        for name in candidates
        if name in recipients.column_names
        and recipients.column(name).null_count < max(recipients.num_rows, 1)
    ]
    if not carried:
        raise ValueError(f"recipients carry none of the predictors {', '.join(candidates)}")
    return carried


def _run_id(plan: CopyPlan, carried: list[str], implicates: list[int], rows: int) -> str:
    described = json.dumps(
        [asdict(plan), carried, [int(number) for number in implicates], rows], sort_keys=True
    )
    return hashlib.sha256(described.encode()).hexdigest()[:12]
