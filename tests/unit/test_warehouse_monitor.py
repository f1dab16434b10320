"""What a node costs is written when it ends, whatever runs beside it and however often."""

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from steelyard.warehouse import monitor
from steelyard.warehouse.monitor import Monitor, note_cache


def by_name(watched: Monitor) -> dict[str, dict[str, object]]:
    return {str(row["name"]): row for row in watched.rows()}


def test_a_node_has_its_seconds_and_its_memory(tmp_path: Path) -> None:
    watched = Monitor(tmp_path / "stages.jsonl")
    watched.started("a")
    held = np.ones(40_000_000)
    time.sleep(0.3)
    del held
    watched.finished("a", "model", "success")
    row = by_name(watched)["a"]
    assert 0.3 <= row["seconds"] < 30
    assert row["grown_bytes"] >= 0.9 * 320e6, "the most held meanwhile, not what is held at the end"
    assert row["peak_bytes"] > row["grown_bytes"]
    assert (row["kind"], row["status"], row["is_of_this_run"]) == ("model", "success", True)


def test_nodes_of_two_threads_do_not_mix(tmp_path: Path) -> None:
    watched = Monitor(tmp_path / "stages.jsonl")
    both = threading.Barrier(2)

    def run(name: str, *, was_read: bool) -> None:
        watched.started(name)
        both.wait()
        note_cache(was_read=was_read)
        both.wait()
        watched.finished(name, "model", "success")

    threads = [
        threading.Thread(target=run, args=(name,), kwargs={"was_read": name == "read"})
        for name in ("read", "computed")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = by_name(watched)
    assert found["read"]["is_remembered"] is True
    assert found["computed"]["is_remembered"] is False


def test_what_the_thread_noted_of_one_node_is_not_told_of_the_next(tmp_path: Path) -> None:
    watched = Monitor(tmp_path / "stages.jsonl")
    for name in ("first", "second"):
        watched.started(name)
        if name == "first":
            note_cache(was_read=True)
        watched.finished(name, "model", "success")
    found = by_name(watched)
    assert (found["first"]["is_remembered"], found["second"]["is_remembered"]) == (True, False)


def test_a_later_run_keeps_what_it_did_not_run(tmp_path: Path) -> None:
    path = tmp_path / "stages.jsonl"
    earlier = Monitor(path)
    for name in ("a", "b"):
        earlier.started(name)
        earlier.finished(name, "model", "success")
    with path.open("a", encoding="utf-8") as file:
        file.write('{"name": "c", "sec')
    later = Monitor(path)
    later.started("b")
    later.finished("b", "model", "error")
    found = by_name(later)
    assert list(found) == ["a", "b"], "a line that was cut short is none"
    assert (found["a"]["is_of_this_run"], found["b"]["is_of_this_run"]) == (False, True)
    assert found["b"]["status"] == "error"


def test_a_node_that_was_not_seen_to_start_is_not_told(tmp_path: Path) -> None:
    watched = Monitor(tmp_path / "stages.jsonl")
    watched.finished("a", "model", "success")
    assert watched.rows() == []


def test_where_the_system_does_not_say_the_most_so_far_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = monitor.resident_bytes()
    monkeypatch.setattr(monitor, "_STATM", tmp_path / "absent")
    assert monitor.resident_bytes() >= 0.9 * now


def test_one_thread_samples_however_many_nodes_follow_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitor, "SECONDS_BETWEEN_SAMPLES", 0.02)
    watched = Monitor(tmp_path / "stages.jsonl")
    before = {thread.ident for thread in threading.enumerate()}
    started = set()
    for number in range(200):
        watched.started(f"node {number}")
        watched.finished(f"node {number}", "model", "success")
        started |= {thread.ident for thread in threading.enumerate()} - before
    # One at a time; where the machine pauses, one ends and another begins.
    alive = [thread for thread in threading.enumerate() if thread.ident in started]
    assert started and len(alive) <= 1
    time.sleep(0.2)
    assert not any(thread.is_alive() for thread in alive), "it ends where no node runs"
    held = threading.active_count()
    watched.started("another")
    assert threading.active_count() == held + 1, "and begins again"
    watched.finished("another", "model", "success")
