"""What an imputation model draws, and how: one frozen record a variable, one a model."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import isfinite
from typing import Literal, get_args

from steelyard.impute.config import ImputeConfig

Kind = Literal["amount", "category"]
ModelMode = Literal["sequential", "joint", "copula"]


@dataclass(frozen=True)
class Target:
    """How one variable is drawn.

    Parameters
    ----------
    name
        Column of the donors.
    kind
        ``"amount"``: a number, ranked. ``"category"``: a code, number or string, that is never
        ranked or rounded; a class forest splits it.
    is_hurdle
        Draw {negative, zero, positive} first, by a class forest whose zero share is that of the
        donors, then the amount among donors of that class.
    only_if
        A predictor or earlier target. Where it is 0 the value is a logical zero, and donors for
        whom it is 0 are not used.
    at_least
        Least value, in the target's unit.
    at_most
        Greatest value: a number, or the predictor that holds each record's cap.
    total
        A predictor or earlier target that the targets naming it sum to.

    Raises
    ------
    ValueError
        If the settings contradict each other; the message names target and setting.
    """

    name: str
    kind: Kind = "amount"
    is_hurdle: bool = False
    only_if: str | None = None
    at_least: float | None = None
    at_most: float | str | None = None
    total: str | None = None

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("Target: name is empty; it must be a column of the donors")
        if self.kind not in get_args(Kind):
            raise self._wrong(f"kind is {self.kind!r}, not one of {get_args(Kind)}")
        if self.kind == "category":
            for setting in ("is_hurdle", "at_least", "at_most", "total"):
                given = getattr(self, setting)
                if given is not None and given is not False:
                    raise self._wrong(f"{setting} is for amounts, but its kind is 'category'")
        for setting in ("only_if", "at_most", "total"):
            if getattr(self, setting) in (self.name, ""):
                raise self._wrong(f"{setting} must name another column")
        for setting in ("at_least", "at_most"):
            bound = getattr(self, setting)
            if isinstance(bound, int | float) and not isfinite(bound):
                raise self._wrong(f"{setting} is {bound}; leave it out where there is no bound")
        if (
            self.at_least is not None
            and isinstance(self.at_most, int | float)
            and self.at_least > self.at_most
        ):
            raise self._wrong(f"at_least {self.at_least:g} exceeds at_most {self.at_most:g}")

    def _wrong(self, problem: str) -> ValueError:
        return ValueError(f"Target {self.name!r}: {problem}")


@dataclass(frozen=True)
class ModelSpec:
    """One imputation model: predictors that donors and recipients share, and what is drawn.

    Parameters
    ----------
    name
        Name of the model, part of every random stream (it stands in for ``config.name``).
    predictors
        Numeric columns of donors and recipients.
    targets
        What is drawn, in order.
    mode
        ``"sequential"``: a block for each target. ``"joint"``: one block, whole donor vectors.
        ``"copula"``: each target by the rank of its distribution given the predictors, ranks
        dependent as the donors' are. It stands in for ``config.mode``.
    blocks
        Names of the targets, partitioned: those of one block come from one donor, and each
        block conditions on those before it. Empty: as the mode says.
    config
        How forests are grown.

    Raises
    ------
    ValueError
        If names repeat or are unknown, blocks are no partition of the targets, or a target's
        settings do not fit its block; the message names what and where.
    """

    name: str
    predictors: tuple[str, ...]
    targets: tuple[Target, ...]
    mode: ModelMode = "sequential"
    blocks: tuple[tuple[str, ...], ...] = ()
    config: ImputeConfig = field(default_factory=ImputeConfig)

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("ModelSpec: name is empty; it keeps the streams of two models apart")
        if self.mode not in get_args(ModelMode):
            raise self._wrong(f"mode is {self.mode!r}, not one of {get_args(ModelMode)}")
        if not self.predictors or not self.targets:
            raise self._wrong("name at least one predictor and one target")
        names = [*self.predictors, *self.names]
        if repeated := _repeated(names):
            raise self._wrong(f"{repeated} named more than once among {names}")
        if self.blocks:
            self._check_blocks()
        for block in self.order:
            self._check_block(block)
        self._check_columns()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the targets, in order."""
        return tuple(target.name for target in self.targets)

    @property
    def order(self) -> tuple[tuple[Target, ...], ...]:
        """The blocks, in the order drawn."""
        if self.blocks:
            by_name = {target.name: target for target in self.targets}
            return tuple(tuple(by_name[name] for name in block) for block in self.blocks)
        if self.mode == "joint":
            return (self.targets,)
        return tuple((target,) for target in self.targets)

    @property
    def in_order(self) -> tuple[Target, ...]:
        """The targets, in the order drawn."""
        return tuple(target for block in self.order for target in block)

    def target(self, name: str) -> Target:
        """Return the target of a name; raise a ValueError that lists the targets if unknown."""
        for target in self.targets:
            if target.name == name:
                return target
        raise self._wrong(f"[{name!r}] are not among the targets {list(self.names)}")

    def hangs_on(self, name: str) -> tuple[str, ...]:
        """Return what must be known to make a target feasible, in no particular order.

        Its condition, its total, and the other components of that total.
        """
        target = self.target(name)
        named = [column for column in (target.only_if, target.total) if column is not None]
        if target.total is not None:
            named += [one.name for one in self.targets if one.total == target.total]
        return tuple(other for other in dict.fromkeys(named) if other != name)

    def _check_blocks(self) -> None:
        if self.mode == "copula":
            raise self._wrong("blocks and mode 'copula' exclude each other; leave one out")
        named = [name for block in self.blocks for name in block]
        if repeated := _repeated(named):
            raise self._wrong(f"blocks name {repeated} more than once")
        if set(named) != set(self.names) or not all(self.blocks):
            missing, unknown = set(self.names) - set(named), set(named) - set(self.names)
            raise self._wrong(
                f"blocks must name every target once and none may be empty; missing: "
                f"{sorted(missing)}, no targets: {sorted(unknown)}"
            )

    def _check_block(self, block: tuple[Target, ...]) -> None:
        names = [target.name for target in block]
        conditions = {target.only_if for target in block}
        if len(conditions) > 1:
            told = sorted(str(condition) for condition in conditions)
            raise self._wrong(
                f"targets {names} come from one donor but have different only_if ({told}); "
                "give them blocks of their own"
            )
        hurdles = [target.name for target in block if target.is_hurdle]
        if len(block) > 1 and hurdles:
            raise self._wrong(
                f"hurdle {hurdles} shares the block {names}: values of one donor bring their "
                "zeros along; leave is_hurdle out or give it a block of its own"
            )
        categories = [target.name for target in block if target.kind == "category"]
        if self.mode == "copula" and categories:
            raise self._wrong(
                f"categories {categories} have no ranks for mode 'copula'; draw them in a "
                "sequential or joint model and pass them on as predictors"
            )

    def _check_columns(self) -> None:
        """Check that what a target refers to is known when it is drawn."""
        known = set(self.predictors)
        for block in self.order:
            for target in block:
                for setting in ("only_if", "total"):
                    column = getattr(target, setting)
                    if column is not None and column not in known:
                        raise self._wrong(
                            f"{setting} of {target.name!r} is {column!r}, neither a predictor "
                            "nor a target of an earlier block"
                        )
                if isinstance(target.at_most, str) and target.at_most not in self.predictors:
                    raise self._wrong(
                        f"at_most of {target.name!r} is {target.at_most!r}, not a predictor"
                    )
            known |= {target.name for target in block}

    def _wrong(self, problem: str) -> ValueError:
        return ValueError(f"ModelSpec {self.name!r}: {problem}")


def _repeated(names: Iterable[str]) -> list[str]:
    listed = list(names)
    return sorted({name for name in listed if listed.count(name) > 1})
