"""A flow ages a panel: it goes on where it ended, however it ended."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from small_panel import FIRST, SmallPlan, run, write_number

from steelyard.flows.partitions import BusyPanelError, PanelError, Store
from steelyard.flows.server import LOG, prefect_here

TO = FIRST + 2
TESTS = Path(__file__).resolve().parents[1]

ALONE = """
import sys
from pathlib import Path
from steelyard.flows.server import prefect_here
folder, watch, disturbance = sys.argv[1:]
with prefect_here(Path(folder) / "prefect"):
    from small_panel import SmallPlan, run
    run(Path(folder), {to}, SmallPlan(disturbance=disturbance, in_year={year}, watch=Path(watch)))
"""

WRITING = """
import sys, time
from pathlib import Path
import pyarrow.parquet as pq
from steelyard.flows.server import prefect_here
folder, watch = map(Path, sys.argv[1:])
write = pq.write_table
def slowly(table, path, **options):
    write(table, path, **options)
    if path.name == "second.parquet":
        watch.write_text("writing")
        time.sleep(60)
pq.write_table = slowly
with prefect_here(folder / "prefect"):
    from small_panel import SmallPlan, run, write_number
    run(folder, {to}, SmallPlan(), finish=lambda: write_number(folder, 2))
"""


@pytest.fixture(scope="module", autouse=True)
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Prefect's own harness begins a process; this is the server that flows have here."""
    home = tmp_path_factory.mktemp("prefect")
    with prefect_here(home, schedules=True):
        yield home


@pytest.fixture(scope="module")
def unbroken(server: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("unbroken")
    run(folder, TO, SmallPlan(), 2)
    return hashes(folder)


def hashes(folder: Path) -> dict[str, str]:
    """What each record says of each table's file, by imputation, year and table."""
    found = {}
    for path in sorted(folder.glob("2022-*/imputation=*/year=*/partition.json")):
        for name, table in json.loads(path.read_text())["tables"].items():
            found[f"{path.parent.parent.name}/{path.parent.name}/{name}"] = table["sha256"]
    return found


def of_first(found: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in found.items() if name.startswith("imputation=1")}


def lines(capfd: pytest.CaptureFixture[str]) -> list[str]:
    return [line.strip() for line in capfd.readouterr().err.splitlines() if line.strip()]


def test_a_panel_is_aged_told_and_goes_on(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], unbroken: dict[str, str]
) -> None:
    ends = run(tmp_path, TO - 1, SmallPlan(), 2)
    assert [(end.imputation, end.year) for end in ends] == [(1, TO - 1), (2, TO - 1)]
    told = lines(capfd)
    assert sorted(line.split(":")[0] for line in told) == [
        f"imputation {number} of 2, {year}" for number in (1, 2) for year in range(FIRST, TO)
    ]
    assert all(": 50 persons, " in line and " GiB at most" in line for line in told)
    (panel,) = tmp_path.glob("2022-*")
    assert (tmp_path / "latest").resolve() == panel
    manifest = json.loads((panel / "manifest.json").read_text())
    assert (manifest["panel"], manifest["base_year"], manifest["target"]) == (
        panel.name,
        FIRST,
        "small",
    )
    run(tmp_path, TO, SmallPlan(), 2)
    told = lines(capfd)
    assert told[0].startswith(f"imputation 1: {FIRST} to {TO - 1} are there and right, in ")
    assert sorted(line.split(":")[0] for line in told[2:]) == [
        f"imputation {number} of 2, {TO}" for number in (1, 2)
    ]
    assert hashes(tmp_path) == unbroken
    (panel / "imputation=2" / f"year={TO}" / "person.parquet").write_bytes(b"")
    with pytest.raises(PanelError, match=f"steelyard panel --again-from {TO}"):
        run(tmp_path, TO, SmallPlan(), 2)
    run(tmp_path, TO, SmallPlan(), 2, again_from=TO)
    assert f"2 years from {TO} on forgotten" in lines(capfd)
    assert hashes(tmp_path) == unbroken
    run(tmp_path, FIRST + 1, SmallPlan(seed=2))
    assert len(list(tmp_path.glob("2022-*"))) == 2


@pytest.mark.parametrize("disturbance", ["killed", "disk"])
def test_a_lost_year_is_tried_again(
    disturbance: str, tmp_path: Path, unbroken: dict[str, str]
) -> None:
    watch = tmp_path / "watch"
    run(tmp_path, TO, SmallPlan(disturbance=disturbance, in_year=TO - 1, watch=watch))
    assert watch.is_file()
    assert hashes(tmp_path) == of_first(unbroken)


def test_a_refusal_is_told_with_its_year_and_not_tried_again(
    tmp_path: Path, server: Path, unbroken: dict[str, str]
) -> None:
    plan = SmallPlan(disturbance="refuses", in_year=TO, watch=tmp_path / "watch")
    with pytest.raises(PanelError) as told:
        run(tmp_path, TO, plan, 2, retry_seconds=60)
    assert f"{TO}: ValueError: work: no rank for 3 persons. Earlier years are kept" in str(
        told.value
    )
    assert 'in disturb\n    raise ValueError("work: no rank' in told.value.__cause__.__notes__[0]
    assert "no rank for 3 persons" in (server / LOG).read_text()
    assert hashes(tmp_path) == {
        name: value for name, value in unbroken.items() if f"year={TO}" not in name
    }
    assert not (tmp_path / "latest").exists()


