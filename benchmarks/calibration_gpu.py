"""Time Adam on a graphics processor beside the floor that its memory sets.

Run ``python benchmarks/calibration_gpu.py`` where PyTorch finds a GPU; elsewhere the script says
that there is none and stops (``--device cpu --households 3000`` tries it without). Two problems,
150,000 households and ten times as many, of 7,132 targets and 280 non-zeros a household: most
households count towards the targets of their state, their income band and their ages. An epoch
reads value and column of every non-zero twice, once for the estimates and once for their gradient;
the floor is those bytes over the bandwidth of copying 1 GiB on the same device. The table is
printed and, after a run on a GPU, written to ``benchmarks/results/calibration_gpu.md``.
"""

import argparse
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch
from scipy import sparse

from steelyard.calibrate import CalibrationConfig
from steelyard.calibrate.adam import solve_adam
from steelyard.calibrate.inputs import checked
from steelyard.calibrate.problem import Problem, problem_from

RESULTS = Path(__file__).parent / "results" / "calibration_gpu.md"
TARGETS, NONZEROS, EPOCHS = 7_132, 280, 200
FEW = 20


def problem(households: int) -> Problem:
    """Make a problem in the shape of the real work; none of its totals is a sum of others."""
    random = np.random.default_rng(households)
    # The first rows are heavy (national totals), the last light (a state's band).
    share = random.beta(0.6, 2.0, (households, NONZEROS)) * TARGETS
    columns = np.sort(share.astype(np.int32), axis=1)
    values = random.lognormal(0.0, 1.0, columns.size).astype(np.float32)
    starts = np.arange(0, columns.size + 1, NONZEROS)
    matrix = sparse.csr_array((values, columns.ravel(), starts), shape=(households, TARGETS))
    matrix.sum_duplicates()
    weights = random.uniform(50, 150, households)
    targets = np.asarray(matrix.T @ (weights * random.lognormal(0.0, 0.3, households)))
    config = CalibrationConfig(
        solver="adam", epochs=EPOCHS, record_every=EPOCHS, patience=EPOCHS, learning_rate=0.05
    )
    inputs = checked(matrix.T.tocsr(), targets, weights, config, {})
    return problem_from(inputs, config, np.float32)


def seconds_of(made: Problem, epochs: int) -> float:
    """Time a descent, everything on the device done."""
    config = replace(made.config, epochs=epochs, record_every=epochs, patience=epochs)
    started = time.perf_counter()
    solve_adam(replace(made, config=config), None)
    _wait(made.weight_shares.device)
    return time.perf_counter() - started


def bandwidth(device: str) -> float:
    """Return bytes a second of copying 1 GiB on the device, read and written."""
    source = torch.zeros(2**28, dtype=torch.float32, device=device)
    target = torch.empty_like(source)
    seconds = []
    for _ in range(8):
        _wait(source.device)
        started = time.perf_counter()
        target.copy_(source)
        _wait(source.device)
        seconds.append(time.perf_counter() - started)
    return 2 * source.nbytes / min(seconds)


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def report(device: str, sizes: list[int]) -> str:
    """Measure every size, the smallest first."""
    speed = bandwidth(device)
    name = torch.cuda.get_device_name(device) if device != "cpu" else "CPU"
    lines = [
        f"On {name}, PyTorch {torch.__version__}, {speed / 1e9:,.0f} GB/s measured.",
        "",
        "| households | targets | non-zeros | ms an epoch | ms floor | times the floor "
        "| 10,000 epochs, s |",
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for households in sizes:
        made = problem(households)
        matrix = made.fitted.contributions
        made = made.on(device)
        seconds_of(made, FEW)  # the first products choose their kernels
        # The difference leaves out what is done once.
        epoch = (seconds_of(made, EPOCHS + FEW) - seconds_of(made, FEW)) / EPOCHS
        floor = 2 * (matrix.data.nbytes + matrix.indices.nbytes) / speed
        lines.append(
            f"| {households:,} | {TARGETS:,} | {matrix.nnz:,} | {1e3 * epoch:.3f} "
            f"| {1e3 * floor:.3f} | {epoch / floor:.1f} | {1e4 * epoch:.1f} |"
        )
    return "\n".join(lines)


def main() -> int:
    """Read the arguments; measure where there is something to measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--households", type=int, nargs="+", default=[150_000, 1_500_000])
    asked = parser.parse_args()
    if asked.device != "cpu" and not torch.cuda.is_available():
        print("PyTorch finds no GPU here: nothing was measured")
        return 0
    text = report(asked.device, sorted(asked.households))
    print(text)
    if asked.device != "cpu":
        head = (
            f"# Adam on a GPU\n\nMade by `benchmarks/calibration_gpu.py` on {datetime.now(UTC):%F}."
        )
        RESULTS.write_text(f"{head}\n{text}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
