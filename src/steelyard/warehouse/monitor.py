"""What each node of a build costs: seconds, and the most memory the process held meanwhile."""

import json
import os
import resource
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from steelyard.warehouse.files import replace_text

SECONDS_BETWEEN_SAMPLES = 0.1
_STATM = Path("/proc/self/statm")
_thread = threading.local()


def note_cache(*, was_read: bool) -> bool:
    """Note, in the thread that runs a node, whether a costly result was read; return that."""
    _thread.results = [*getattr(_thread, "results", []), was_read]
    return was_read


class Monitor:
    """Writes a line a finished node to a file that outlives the build; nodes may overlap.

    A node that a later build does not run keeps the line of the build that ran it last, so what
    a part of a build or one that failed has cost is not forgotten.

    Parameters
    ----------
    path
        The file, JSON lines.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        #: Name to moment and clock of the start, and bytes then and at most since.
        self._running: dict[str, tuple[datetime, float, int, int]] = {}
        self._finished_here: set[str] = set()
        self._is_sampled = False
        lines = [json.dumps(line) + "\n" for line in self._lines().values()]
        replace_text(path, "".join(lines))

    def started(self, name: str) -> None:
        """Take the time; called in the thread that runs the node."""
        _thread.results = []
        with self._lock:
            size = resident_bytes()
            self._running[name] = (datetime.now(UTC), time.perf_counter(), size, size)
            # One thread samples, however many nodes come and go between two of its looks.
            if not self._is_sampled:
                threading.Thread(target=self._sample, name="monitor", daemon=True).start()
                self._is_sampled = True

    def finished(self, name: str, kind: str, status: str) -> None:
        """Write down what a node has cost; one that was not started is not known."""
        size = resident_bytes()
        with self._lock:
            if name not in self._running:
                return
            began, clock, first, peak = self._running.pop(name)
            peak = max(peak, size)
            line = {
                "name": name,
                "kind": kind,
                "status": status,
                "started_at": began.isoformat(timespec="milliseconds"),
                "seconds": round(time.perf_counter() - clock, 3),
                "peak_bytes": peak,
                "grown_bytes": peak - first,
                "is_remembered": _is_remembered(),
            }
            self._finished_here.add(name)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")

    def rows(self) -> list[dict[str, Any]]:
        """One row a node that ever finished, as it did last: what `finished` writes down.

        ``is_of_this_run`` says whether this process ran it.
        """
        with self._lock:
            return [
                line | {"is_of_this_run": name in self._finished_here}
                for name, line in sorted(self._lines().items())
            ]

    def _lines(self) -> dict[str, dict[str, Any]]:
        """Last line of each node; one that a killed build has cut short is none."""
        found = {}
        text = self._path.read_text(encoding="utf-8") if self._path.is_file() else ""
        for written in text.splitlines():
            try:
                line = json.loads(written)
            except ValueError:
                continue
            found[line["name"]] = line
        return found

    def _sample(self) -> None:
        """Let every running node know how large the process is, until none runs."""
        while True:
            time.sleep(SECONDS_BETWEEN_SAMPLES)
            size = resident_bytes()
            with self._lock:
                if not self._running:
                    self._is_sampled = False
                    return
                self._running = {
                    name: (began, clock, first, max(peak, size))
                    for name, (began, clock, first, peak) in self._running.items()
                }


def resident_bytes() -> int:
    """Memory of this process that is in use; where the system does not say, the most so far."""
    if _STATM.is_file():
        pages = int(_STATM.read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def machine() -> dict[str, int]:
    """Processors that this process may use, and bytes of memory of the machine."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"core_count": cores, "memory_bytes": memory}


def _is_remembered() -> bool:
    results = getattr(_thread, "results", [])
    return bool(results) and all(results)