@pytest.mark.parametrize("extent", [{"to": FIRST}, {"to": TO, "imputations": 0}])
def test_a_panel_without_a_year_is_refused(tmp_path: Path, extent: dict[str, Any]) -> None:
    with pytest.raises(PanelError, match="begins with 2022 ends after it"):
        run(tmp_path, plan=SmallPlan(), **extent)
    assert list(tmp_path.iterdir()) == []


@contextmanager
def begun(program: str, watch: Path, *words: str) -> Iterator["subprocess.Popen[str]"]:
    """A flow in a process of its own, that has written to ``watch``."""
    with subprocess.Popen(
        [sys.executable, "-c", program, str(watch.parent), str(watch), *words],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([*sys.path, str(TESTS)])},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as flow:
        until = time.monotonic() + 60
        while not (watch.is_file() and watch.read_text()):
            assert flow.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        yield flow
        flow.kill()


@pytest.fixture
def stuck(tmp_path: Path) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """A flow in the middle of a year, and the worker of that year."""
    watch = tmp_path / "watch"
    with begun(ALONE.format(to=TO, year=TO - 1), watch, "sleeps") as flow:
        yield flow, int(watch.read_text())


def has_ended(process: int) -> bool:
    for _ in range(100):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_a_killed_flow_leaves_finished_years_and_no_process(
    tmp_path: Path, stuck: tuple["subprocess.Popen[str]", int], unbroken: dict[str, str]
) -> None:
    flow, worker = stuck
    with pytest.raises(BusyPanelError, match=f"is being aged by process {flow.pid} on "):
        run(tmp_path, TO, SmallPlan())
    flow.send_signal(signal.SIGKILL)
    flow.wait(10)
    assert has_ended(worker)
    (lane,) = tmp_path.glob("2022-*/imputation=1")
    assert sorted(path.name for path in lane.glob("year=*")) == ["year=2022"]
    run(tmp_path, TO, SmallPlan())
    assert hashes(tmp_path) == of_first(unbroken)


def test_years_are_added_up_before_anybody_else_gets_at_them(tmp_path: Path) -> None:
    seen = []

    def finish() -> None:
        (panel,) = tmp_path.glob("2022-*")
        with pytest.raises(BusyPanelError), Store(panel).alone():
            pass
        years = (panel / "imputation=1").glob("year=*")
        seen.append((max(year.name for year in years), (tmp_path / "latest").exists()))

    run(tmp_path, TO, SmallPlan(), finish=finish)
    assert seen == [(f"year={TO}", False)]
    assert (tmp_path / "latest").is_dir()


def test_two_flows_at_once_leave_whole_files_of_one_of_them(tmp_path: Path) -> None:
    run(tmp_path, TO - 1, SmallPlan(), finish=lambda: write_number(tmp_path, 1))
    (lane,) = tmp_path.glob("2022-*/imputation=1")

    def numbers() -> list[int]:
        return [
            pq.read_table(lane / name, partitioning=None)["number"][0].as_py()
            for name in ("first.parquet", "second.parquet")
        ]

    with begun(WRITING.format(to=TO), tmp_path / "watch") as flow:
        with pytest.raises(BusyPanelError, match=f"process {flow.pid} on "):
            run(tmp_path, TO, SmallPlan(), finish=lambda: write_number(tmp_path, 3))
        assert numbers() == [1, 1]
        flow.send_signal(signal.SIGKILL)
        flow.wait(10)
    assert numbers() == [1, 1]
    run(tmp_path, TO, SmallPlan(), finish=lambda: write_number(tmp_path, 3))
    assert numbers() == [3, 3]
    assert not list(lane.glob(".unfinished-*"))


def test_an_interrupted_flow_ends_at_once_and_goes_on(
    tmp_path: Path, stuck: tuple["subprocess.Popen[str]", int], unbroken: dict[str, str]
) -> None:
    flow, worker = stuck
    os.killpg(flow.pid, signal.SIGINT)
    _, told = flow.communicate(timeout=20)
    assert told.rstrip().endswith("KeyboardInterrupt")
    assert has_ended(worker)
    run(tmp_path, TO, SmallPlan())
    assert hashes(tmp_path) == of_first(unbroken)


def test_a_panel_runs_by_a_schedule() -> None:
    from prefect.client.orchestration import get_client  # noqa: PLC0415
    from prefect.client.schemas.filters import (  # noqa: PLC0415
        FlowRunFilter,
        FlowRunFilterDeploymentId,
    )
    from prefect.client.schemas.sorting import FlowRunSort  # noqa: PLC0415

    from steelyard.flows.panel import deployment  # noqa: PLC0415
    from steelyard.flows.preparing import Request  # noqa: PLC0415

    made = deployment(Request(to=2040, again_from=2030), "0 3 * * 1")
    assert made.entrypoint == "steelyard.flows.panel.age_panel"
    asked = made.parameters["request"]
    assert (asked["target"], asked["to"], asked["again_from"]) == ("demo", 2040, None)
    assert Path(asked["root"]) == Path.cwd()
    with pytest.raises(PanelError, match="'mondays' is no schedule such as '0 3"):
        deployment(Request(), "mondays")
    its_own = FlowRunFilter(deployment_id=FlowRunFilterDeploymentId(any_=[made.apply()]))
    first = FlowRunSort.EXPECTED_START_TIME_ASC
    with get_client(sync_client=True) as client:
        until = time.monotonic() + 60
        while not (runs := client.read_flow_runs(flow_run_filter=its_own, sort=first, limit=1)):
            assert time.monotonic() < until
            time.sleep(0.2)
    assert runs[0].expected_start_time.strftime("%A %H:%M") == "Monday 03:00"
