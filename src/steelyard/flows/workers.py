"""Processes that make years for the threads of a flow."""

import os
import queue
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import Pipe
from pathlib import Path
from typing import Any

from steelyard.flows.partitions import PanelError, Partition
from steelyard.flows.worker import Order, Steps
from steelyard.warehouse.unfinished import NoSpaceError

_PROGRAM = "import sys; from steelyard.flows.worker import work; work(int(sys.argv[1]))"


class LostWorkerError(PanelError):
    """A process ended while it made a year; another may make it."""


class UnreadableDiskError(PanelError):
    """Files could not be read or written; another try may."""


class StepError(PanelError):
    """The year's function refused, or failed."""


class StoppedError(PanelError):
    """The flow is being stopped."""


class Workers:
    """As many processes as may work side by side, each begun when it is first needed.

    Parameters
    ----------
    root
        The panel's folder.
    steps, plan
        What makes years; they are sent to each process once.
    count
        Processes at most.
    """

    def __init__(self, root: Path, steps: Steps, plan: Any, count: int) -> None:
        self._told = (root, steps, plan)
        self._lock = threading.Lock()
        self._stopped = False
        self._alive: set[_Process] = set()
        self._idle: queue.LifoQueue[_Process | None] = queue.LifoQueue()
        for _ in range(count):
            self._idle.put(None)

    def make(self, order: Order) -> Partition:
        """Let a process make a year, once one is free.

        Raises
        ------
        LostWorkerError
            If the process ended before it was done: out of memory, or killed.
        StoppedError
            If the workers are stopped meanwhile.
        """
        process = self._idle.get()
        try:
            process = process or self._begin()
            answer = process.ask(order)
        except (EOFError, ConnectionError) as error:
            ended = self._end(process)
            process = None
            raise self._lost(order, ended) from error
        finally:
            self._idle.put(process)
        if isinstance(answer, Partition):
            return answer
        failure, told = answer
        failure.add_note(told)
        raise _told(order, failure) from failure

    def stop(self) -> None:
        """End all processes; whoever waits for one gets a `StoppedError`."""
        with self._lock:
            self._stopped = True
            alive, self._alive = self._alive, set()
        for process in alive:
            process.end()

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _begin(self) -> "_Process":
        with self._lock:
            if self._stopped:
                raise StoppedError("the flow is being stopped")
            process = _Process()
            self._alive.add(process)
        process.tell(self._told)
        return process

    def _end(self, process: "_Process | None") -> int:
        if process is None:
            return 0
        with self._lock:
            self._alive.discard(process)
        return process.end(patience=2.0)

    def _lost(self, order: Order, ended: int) -> PanelError:
        if self._stopped:
            return StoppedError("the flow is being stopped")
        how = f"by {signal.Signals(-ended).name}" if ended < 0 else f"with code {ended}"
        memory = "; it may have been out of memory" if ended == -signal.SIGKILL else ""
        return LostWorkerError(
            f"imputation {order.imputation}, {order.year}: the process that made it was ended "
            f"{how}{memory}. Earlier years are kept, and the same command goes on from there"
        )


def _told(order: Order, failure: BaseException) -> BaseException:
    """Say which year it was, unless the error does."""
    if isinstance(failure, PanelError | NoSpaceError):
        return failure
    kind = UnreadableDiskError if isinstance(failure, OSError) else StepError
    return kind(
        f"imputation {order.imputation}, {order.year}: {type(failure).__name__}: "
        f"{str(failure).rstrip('.')}. "
        "Earlier years are kept, and the same command goes on from there"
    )


class _Process:
    """One process and the connection to it."""

    def __init__(self) -> None:
        self._connection, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, str(theirs.fileno())],
                env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )

    def tell(self, what: Any) -> None:
        self._connection.send(what)

    def ask(self, order: Order) -> Any:
        self._connection.send(order)
        return self._connection.recv()

    def end(self, patience: float = 0.0) -> int:
        """Return how the process ended, minus the number of a signal; kill one that goes on."""
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(timeout=patience)
        self._process.kill()
        return self._process.wait()
