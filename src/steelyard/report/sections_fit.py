"""What the validation report says of the fit: by role, family, band of income, place and state."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from steelyard.report.document import Block, Figure, Section, Table, Words, records
from steelyard.report.figures import error_curves
from steelyard.report.figures_states import STATES as POSTAL
from steelyard.report.figures_states import error_map, level_map
from steelyard.report.questions import (
    AGREEMENT,
    BANDS,
    BY_FAMILY,
    BY_LEVEL,
    CURVES,
    PLACES,
    STATE_INCOME,
    STATES_ALONE,
    SUPPORT,
)
from steelyard.report.words import humane

#: Fitted figures that a band must have for a line of its own.
ENOUGH = 20
#: States that are named, the worst first.
NAMED = 10
#: Part of a state's income that one record should not carry.
HEAVY = 0.1
Manifest = Mapping[str, Any]
Answers = Mapping[str, pd.DataFrame]


def fit(_: Manifest, found: Answers) -> Sequence[Block]:
    """Show how near the weights come to published figures, those they were told and others."""
    blocks: list[Block] = [
        Figure(error_curves(found["curves"]), "target"),
        _fit_table(found["levels"], ("target_role", "geography_level"), ("role", "level")),
        _fit_table(found["families"], ("target_family", "target_role"), ("family", "role")),
        *_bands(found["bands"]),
        *_places(found["places"]),
    ]
    return blocks


def states(_: Manifest, found: Answers) -> Sequence[Block]:
    """Map the error of income, say how well states are told apart, and which hang on a record."""
    income = found["income"].dropna(subset=["error"])
    blocks: list[Block] = []
    if len(income):
        drawn = error_map(income, "Adjusted gross income", "after calibration")
        blocks.append(Figure(drawn, "val_state_figure"))
    blocks += [_agreement(found["agreement"]), *_alone(found["alone"], found["income"])]
    return blocks


def _agreement(found: pd.DataFrame) -> Table:
    rows = tuple(
        (
            row.target_family.replace("_", " "),
            f"{row.measures:,}",
            f"{row.initial_correlation:.3f}",
            f"{row.correlation:.3f}",
            f"{row.initial_error:.1%}",
            f"{row.error:.1%}",
        )
        for row in records(found)
    )
    columns = ("family", "measures", "r before", "r after", "error before", "error after")
    return Table(
        columns,
        rows,
        "Of each measure the correlation with the published figures per head, over states, and the "
        "median absolute error; of a family its middle measure · val_state_agreement",
        words=("family",),
        widths=(3, 1, 1, 1, 1.2, 1.2),
    )


def _bands(rows: pd.DataFrame) -> list[Block]:
    told = tuple(
        (
            _band(row.lower_bound, row.upper_bound),
            f"{row.fitted:,.0f}",
            humane(row.before_10, "share"),
            humane(row.within_10, "share"),
            f"{row.before_median:.2%}",
            f"{row.median_error:.2%}",
            f"{row.held_out:,.0f}",
            humane(row.held_out_within_10, "share") if row.held_out else "",
        )
        for row in records(rows[rows["fitted"] >= ENOUGH])
    )
    if not told:
        return []
    columns = (
        *("band of AGI", "fitted figures", "10% before", "10%", "median before", "median"),
        *("held out", "10% of these"),
    )
    return [
        Table(
            columns,
            told,
            f"Of bands with {ENOUGH} fitted figures or more that {SUPPORT} households or more bear "
            "on; bands overlap, since publishers cut incomes differently · val_target_group",
            words=("band of AGI",),
            widths=(2.4, 1, 1, 0.9, 1.1, 1, 0.9, 1),
        )
    ]


def _band(lower: float, upper: float) -> str:
    if pd.isna(lower):
        return f"below {humane(upper, 'USD')}"
    if pd.isna(upper):
        return f"{humane(lower, 'USD')} and more"
    return f"{humane(lower, 'USD')} to {humane(upper, 'USD')}"


def _places(rows: pd.DataFrame) -> list[Block]:
    """Map how many fitted figures of each state are near, and name the states that fare worst."""
    told = rows[rows["group_id"].isin(POSTAL) & (rows["fitted"] > 0)]
    if told.empty:
        return []
    drawn = level_map(
        told.rename(columns={"group_id": "geoid", "within_10": "value"})[["geoid", "value"]],
        "Fitted figures of a state within 10%",
        "share",
    )
    worst = told.nsmallest(NAMED, "within_10")
    named = ", ".join(
        f"{POSTAL[row.group_id]} {row.within_10:.0%} of {row.fitted:,.0f}" for row in records(worst)
    )
    held = told["held_out"].sum()
    words = f"The {len(worst)} states with fewest fitted figures within 10%: {named}."
    if held:
        near = (told["held_out_within_10"].fillna(0) * told["held_out"]).sum() / held
        words += (
            f" Of {held:,.0f} figures of states that were held out, {near:.0%} lie within 10%: "
            "a few for each state, too few to rank states by."
        )
    return [Figure(drawn, "val_target_group"), Words(words)]


def _alone(rows: pd.DataFrame, income: pd.DataFrame) -> list[Block]:
    """Name the states whose figures hang on one record."""
    known = income.dropna(subset=["heaviest_share"])
    heavy = known[known["heaviest_share"] >= HEAVY].sort_values("heaviest_share", ascending=False)
    names = ", ".join(
        f"{POSTAL.get(row.geoid, row.geoid)} {row.heaviest_share:.0%}" for row in records(heavy)
    )
    said = (
        f"States of whose adjusted gross income one record carries {HEAVY:.0%} or more: {names}."
        if names
        else f"Of no state does one record carry {HEAVY:.0%} of adjusted gross income."
    )
    told = tuple(
        (
            POSTAL.get(row.geoid, row.geoid),
            f"{row.figures:,}",
            f"{row.half:,}",
            f"{row.half / row.figures:.1%}",
        )
        for row in records(rows.head(NAMED))
    )
    columns = ("state", "figures", "on one record", "share")
    return [
        Words(said),
        Table(
            columns,
            told,
            f"The {len(told)} states with most figures of which one record carries half or more "
            "after weighing, mostly in bands of few returns · val_target_concentration, target",
            words=("state",),
        ),
    ]


def _fit_table(rows: pd.DataFrame, keys: tuple[str, str], names: tuple[str, str]) -> Table:
    told = tuple(
        (
            *(str(row[key]).replace("_", " ") for key in keys),
            f"{row['targets']:,.0f}",
            *(
                humane(row[name], "share")
                for name in ("before_10", "within_10", "within_5", "within_1")
            ),
            f"{row['before_median']:.2%}",
            f"{row['median_error']:.2%}",
        )
        for row in rows.to_dict("records")
    )
    columns = (*names, "figures", "10% before", "10%", "5%", "1%", "median before", "median")
    return Table(
        columns,
        told,
        f"Share of figures within 10, 5 and 1% after weighing, and the median absolute error; "
        f"those that {SUPPORT} households or more bear on · target",
        words=names,
        widths=(3.4, 1, 0.9, 1, 0.8, 0.8, 0.8, 1, 0.9) if names[0] == "family" else (),
    )


FIT = Section(
    "Fit to published figures",
    "fit",
    ("target", "val_target_group"),
    {
        "curves": CURVES,
        "levels": BY_LEVEL,
        "families": BY_FAMILY,
        "bands": BANDS,
        "places": PLACES,
    },
    fit,
)
STATES = Section(
    "States",
    "states",
    ("val_state_agreement", "val_state_figure", "val_target_concentration", "target"),
    {"agreement": AGREEMENT, "income": STATE_INCOME, "alone": STATES_ALONE},
    states,
)
