"""Several processes, or another device's products, descend as one process with SciPy does."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy import sparse

from steelyard.calibrate import CalibrationConfig, calibrate
from steelyard.calibrate.adam import solve_adam
from steelyard.calibrate.distributed import calibrate_sharded
from steelyard.calibrate.inputs import checked
from steelyard.calibrate.problem import problem_from
from steelyard.frame import stream

HOUSEHOLDS, TARGETS = 600, 20
SETTINGS: dict[str, Any] = {"solver": "adam", "epochs": 200, "seed": 4}


def world() -> tuple[sparse.csr_array, np.ndarray, np.ndarray]:
    rng = stream(5, "shards")
    values = rng.lognormal(0, 1, (TARGETS, HOUSEHOLDS))
    matrix = sparse.csr_array(values * (rng.uniform(size=values.shape) < 0.3))
    weights = rng.uniform(50, 150, HOUSEHOLDS)
    return matrix, matrix @ (weights * rng.lognormal(0, 0.3, HOUSEHOLDS)), weights


def shard(rank: int, meeting: str) -> None:
    """Calibrate this rank's households and write what came out beside the meeting place."""
    torch.set_num_threads(1)
    torch.distributed.init_process_group("gloo", init_method=meeting, rank=rank, world_size=2)
    matrix, targets, weights = world()
    own = slice(0, 250) if rank == 0 else slice(250, HOUSEHOLDS)
    solved = calibrate_sharded(
        sparse.csr_array(matrix.tocsc()[:, own]),
        targets,
        weights[own],
        CalibrationConfig(**SETTINGS),
        held_out=np.arange(TARGETS) == 3,
    )
    np.savez(
        meeting.removeprefix("file://") + f"-{rank}.npz",
        weights=solved.weights,
        estimates=solved.estimates,
        loss=[entry.loss for entry in solved.history],
        held_out=[entry.held_out_loss for entry in solved.history],
        sample=[entry.effective_sample_share for entry in solved.history],
    )
    torch.distributed.barrier()  # neither leaves while the other still listens
    torch.distributed.destroy_process_group()


def test_two_processes_descend_as_one(tmp_path: Path) -> None:
    meeting = f"file://{tmp_path}/meeting"
    processes = [
        subprocess.Popen([sys.executable, __file__, str(rank), meeting]) for rank in (0, 1)
    ]
    assert [process.wait(timeout=60) for process in processes] == [0, 0]
    parts = [np.load(tmp_path / f"meeting-{rank}.npz") for rank in (0, 1)]
    matrix, targets, weights = world()
    held_out = np.arange(TARGETS) == 3
    config = CalibrationConfig(**SETTINGS)
    inputs = checked(matrix, targets, weights, config, {"held_out": held_out})
    problem = problem_from(inputs, config, np.float64)
    alone = solve_adam(problem, None)
    for part in parts:
        np.testing.assert_allclose(part["loss"], [e.loss for e in alone.history], rtol=1e-6)
        expected = [entry.held_out_loss for entry in alone.history]
        np.testing.assert_allclose(part["held_out"], expected, rtol=1e-6)
        expected = [entry.effective_sample_share for entry in alone.history]
        np.testing.assert_allclose(part["sample"], expected, rtol=1e-6)
    together = np.concatenate([part["weights"] for part in parts])
    np.testing.assert_allclose(together, weights * problem.link.ratio(alone.u).numpy(), rtol=1e-6)
    np.testing.assert_allclose(parts[0]["estimates"], matrix @ together)
    np.testing.assert_array_equal(parts[0]["estimates"], parts[1]["estimates"])
    assert alone.history[-1].loss < alone.history[0].loss / 10


def test_a_shard_without_its_group_is_refused() -> None:
    with pytest.raises(ValueError, match="no group of processes"):
        calibrate_sharded(*world(), CalibrationConfig(**SETTINGS))


def test_products_by_rows_on_a_device_are_those_of_scipy() -> None:
    matrix, targets, weights = world()
    config = CalibrationConfig(**SETTINGS)
    inputs = checked(matrix, targets, weights, config, {})
    problem = problem_from(inputs, config, np.float64)
    here, there = solve_adam(problem, None), solve_adam(problem.on("cpu"), None)
    np.testing.assert_allclose(here.u, there.u, rtol=1e-9, atol=1e-12)
    assert here.history[-1].loss == pytest.approx(there.history[-1].loss, rel=1e-12)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_device_that_is_not_there_is_named() -> None:
    config = CalibrationConfig(device="cuda")
    with pytest.raises(ValueError, match=r"device 'cuda' cannot be used .*; use 'cpu'"):
        calibrate(*world(), config)


if __name__ == "__main__":
    shard(int(sys.argv[1]), sys.argv[2])
