"""What is imputed, read from the words that dbt has about a table of draws.

A variable of an imputation is one entry of YAML: the column of its table, with its type, unit and
meaning, and under ``config.meta.draw`` how it is drawn. What holds for the whole model stands in
the table's own ``config.meta.draw``. Nothing is said twice, and no module is written.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from steelyard.impute import ImputeConfig, ModelSpec, Target
from steelyard.impute.copies import CopyPlan

FOLDER = Path("models/imputation")
TOGETHER = "with"
#: Settings of a build, not of a model: they are given by whoever draws.
_GIVEN = {"name", "seed", "mode", "n_jobs", "memory_mib"}
_SETTINGS = {field.name for field in fields(ImputeConfig)} - _GIVEN
_OF_MODEL = {"key", "predictors", "mode", "blocks"} | _SETTINGS
_OF_TARGET = {field.name for field in fields(Target)} - {"name"}


class PlanError(ValueError):
    """The YAML of a table of draws says something that cannot be drawn."""


def read_plan(name: str, *, seed: int, folder: Path = FOLDER) -> CopyPlan:
    """Read what is drawn into a table, and how.

    Parameters
    ----------
    name
        The table; it is the model's name in every random stream.
    seed
        Seed of the build.
    folder
        Where the YAML files of such tables lie.

    Returns
    -------
    Variables are in the order of the columns: one conditions on those before it.

    Raises
    ------
    PlanError
        If there is no such table, it has no plan or draws nothing, a setting is unknown (the
        message names the nearest) or does not fit the others.
    """
    tables = _tables(folder)
    if name not in tables:
        raise PlanError(f"{folder}: no table {name!r}{_nearest(name, tables)}")
    place, table = tables[name]
    told = _draw(table)
    where = f"{place}: {name}"
    if told is None:
        raise PlanError(f"{where}: no `draw` under config.meta; say key and predictors there")
    _refuse_unknown(where, told, _OF_MODEL)
    for needed in ("key", "predictors"):
        if not told.get(needed):
            raise PlanError(f"{where}: `draw` lacks {needed!r}")
    columns = {
        str(column["name"]): asked
        for column in table.get("columns", [])
        if (asked := _draw(column)) is not None
    }
    if not columns:
        raise PlanError(f"{where}: no column has `draw` under config.meta; nothing is drawn")
    for column, asked in columns.items():
        _refuse_unknown(
            f"{where}.{column}", asked, {TOGETHER} if TOGETHER in asked else _OF_TARGET | {TOGETHER}
        )
    try:
        return _plan(name, seed, told, columns)
    except (TypeError, ValueError) as error:
        raise PlanError(f"{where}: {error}") from error


def planned(folder: Path = FOLDER) -> tuple[str, ...]:
    """Name every table that has a plan, in the order of the alphabet."""
    return tuple(
        sorted(name for name, (_, table) in _tables(folder).items() if _draw(table) is not None)
    )


def _plan(
    name: str, seed: int, told: Mapping[str, Any], columns: Mapping[str, Mapping[str, Any]]
) -> CopyPlan:
    settings = {key: value for key, value in told.items() if key in _SETTINGS}
    spec = ModelSpec(
        name=name,
        predictors=tuple(told["predictors"]),
        targets=tuple(
            Target(column, **asked) for column, asked in columns.items() if TOGETHER not in asked
        ),
        mode=told.get("mode", "sequential"),
        blocks=tuple(tuple(block) for block in told.get("blocks", ())),
        config=ImputeConfig(name=name, seed=seed, n_jobs=2, **settings),
    )
    return CopyPlan(
        spec,
        key=told["key"],
        companions=tuple(
            (column, asked[TOGETHER]) for column, asked in columns.items() if TOGETHER in asked
        ),
    )


def _tables(folder: Path) -> dict[str, tuple[Path, Mapping[str, Any]]]:
    """Find each table that the YAML files of a folder describe."""
    return {
        str(table["name"]): (path, table)
        for path in sorted(folder.glob("*.yml"))
        for table in _described(path)
    }


def _described(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        text = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader) or {}
    except yaml.YAMLError as error:
        raise PlanError(f"{path}: no YAML: {error}") from error
    yield from text.get("models") or ()


def _draw(described: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what is said of drawing, or None where nothing is; an empty saying is one."""
    meta = (described.get("config") or {}).get("meta") or {}
    return (meta["draw"] or {}) if "draw" in meta else None


def _refuse_unknown(where: str, told: Mapping[str, Any], known: Iterable[str]) -> None:
    listed = sorted(known)
    for setting in told:
        if setting not in listed:
            raise PlanError(
                f"{where}: unknown setting {setting!r}{_nearest(setting, listed)}; "
                f"known are {', '.join(listed)}"
            )


def _nearest(sought: str, names: Iterable[str]) -> str:
    near = get_close_matches(sought, list(names), n=1, cutoff=0)
    return f" (nearest: {near[0]!r})" if near else ""
