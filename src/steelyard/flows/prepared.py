"""A panel that can be aged, and how far it is to be."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from steelyard.flows.partitions import PanelError
from steelyard.flows.worker import Steps
from steelyard.warehouse.rooms import code_hash
from steelyard.warehouse.stage import environment_hash, table_hash


class Plan(Protocol):
    """What a plan must tell of itself; `steelyard.panel.plan` has the rest."""

    @property
    def base_year(self) -> int:
        """The year of the cross-section."""

    @property
    def key(self) -> str:
        """The same for plans that age alike, and for no others."""


@dataclass(frozen=True, eq=False)
class Panel:
    """A panel that is to be aged.

    Parameters
    ----------
    panels
        Folder of all panels of a build, ``panels/<target>``.
    base
        Tables that it begins with.
    plan
        What it is aged by.
    steps
        The functions that make its years.
    said
        What the manifest says of it, beside names; part of its name, but for the release.
    """

    panels: Path
    base: Mapping[str, pa.Table]
    plan: Plan
    steps: Steps
    said: Mapping[str, Any]

    @cached_property
    def key(self) -> str:
        """Hash of what all years share: base, plan, code and libraries."""
        told = {
            "base": {name: table_hash(table) for name, table in sorted(self.base.items())},
            "plan": self.plan.key,
            "code": code_hash((self.steps.begin, self.steps.age)),
            "libraries": environment_hash(),
            # A release of the same persons is another as soon as it tells of their panel.
            "said": {name: said for name, said in self.said.items() if name != "release"},
        }
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    @property
    def name(self) -> str:
        """The folder's name: the base year, and a part of the key."""
        return f"{self.plan.base_year}-{self.key[:10]}"


@dataclass(frozen=True)
class Extent:
    """How far a panel is to be aged.

    Parameters
    ----------
    to
        The last year.
    imputations
        How many, from 1 on.
    side_by_side
        Imputations that are aged at once; each is a process of its own.
    again_from
        Years from this one on are made anew.
    retry_seconds
        How long to wait before a year whose process was lost is tried once more.
    """

    to: int
    imputations: int = 1
    side_by_side: int = 1
    again_from: int | None = None
    retry_seconds: float = 5.0

    def refuse_empty(self, first: int) -> None:
        """Refuse to age a panel that begins with the year ``first`` not at all.

        Raises
        ------
        PanelError
            If there would be no year after it, or no imputation.
        """
        if self.to <= first or self.imputations < 1 or self.side_by_side < 1:
            raise PanelError(
                f"a panel that begins with {first} ends after it, and has an imputation or more; "
                f"asked for were {self.imputations} to {self.to}, {self.side_by_side} side by side"
            )
