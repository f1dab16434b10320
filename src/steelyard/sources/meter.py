"""How fast a transfer is and how long it will take, in words, now and then."""

import threading
import time
from collections.abc import Callable
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from steelyard.sources.download import Progress


class Meter:
    """Tells of transfers in lines such as ``csv_pus.zip  45.2 of 612.0 MB, 9.4 MB/s, 60 s left``.

    Parameters
    ----------
    tell
        Called with a line: of each file at its beginning, after that as often as allowed, and at
        its end.
    every_seconds
        How much time passes between two lines of a file.
    clock
        Seconds.
    """

    def __init__(
        self,
        tell: Callable[[str], None],
        *,
        every_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tell, self._every, self._clock = tell, every_seconds, clock
        self._begun: dict[str, tuple[float, int]] = {}
        self._told: dict[str, float] = {}
        # Files may come in several threads.
        self._counting = threading.Lock()

    def __call__(self, step: Progress) -> None:
        """Hear how far a transfer is, and tell it if it is time."""
        with self._counting:
            now = self._clock()
            start, had = self._begun.setdefault(step.url, (now, step.done_bytes))
            if step.done_bytes < had:
                # It had to begin anew.
                start, had = self._begun[step.url] = now, step.done_bytes
            is_done = step.done_bytes == step.total_bytes
            if not is_done and now - self._told.get(step.url, -self._every) < self._every:
                return
            self._told[step.url] = now
            seconds = now - start
            rate = (step.done_bytes - had) / seconds if seconds > 0 else 0.0
            if is_done:
                del self._begun[step.url], self._told[step.url]
        self._tell(described(step, rate, seconds))


def described(step: Progress, rate: float, seconds: float) -> str:
    """Say how far a transfer is.

    Parameters
    ----------
    step
        Bytes here, and in all where that is known.
    rate
        Bytes a second; 0 where it is not known yet.
    seconds
        Since the transfer began.
    """
    name = PurePosixPath(urlsplit(step.url).path).name
    done, total = step.done_bytes / 1e6, step.total_bytes
    told = [f"{done:,.1f} MB" if total is None else f"{done:,.1f} of {total / 1e6:,.1f} MB"]
    if rate:
        told.append(f"{rate / 1e6:,.1f} MB/s")
    if step.done_bytes == total:
        told.append(f"{seconds:,.0f} s")
    elif rate and total is not None:
        told.append(f"{_time((total - step.done_bytes) / rate)} left")
    return f"{name}  {', '.join(told)}"


def _time(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:,.0f} s"
    return f"{seconds / 60:,.0f} min" if seconds < 6_000 else f"{seconds / 3_600:,.1f} h"
