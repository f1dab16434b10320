"""A transfer is told now and then, with rate and remaining time."""

import pytest

from steelyard.sources.download import Progress
from steelyard.sources.meter import Meter, described

URL = "https://www2.census.gov/acs/csv_pus.zip"
MB = 1_000_000


class Clock:
    """Seconds that pass when told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_transfer_is_told_at_its_beginning_now_and_then_and_at_its_end() -> None:
    clock, told = Clock(), list[str]()
    meter = Meter(told.append, every_seconds=10, clock=clock)
    for megabytes in range(41):
        clock.now = megabytes / 2
        meter(Progress(URL, megabytes * MB, 40 * MB))
    assert told == [
        "csv_pus.zip  0.0 of 40.0 MB",
        "csv_pus.zip  20.0 of 40.0 MB, 2.0 MB/s, 10 s left",
        "csv_pus.zip  40.0 of 40.0 MB, 2.0 MB/s, 20 s",
    ]


def test_what_lay_here_before_counts_for_no_speed() -> None:
    clock, told = Clock(), list[str]()
    meter = Meter(told.append, every_seconds=0, clock=clock)
    meter(Progress(URL, 30 * MB, 40 * MB))
    clock.now = 5
    meter(Progress(URL, 35 * MB, 40 * MB))
    assert told[-1] == "csv_pus.zip  35.0 of 40.0 MB, 1.0 MB/s, 5 s left"
    # It began anew.
    clock.now = 6
    meter(Progress(URL, 1 * MB, 40 * MB))
    clock.now = 7
    meter(Progress(URL, 4 * MB, 40 * MB))
    assert told[-1] == "csv_pus.zip  4.0 of 40.0 MB, 3.0 MB/s, 12 s left"


def test_files_that_come_at_once_are_told_apart() -> None:
    clock, told = Clock(), list[str]()
    meter = Meter(told.append, every_seconds=10, clock=clock)
    meter(Progress(URL, 0, 40 * MB))
    meter(Progress("https://a.org/b.zip", 0, None))
    assert told == ["csv_pus.zip  0.0 of 40.0 MB", "b.zip  0.0 MB"]


@pytest.mark.parametrize(
    ("rate", "left"), [(1e6, "50 s left"), (1e5, "8 min left"), (1e3, "13.9 h left")]
)
def test_time_is_told_in_its_unit(rate: float, left: str) -> None:
    assert described(Progress(URL, 0, 50 * MB), rate, 1).endswith(left)
