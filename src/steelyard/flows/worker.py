"""The process that makes a panel's years: it reads, ages, writes, and ends with its parent.

What a year needs is freed with its tables, a year that grows too large ends this process and not
the flow, and several imputations do not wait for one interpreter. Nothing of Prefect is loaded.
"""

import os
import pickle
import resource
import select
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pyarrow as pa

from steelyard.flows.partitions import Partition, Store

_KIB, _STATUS, _PEAK = 1024, Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Steps:
    """The pure functions that make years, importable by name.

    Parameters
    ----------
    begin
        ``(base, plan, imputation)`` to the tables of the base year.
    age
        ``(parts, year, plan, imputation)`` to the tables of a year; ``parts`` are those of the
        year before.
    """

    begin: Callable[[Mapping[str, pa.Table], Any, int], Mapping[str, pa.Table]]
    age: Callable[[Mapping[str, pa.Table], int, Any, int], Mapping[str, pa.Table]]


@dataclass(frozen=True)
class Order:
    """A year that is wanted.

    Parameters
    ----------
    imputation, year, key
        Which, and what decides it.
    base
        What the base year is made from; None for a later year.
    """

    imputation: int
    year: int
    key: str
    base: Mapping[str, pa.Table] | None = None


def work(handle: int) -> None:
    """Make years until the parent closes the connection.

    Parameters
    ----------
    handle
        Of the connection: it sends folder, steps and plan, then orders; each is answered by a
        `Partition`, or by an error and its traceback.
    """
    # The parent, too, hears of Ctrl-C, and says what becomes of this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, args=(handle,), daemon=True).start()
    with Connection(handle) as connection, suppress(EOFError):
        root, steps, plan = connection.recv()
        store = Store(root)
        while True:
            connection.send(_answer(store, steps, plan, connection.recv()))


def make(store: Store, steps: Steps, plan: Any, order: Order) -> Partition:
    """Make one year, or find that it is there."""
    found = store.find(order.imputation, order.year, order.key)
    if found is not None:
        return found
    started = time.perf_counter()
    forget_peak()
    if order.base is not None:
        tables = steps.begin(order.base, plan, order.imputation)
    else:
        parts = store.parts(order.imputation, order.year - 1)
        tables = steps.age(parts, order.year, plan, order.imputation)
    return store.write(
        tables,
        imputation=order.imputation,
        year=order.year,
        key=order.key,
        cost=lambda: (time.perf_counter() - started, peak_bytes()),
    )


def forget_peak() -> None:
    """Let `peak_bytes` tell of what comes from now on, where the system lets us."""
    with suppress(OSError):
        _PEAK.write_text("5", encoding="ascii")


def peak_bytes() -> int:
    """Most memory of this process since `forget_peak`, or since it began."""
    if _STATUS.is_file():
        for line in _STATUS.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * _KIB
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * _KIB


def _answer(
    store: Store, steps: Steps, plan: Any, order: Order
) -> Partition | tuple[BaseException, str]:
    try:
        return make(store, steps, plan, order)
    except Exception as error:  # whatever it is, the parent is told
        told = traceback.format_exc()
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:  # one of another library that cannot travel
            return RuntimeError(f"{type(error).__name__}: {error}"), told
        return error, told


def _end_with_parent(handle: int) -> None:
    """Wait until the other end is closed, as the system does for a killed process, too."""
    ended = select.poll()
    ended.register(handle, 0)
    ended.poll()
    os._exit(1)
