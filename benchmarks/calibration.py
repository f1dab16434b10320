"""Time the calibration's solvers on generated workloads, beside the published package.

Run ``python benchmarks/calibration.py --workloads FOLDER [--peer PYTHON]``. FOLDER is a writable
folder with ``gen_calib.py``, ``calib_common.py`` and ``peer_microcalibrate.py``, which make
households and targets in the shape of the real work; without it there is nothing to measure, and
the script says so. PYTHON is an interpreter that has microcalibrate; without it the peer is left
out. The tables are printed and written to ``benchmarks/results/calibration.md``.

Every figure is that of a process of its own, on one thread: CPU seconds of the solve, checks and
layout included, loading not; peak memory of the whole process.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy import sparse

from steelyard.calibrate import CalibrationConfig, calibrate
from steelyard.calibrate.adam import solve_adam
from steelyard.calibrate.inputs import checked
from steelyard.calibrate.problem import Problem, problem_from

RESULTS = Path(__file__).parent / "results" / "calibration.md"
HOUSEHOLDS = 150_000
#: Names of workloads by what their generator is asked for, and their targets.
SIZES = {2000: 1981, 8000: 7132}
#: Settings and the bars they are held to: CPU seconds, GiB, held-out error, effective sample.
OURS = {
    2000: [("dual", {}), ("dual, settled", {"settle": True})],
    8000: [
        ("dual", {}),
        ("dual, settled", {"settle": True}),
        ("dual, λ = 0.03", {"distance_weight": 0.03}),
        ("adam, 500 epochs", {"solver": "adam", "epochs": 500, "record_every": 50}),
    ],
}
PEER = {
    2000: [["--epochs", "500"]],
    8000: [["--epochs", "100", "--learning_rate", "0.01"]],
}
COLUMNS = ("targets", "method", "steps", "CPU s", "GiB", "within 1 %", "within 5 %", "within 10 %")
HEAD = "| " + " | ".join((*COLUMNS, "held out", "effective sample")) + " |"


def workload(folder: Path, size: int) -> dict[str, Any]:
    """Load one workload; matrices households × statistics."""
    stem = folder / "data" / f"calib_n{HOUSEHOLDS}_m{size}"
    made = dict(np.load(f"{stem}.npz"))
    for name in ("A", "H"):
        made[name] = sparse.csr_array(sparse.load_npz(f"{stem}_{name}.npz"))
    return made


def scores(made: dict[str, Any], weights: Any) -> dict[str, float]:
    """Judge weights by the targets and by statistics that no target names."""
    error = np.abs(made["A"].T.astype(float) @ weights / made["t"] - 1)
    held = np.abs(made["H"].T.astype(float) @ weights / made["ht"] - 1)
    return {
        **{f"within{share}": float(np.mean(error <= share / 100)) for share in (1, 5, 10)},
        "hold_medabs": float(np.median(held)),
        "n_eff": float(weights.sum() ** 2 / np.square(weights).sum()),
    }


def one(folder: Path, size: int, settings: dict[str, Any]) -> dict[str, Any]:
    """Solve one workload in this process."""
    made = workload(folder, size)
    matrix = sparse.csr_array(made["A"].T)
    started = time.process_time()
    solved = calibrate(matrix, made["t"], made["w0"], CalibrationConfig(**settings))
    cpu = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    steps = solved.history[-1].epoch
    return {"iters": steps, "cpu": cpu, "peak_rss_gib": peak, **scores(made, solved.weights)}


def peer(python: str, folder: Path, size: int, options: list[str]) -> dict[str, Any]:
    """Run the published package by its own script, which appends a line of figures to a file."""
    found = folder / "peer.jsonl"
    found.unlink(missing_ok=True)
    script = [python, "peer_microcalibrate.py", str(HOUSEHOLDS), str(size), *options]
    environment = {**os.environ, "PEERS_OUT": str(found), "OMP_NUM_THREADS": "1"}
    subprocess.run(script, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    measured: dict[str, Any] = json.loads(found.read_text().splitlines()[-1])
    return measured


def child(folder: Path, *words: str) -> dict[str, Any]:
    """Run a part of this script in a process of its own."""
    return alone(__file__, "--workloads", str(folder), "--part", *words)


def alone(script: str, *words: str) -> dict[str, Any]:
    """Run a script in a process of its own, on one thread, and read what it prints."""
    command = [sys.executable, script, *words]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def per_epoch(folder: Path, size: int, epochs: int = 100) -> dict[str, float]:
    """Time an epoch of Adam beside one pass over the non-zeros at memory bandwidth.

    Bandwidth is that of copying 256 MiB, read and written; a pass reads value and index of every
    non-zero as SciPy stores them. Of each the best of several runs, as both share the machine.
    """
    made = workload(folder, size)
    problem = layout(made, epochs)
    solve_adam(problem, None)  # once, so that its pages are there
    source = torch.zeros(2**25, dtype=torch.float64)
    target = torch.empty_like(source)
    descents, copies = [], []
    for _ in range(7):
        started = time.process_time()
        solve_adam(problem, None)
        descents.append(time.process_time() - started)
        started = time.perf_counter()
        target.copy_(source)
        copies.append(time.perf_counter() - started)
    epoch, bandwidth = min(descents) / epochs, 2 * source.nbytes / min(copies)
    matrix = made["A"]
    passing = (matrix.data.nbytes + matrix.indices.nbytes + matrix.indptr.nbytes) / bandwidth
    return {
        "epoch": epoch,
        "usual": sorted(descents)[len(descents) // 2] / epochs,
        "bandwidth": bandwidth,
        "pass": passing,
        "nonzeros": matrix.nnz,
    }


def layout(made: dict[str, Any], epochs: int) -> Problem:
    """Lay a workload out for Adam, nothing recorded on the way."""
    config = CalibrationConfig(
        solver="adam", epochs=epochs, record_every=epochs, learning_rate=0.05, patience=epochs
    )
    torch.set_num_threads(1)
    matrix = sparse.csr_array(made["A"].T)
    inputs = checked(matrix, made["t"], made["w0"], config, {})
    return problem_from(inputs, config, np.float32, in_parts=True)


def growth(folder: Path, times: int) -> dict[str, float]:
    """Solve a quarter of the large workload, repeated: 1 × means a quarter of its households."""
    made = workload(folder, 8000)
    quarter = made["A"][: HOUSEHOLDS // 4]
    matrix = sparse.csr_array(sparse.vstack([quarter] * times).T)
    weights = np.tile(made["w0"][: HOUSEHOLDS // 4] / times, times)
    noise = np.random.default_rng(times).lognormal(0, 0.2, weights.size)
    measured = {"nonzeros": float(matrix.nnz)}
    for config in (
        CalibrationConfig(solver="dual"),
        CalibrationConfig(solver="adam", epochs=100, record_every=100),
    ):
        started = time.process_time()
        reach = matrix @ weights
        scale = np.maximum(np.abs(reach), np.abs(made["t"]) / 100)
        calibrate(matrix, matrix @ (weights * noise), weights, config, scale=scale)
        measured[config.solver] = time.process_time() - started
    return measured


def row(size: int, name: str, measured: dict[str, Any]) -> str:
    """Lay one measurement out as a row of the table."""
    fit = " | ".join(f"{measured[f'within{share}']:.4f}" for share in (1, 5, 10))
    return (
        f"| {SIZES[size]:,} | {name} | {measured['iters']} | {measured['cpu']:.1f} "
        f"| {measured['peak_rss_gib']:.2f} | {fit} | {measured['hold_medabs']:.4f} "
        f"| {measured['n_eff']:,.0f} |"
    )


def report(folder: Path, python: str | None) -> str:
    """Measure everything, one process after the other."""
    lines = [HEAD, "|---|---|---|---|---|---|---|---|---|---|"]
    ratios = []
    for size, n_targets in SIZES.items():
        if not (folder / "data" / f"calib_n{HOUSEHOLDS}_m{size}.npz").is_file():
            make = [sys.executable, "gen_calib.py", str(HOUSEHOLDS), str(size)]
            subprocess.run(make, cwd=folder, check=True, stdout=sys.stderr)
        best = None
        for name, settings in OURS[size]:
            measured = child(folder, "one", str(size), json.dumps(settings))
            best = best or measured
            lines.append(row(size, name, measured))
        for options in PEER[size] if python else []:
            theirs = peer(str(python), folder, size, options)
            lines.append(row(size, f"microcalibrate {theirs['ver']}, {' '.join(options)}", theirs))
            cpu, peak = theirs["cpu"] / best["cpu"], theirs["peak_rss_gib"] / best["peak_rss_gib"]
            ratios.append(
                f"- {n_targets:,} targets: microcalibrate takes {cpu:.1f} times the CPU seconds "
                f"and {peak:.1f} times the memory of `dual`."
            )
    epoch = child(folder, "epoch", "8000")
    grown = {times: child(folder, "growth", str(times)) for times in (1, 2, 4)}
    return "\n".join(
        [
            *lines,
            "",
            *ratios,
            f"- An epoch of Adam on {epoch['nonzeros']:,} non-zeros takes {epoch['epoch']:.4f} CPU "
            f"seconds at best, {epoch['usual']:.4f} by the median of seven descents; one pass over "
            f"the non-zeros at {epoch['bandwidth'] / 1e9:.1f} GB/s takes {epoch['pass']:.4f}: "
            f"{epoch['epoch'] / epoch['pass']:.1f} passes at best, "
            f"{epoch['usual'] / epoch['pass']:.1f} usually. "
            f"10,000 epochs take {epoch['usual'] * 1e4:,.0f} CPU seconds.",
            "",
            "| non-zeros | `dual`, CPU s | `adam`, 100 epochs, CPU s |",
            "|---|---|---|",
            *(
                f"| {times} × {grown[1]['nonzeros']:,.0f} | {of['dual']:.1f} | {of['adam']:.1f} |"
                for times, of in grown.items()
            ),
        ]
    )


def main() -> int:
    """Read the arguments; measure, or do one part of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--workloads", type=Path, help="folder with the generator's scripts")
    parser.add_argument("--peer", help="interpreter that has microcalibrate")
    parser.add_argument("--part", nargs="+", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.workloads is None or not (asked.workloads / "gen_calib.py").is_file():
        print(f"no workload generator in {asked.workloads}: nothing was measured")
        return 0
    folder = asked.workloads.resolve()
    match asked.part:
        case ["one", size, settings]:
            print(json.dumps(one(folder, int(size), json.loads(settings))))
        case ["epoch", size]:
            print(json.dumps(per_epoch(folder, int(size))))
        case ["growth", times]:
            print(json.dumps(growth(folder, int(times))))
        case _:
            text = report(folder, asked.peer)
            print(text)
            made = f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores"
            head = f"# Calibration\n\nMade by `benchmarks/calibration.py` ({made}); {HOUSEHOLDS:,}"
            RESULTS.write_text(f"{head} households, one thread.\n\n{text}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
