"""What a calibration is asked to do, what it says on the way, and what it returns."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Mask = NDArray[np.bool_]

_LINKS = ("logit", "raking", "linear", "truncated_linear")
#: Links that know only these bounds, whatever was asked for.
_OWN_BOUNDS = {"raking": (0.0, np.inf), "linear": (-np.inf, np.inf)}


@dataclass(frozen=True)
class CalibrationConfig:
    """Settings of one calibration; hashable, so that a manifest can name it.

    Parameters
    ----------
    solver
        ``dual`` (generalised raking with soft or exact targets, Newton on the dual), ``adam``
        (gradient descent with dropout and early stopping), or ``auto``: ``dual`` unless dropout
        or no distance at all is asked for, which only ``adam`` offers.
    bounds
        Smallest and largest ratio of calibrated to initial weight, L < 1 < U; ``(0, inf)``
        leaves the ratios positive and otherwise free (raking).
    link
        How ratios answer to the targets' pull: ``logit``, smooth within ``bounds``;
        ``truncated_linear``, linear and cut off at ``bounds`` (``dual`` only); ``raking``
        (exponential) and ``linear`` (GREG, negative weights possible), which set ``bounds`` to
        (0, inf) and (-inf, inf). See `steelyard.calibrate.link`.
    distance_weight
        λ: what a unit of mean distance from the initial weights costs, against a unit of mean
        squared relative error. At 0.01 a coefficient of variation of 14 % in the ratios costs
        as much as a root mean squared error of 1 %. Free of population and number of targets.
    loss, huber_delta
        ``squared``, or ``huber``: squared up to a relative error of ``huber_delta`` and
        linear beyond, so that one broken target cannot dominate.
    scale_floor
        κ: no target is scaled by less than this share of the typical (median) ``|target|``.
    epochs, learning_rate, patience, dropout
        For ``adam``: most epochs; first step, in log ratio, decaying as a cosine; epochs without
        a better held-out loss (a better loss where nothing is held out) before stopping; share
        of weights left out of each training epoch, never of the answer.
    device
        Where ``adam`` computes: ``cpu``, ``cuda`` or ``cuda:1``.
    iterations, tolerance
        For ``dual``: most Newton steps; largest relative mismatch of any fitted target, against
        the exact optimum, at which to stop.
    settle
        For ``dual``: go on to the last digits, and round the multipliers, so that the answer is the
        same bit for bit wherever the solver began; see `steelyard.calibrate.settled`. ``adam``,
        whose answer has no such ground, then begins at the initial weights, whatever is given.
    record_every
        Epochs between two entries of the history, and two calls of ``progress``, in ``adam``.
    seed
        Seed of the dropout's own random stream.

    Raises
    ------
    ValueError
        If a setting is out of its range, or asks ``dual`` for what only ``adam`` does.
    """

    solver: Literal["auto", "adam", "dual"] = "auto"
    bounds: tuple[float, float] = (0.1, 10.0)
    link: Literal["logit", "raking", "linear", "truncated_linear"] = "logit"
    distance_weight: float = 0.01
    loss: Literal["squared", "huber"] = "squared"
    huber_delta: float = 0.5
    scale_floor: float = 1e-3
    epochs: int = 1000
    learning_rate: float = 0.1
    patience: int = 200
    dropout: float = 0.0
    iterations: int = 100
    tolerance: float = 1e-4
    settle: bool = False
    record_every: int = 10
    device: str = "cpu"
    seed: int = 0

    def __post_init__(self) -> None:
        own = _OWN_BOUNDS.get(self.link, self.bounds)
        object.__setattr__(self, "bounds", tuple(float(bound) for bound in own))
        lower, upper = self.bounds
        bounded = 0 <= lower < 1 < upper < np.inf
        unbounded = self.bounds == (0, np.inf) and self.link != "truncated_linear"
        rules = {
            f"solver is 'auto', 'adam' or 'dual', not {self.solver!r}": self.solver
            in ("auto", "adam", "dual"),
            f"loss is 'squared' or 'huber', not {self.loss!r}": self.loss in ("squared", "huber"),
            f"link is one of {', '.join(_LINKS)}, not {self.link!r}": self.link in _LINKS,
            f"bounds need 0 <= L < 1 < U, or are (0, inf): got {self.bounds}": bounded
            or unbounded
            or self.link == "linear",
            f"distance_weight >= 0, got {self.distance_weight}": 0 <= self.distance_weight < np.inf,
            f"huber_delta > 0, got {self.huber_delta}": self.huber_delta > 0,
            f"scale_floor > 0, got {self.scale_floor}": 0 < self.scale_floor < np.inf,
            f"learning_rate > 0, got {self.learning_rate}": 0 < self.learning_rate < np.inf,
            f"0 <= dropout < 1, got {self.dropout}": 0 <= self.dropout < 1,
            f"tolerance > 0, got {self.tolerance}": self.tolerance > 0,
            "epochs, patience, iterations and record_every are 1 or more": min(
                self.epochs, self.patience, self.iterations, self.record_every
            )
            >= 1,
        }
        broken = [rule for rule, holds in rules.items() if not holds]
        if self.solver == "dual" and self.adam_only:
            broken.append(f"solver 'dual' has no {self.adam_only}; use 'adam' or 'auto'")
        if self.solver == "adam" and self.link == "truncated_linear":
            broken.append("solver 'adam' finds no gradient at the bounds of 'truncated_linear'")
        if self.solver == "dual" and self.distance_weight == 0:
            broken.append("solver 'dual' needs distance_weight > 0; 1e-9 is exact for any purpose")
        if broken:
            raise ValueError("calibrate: " + "; ".join(broken))

    @property
    def adam_only(self) -> str:
        """What was asked for that only ``adam`` does, in words; empty if nothing was."""
        asked = {
            "dropout": self.dropout > 0,
            "solution without a distance": self.distance_weight == 0,
            f"solution on {self.device}": self.device != "cpu",
        }
        return " and ".join(name for name, is_asked in asked.items() if is_asked)


@dataclass(frozen=True)
class Progress:
    """How a calibration stands after an epoch (of ``adam``) or a Newton step (of ``dual``).

    Parameters
    ----------
    epoch
        Epochs or steps done; 0 is the initial weights.
    loss
        The objective over the fitted targets, distance included.
    held_out_loss
        Weighted mean loss of the held-out targets, without distance; NaN where none is held out.
    within_1, within_5, within_10
        Shares of fitted targets with a relative error of at most 1, 5 and 10 %.
    effective_sample_share
        Kish effective sample size, relative to that of the initial weights.
    """

    epoch: int
    loss: float
    held_out_loss: float
    within_1: float
    within_5: float
    within_10: float
    effective_sample_share: float

    def __str__(self) -> str:
        return (
            f"step {self.epoch}: loss {self.loss:.3g}, held out {self.held_out_loss:.3g}, within "
            f"1/5/10 %: {self.within_1:.1%}/{self.within_5:.1%}/{self.within_10:.1%}, effective "
            f"sample {self.effective_sample_share:.1%}"
        )


@dataclass(frozen=True)
class Calibration:
    """Calibrated weights and what they achieve.

    Parameters
    ----------
    weights
        ndarray of shape (n_households,), households represented.
    estimates
        ndarray of shape (n_targets,), ``matrix @ weights`` in each target's unit, for every
        target: fitted, held out or unsupported.
    relative_errors
        ndarray of shape (n_targets,), (estimate - target) / scale.
    shadow_prices
        ndarray of shape (n_targets,), derivative of the least loss with respect to the target,
        per unit of the target; 0 where it was not fitted. Large prices show which targets pull.
    fitted
        bool ndarray of shape (n_targets,): in the loss. The rest were held out, unsupported or
        without loss weight.
    history
        One `Progress` per recorded epoch, the initial weights first.
    diagnostics
        Plain numbers, lists and words; see `steelyard.calibrate.diagnostics`.
    reason
        Why the solver stopped, in words.
    multipliers
        ndarray of shape (n_targets,), the dual's y: ``start`` of a problem like this one.
    """

    weights: Vector
    estimates: Vector
    relative_errors: Vector
    shadow_prices: Vector
    fitted: Mask
    history: tuple[Progress, ...]
    diagnostics: dict[str, Any]
    reason: str
    multipliers: Vector
