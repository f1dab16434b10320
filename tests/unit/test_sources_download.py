"""A published file comes whole, resumed and checked, or the message says why not."""

import json
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from publisher_fixture import HASTY, Publisher, content, serving
from sources_fixture import refusal

from steelyard.sources import transfer
from steelyard.sources.download import (
    Downloaded,
    DownloadError,
    MissingFileError,
    Progress,
    download,
    located,
    recorded,
)
from steelyard.warehouse.unfinished import NoSpaceError

FILE = content()
HASH = sha256(FILE).hexdigest()


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with serving() as served:
        yield served


def fetch(publisher: Publisher, folder: Path, **how: Any) -> Downloaded:
    return download(publisher.url(), folder / "raw" / "survey.zip", **({"options": HASTY} | how))


def left(folder: Path) -> list[str]:
    """What lies in the folder, but for the lock."""
    return sorted(path.name for path in (folder / "raw").iterdir() if path.suffix != ".lock")


WHOLE = ["survey.zip", "survey.zip.json"]


def test_a_file_comes_with_its_record(publisher: Publisher, tmp_path: Path) -> None:
    steps: list[Progress] = []
    found = fetch(publisher, tmp_path, sha256=HASH, progress=steps.append)
    assert found.path.read_bytes() == FILE
    assert (found.bytes, found.sha256, found.url) == (len(FILE), HASH, publisher.url())
    assert found.retrieved_from == found.url
    assert found.etag == f'"{HASH[:12]}"'
    assert found.last_modified == "Sun, 09 Sep 2001 01:46:40 GMT"
    assert recorded(found.path) == found
    assert json.loads((tmp_path / "raw" / "survey.zip.json").read_text())["etag"] == found.etag
    assert left(tmp_path) == WHOLE
    assert steps[-1] == Progress(publisher.url(), len(FILE), len(FILE))
    assert [step.done_bytes for step in steps] == sorted({step.done_bytes for step in steps})


def test_what_lies_here_is_not_fetched_again(publisher: Publisher, tmp_path: Path) -> None:
    first = fetch(publisher, tmp_path)
    assert fetch(publisher, tmp_path, sha256=HASH) == first
    assert len(publisher.asked) == 1
    # Cut short by hand, it is not what the record speaks of.
    first.path.write_bytes(FILE[:-1])
    assert fetch(publisher, tmp_path).path.read_bytes() == FILE
    assert len(publisher.asked) == 2


def test_the_client_says_who_it_is_and_takes_the_file_as_it_is(
    publisher: Publisher, tmp_path: Path
) -> None:
    fetch(publisher, tmp_path, options=replace(HASTY, user_agent="Mozilla/5.0 (X11)"))
    fetch(publisher, tmp_path / "other")
    agents = [headers["user-agent"] for _, _, headers in publisher.asked]
    assert agents == ["Mozilla/5.0 (X11)", HASTY.user_agent]
    assert "steelyard" in HASTY.user_agent
    assert {headers["accept-encoding"] for _, _, headers in publisher.asked} == {"identity"}


@pytest.mark.parametrize(
    "faults",
    [
        ["drop 300000"],
        ["drop 300000", "status 503", "status 500"],
        ["status 503", "status 503"],
        ["status 429"],
        ["hang"],
        ["drop 0", "drop 0", "drop 0"],
    ],
    ids=", ".join,
)
def test_trouble_passes(publisher: Publisher, tmp_path: Path, faults: list[str]) -> None:
    publisher.faults = list(faults)
    assert fetch(publisher, tmp_path, sha256=HASH).path.read_bytes() == FILE
    assert left(tmp_path) == WHOLE
    assert len(publisher.asked) == len(faults) + 1


def test_a_length_that_was_never_true_is_found_out(publisher: Publisher, tmp_path: Path) -> None:
    """The server promises ten bytes more than there are, then has nothing at that place."""
    publisher.faults = ["long"]
    assert fetch(publisher, tmp_path, sha256=HASH).path.read_bytes() == FILE
    assert publisher.ranges() == [None, f"bytes={len(FILE)}-", None]


def test_progress_gives_new_patience(publisher: Publisher, tmp_path: Path) -> None:
    publisher.files["/survey.zip"] = large = content(8 << 20)
    publisher.faults = ["drop 1500000"] * 5 + ["status 503"] * 3
    assert fetch(publisher, tmp_path).sha256 == sha256(large).hexdigest()


def test_a_dropped_connection_is_resumed_where_it_broke(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.faults = ["drop 300000", "drop 100000"]
    fetch(publisher, tmp_path)
    assert publisher.ranges() == [None, "bytes=300000-", "bytes=400000-"]
    assert publisher.asked[1][2]["if-range"] == f'"{HASH[:12]}"'


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(breaks=st.lists(st.integers(0, len(FILE) - 1), max_size=3), knows_range=st.booleans())
def test_wherever_it_breaks_the_file_comes_whole(
    publisher: Publisher,
    breaks: list[int],
    knows_range: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("broken")
    publisher.knows.discard("range") if not knows_range else publisher.knows.add("range")
    publisher.faults = [f"drop {place}" for place in breaks]
    assert fetch(publisher, folder).path.read_bytes() == FILE
    assert left(folder) == WHOLE


def test_a_server_without_ranges_sends_the_whole_again(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.knows.remove("range")
    publisher.faults = ["drop 300000"]
    steps: list[Progress] = []
    assert fetch(publisher, tmp_path, progress=steps.append).sha256 == HASH
    assert publisher.ranges() == [None, "bytes=300000-"]
    done = [step.done_bytes for step in steps]
    assert sum(later < earlier for earlier, later in pairwise(done)) == 1


@pytest.mark.parametrize("lost", [{"etag"}, {"etag", "date"}, {"etag", "date", "length"}])
def test_without_validators_nothing_is_resumed(
    publisher: Publisher, tmp_path: Path, lost: set[str]
) -> None:
    publisher.knows -= lost
    publisher.faults = ["drop 300000"]
    assert fetch(publisher, tmp_path).sha256 == HASH
    assert publisher.ranges() == [None, "bytes=300000-" if lost == {"etag"} else None]


def test_a_weak_etag_does_not_vouch_for_bytes(publisher: Publisher, tmp_path: Path) -> None:
    publisher.etag_prefix, publisher.faults = "W/", ["drop 300000"]
    assert fetch(publisher, tmp_path).sha256 == HASH
    assert publisher.asked[1][2]["if-range"] == "Sun, 09 Sep 2001 01:46:40 GMT"


def interrupted(publisher: Publisher, folder: Path, at: int) -> None:
    publisher.faults = [f"drop {at}"]
    refusal(DownloadError, lambda: fetch(publisher, folder, options=replace(HASTY, attempts=1)))
    assert left(folder) == ["survey.zip.part", "survey.zip.part.json"]


def test_a_transfer_is_resumed_the_next_time(publisher: Publisher, tmp_path: Path) -> None:
    interrupted(publisher, tmp_path, 500_000)
    assert fetch(publisher, tmp_path).sha256 == HASH
    assert publisher.ranges() == [None, "bytes=500000-"]


def test_a_file_that_changed_meanwhile_comes_from_its_start(
    publisher: Publisher, tmp_path: Path
) -> None:
    interrupted(publisher, tmp_path, 500_000)
    other = content(seed=1)
    publisher.files["/survey.zip"] = other
    assert fetch(publisher, tmp_path).path.read_bytes() == other
    assert publisher.ranges() == [None, "bytes=500000-"]


def test_a_server_that_ignores_the_condition_is_not_believed(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It answers 206 from another edition; the halves would not fit."""
    interrupted(publisher, tmp_path, 500_000)
    publisher.files["/survey.zip"] = other = content(seed=1)
    notes = tmp_path / "raw" / "survey.zip.part.json"
    said = json.loads(notes.read_text())
    said["last_modified"], said["etag"] = "Sun, 09 Sep 2001 01:46:40 GMT", 'W/"another"'
    notes.write_text(json.dumps(said))
    assert fetch(publisher, tmp_path).path.read_bytes() == other
    assert publisher.ranges() == [None, "bytes=500000-", None]


def test_a_part_that_is_longer_than_the_file_is_dropped(
    publisher: Publisher, tmp_path: Path
) -> None:
    interrupted(publisher, tmp_path, 500_000)
    notes = tmp_path / "raw" / "survey.zip.part.json"
    said = json.loads(notes.read_text())
    (tmp_path / "raw" / "survey.zip.part").write_bytes(FILE + b"more")
    assert fetch(publisher, tmp_path).sha256 == HASH
    interrupted(publisher, tmp_path / "b", 500_000)
    (tmp_path / "b" / "raw" / "survey.zip.part").write_bytes(FILE + b"more")
    notes = tmp_path / "b" / "raw" / "survey.zip.part.json"
    notes.write_text(json.dumps(said | {"total_bytes": None}))
    assert fetch(publisher, tmp_path / "b").sha256 == HASH
    assert publisher.ranges()[-2:] == [f"bytes={len(FILE) + 4}-", None]


def test_a_part_that_is_whole_already_is_only_checked(publisher: Publisher, tmp_path: Path) -> None:
    interrupted(publisher, tmp_path, len(FILE) - 1)
    (tmp_path / "raw" / "survey.zip.part").write_bytes(FILE)
    assert fetch(publisher, tmp_path, sha256=HASH).etag == f'"{HASH[:12]}"'
    assert len(publisher.asked) == 1


def test_a_damaged_part_is_found_by_the_hash_and_the_file_fetched_whole(
    publisher: Publisher, tmp_path: Path
) -> None:
    interrupted(publisher, tmp_path, 500_000)
    part = tmp_path / "raw" / "survey.zip.part"
    part.write_bytes(b"x" * 500_000)
    assert fetch(publisher, tmp_path, sha256=HASH).path.read_bytes() == FILE
    assert publisher.ranges() == [None, "bytes=500000-", None]


def test_notes_that_cannot_be_read_are_no_obstacle(publisher: Publisher, tmp_path: Path) -> None:
    interrupted(publisher, tmp_path, 500_000)
    (tmp_path / "raw" / "survey.zip.part.json").write_text("{")
    assert fetch(publisher, tmp_path).sha256 == HASH
    (tmp_path / "raw" / "survey.zip.json").write_text("[]")
    assert fetch(publisher, tmp_path).sha256 == HASH


@pytest.mark.parametrize(
    ("faults", "told"),
    [
        (["status 503"] * 9, "the server answers 503; given up after 4 attempts that brought less"),
        (["hang"] + ["drop 0"] * 9, "350,000 bytes are kept, and the next time goes on from"),
        (["drop 300000"] + ["status 500"] * 9, "300,000 bytes are kept"),
        (["status 403"], "the server answers 403. The publisher may refuse what is no browser"),
        (["status 401"], "It wants a login"),
        (["status 418"], "the server answers 418. Get the file by hand"),
        (["page"], "a web page came instead of the file"),
    ],
)
def test_what_cannot_be_had_is_said_with_a_remedy(
    publisher: Publisher, tmp_path: Path, faults: list[str], told: str
) -> None:
    publisher.faults = list(faults)
    message = refusal(DownloadError, lambda: fetch(publisher, tmp_path))
    assert message.startswith(f"{publisher.url()}: ")
    assert told in message
    assert not {*WHOLE} & {*left(tmp_path)}


def test_what_is_not_there_is_an_error_of_its_own(publisher: Publisher, tmp_path: Path) -> None:
    url = publisher.url("/gone.zip")
    message = refusal(
        MissingFileError, lambda: download(url, tmp_path / "raw" / "gone.zip", options=HASTY)
    )
    assert message.startswith(f"{url}: the server answers 404. It is not there")
    assert left(tmp_path) == []


def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    with serving() as publisher:
        url = publisher.url()
    message = refusal(DownloadError, lambda: download(url, tmp_path / "a.zip", options=HASTY))
    assert "Connection refused" in message
    assert "STEELYARD_MIRROR" in message
    assert "object at 0x" not in message
    assert "Connection(" not in message


@pytest.mark.parametrize("url", ["survey.zip", "ftp://127.0.0.1/a.zip", "http://"])
def test_what_is_no_address_is_not_tried_again(tmp_path: Path, url: str) -> None:
    message = refusal(DownloadError, lambda: download(url, tmp_path / "a", options=HASTY))
    assert message.startswith(f"{url}: cannot be asked for")


def test_a_slow_server_is_waited_for(publisher: Publisher, tmp_path: Path) -> None:
    """As long as bytes come, however long it takes in all."""
    options = replace(HASTY, read_seconds=0.5)
    publisher.faults = ["hang", "hang", "hang"]
    assert fetch(publisher, tmp_path, options=options).sha256 == HASH


def test_more_bytes_than_were_said_are_cut_and_the_hash_tells(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.faults = ["short"]
    message = refusal(DownloadError, lambda: fetch(publisher, tmp_path, sha256=HASH))
    assert f"found sha256    {sha256(FILE[:-10]).hexdigest()}" in message


def test_another_file_than_expected_leaves_nothing(publisher: Publisher, tmp_path: Path) -> None:
    message = refusal(DownloadError, lambda: fetch(publisher, tmp_path, sha256="0" * 64))
    assert message.startswith(f"{publisher.url()}: is not the file that was expected.\n")
    assert f"expected sha256 {'0' * 64}\n  found sha256    {HASH}\n" in message
    assert "write its hash into the registry entry" in message
    assert left(tmp_path) == []


def test_a_full_disk_is_named_and_nothing_stays(publisher: Publisher, tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.is_char_device():
        pytest.skip("there is no /dev/full here to stand for a full disk")
    (tmp_path / "raw").mkdir()
    publisher.knows -= {"etag", "date", "length"}
    real = transfer._forget
    with pytest.MonkeyPatch.context() as patch:
        # The part stands on the full disk from when its transfer begins.
        patch.setattr(transfer, "_forget", lambda part: (real(part), part.symlink_to(full)))
        message = refusal(NoSpaceError, lambda: fetch(publisher, tmp_path))
    assert message.startswith(f"{publisher.url()}: no space left in {tmp_path / 'raw'}; ")
    assert "removed again" in message
    assert left(tmp_path) == []


def test_a_file_that_will_not_fit_is_not_begun(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted(publisher, tmp_path, 500_000)
    monkeypatch.setattr(transfer.shutil, "disk_usage", lambda _: SimpleNamespace(free=100_000))
    message = refusal(NoSpaceError, lambda: fetch(publisher, tmp_path))
    assert "0.00 GB are to come" in message
    assert left(tmp_path) == []


def test_an_interrupt_leaves_a_part_that_is_resumed(publisher: Publisher, tmp_path: Path) -> None:
    """Ctrl-C, as a person types it, while a transfer runs in another process."""
    publisher.faults = ["hang"]
    program = """
        import sys
        from pathlib import Path
        from steelyard.sources.download import download
        def tell(step):
            print(step.done_bytes, flush=True)
        download(sys.argv[1], Path(sys.argv[2]), progress=tell)
    """
    arguments = [publisher.url(), str(tmp_path / "raw" / "survey.zip")]
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        # A job in the background ignores Ctrl-C, and so would what it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  no threads
    )
    assert child.stdout is not None
    while int(child.stdout.readline()) < len(FILE) // 2:
        pass
    child.send_signal(signal.SIGINT)
    child.communicate()
    assert child.returncode != 0
    assert left(tmp_path) == ["survey.zip.part", "survey.zip.part.json"]
    assert fetch(publisher, tmp_path, sha256=HASH).path.read_bytes() == FILE
    assert publisher.ranges() == [None, f"bytes={len(FILE) // 2}-"]


def test_who_asks_for_the_same_file_at_once_waits(publisher: Publisher, tmp_path: Path) -> None:
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: fetch(publisher, tmp_path), range(6)))
    assert len(set(found)) == 1
    assert len(publisher.asked) == 1


def test_a_known_edition_is_asked_for_by_its_validators(
    publisher: Publisher, tmp_path: Path
) -> None:
    first = fetch(publisher, tmp_path)
    again = replace(HASTY, is_refreshing=True)
    assert fetch(publisher, tmp_path, options=again) == first
    assert publisher.asked[-1][2]["if-none-match"] == first.etag
    publisher.files["/survey.zip"] = other = content(seed=1)
    assert fetch(publisher, tmp_path, options=again).path.read_bytes() == other
    assert recorded(first.path) != first
    # A server that answers no conditions sends the file, and that is right, too.
    publisher.knows.remove("304")
    assert fetch(publisher, tmp_path, options=again).path.read_bytes() == other


@pytest.mark.parametrize(
    ("mirror", "place"),
    [
        (None, "https://www.ssa.gov/a%20b/x.zip?v=1"),
        ("", "https://www.ssa.gov/a%20b/x.zip?v=1"),
        ("https://m.org/us/", "https://m.org/us/www.ssa.gov/a%20b/x.zip?v=1"),
        ("/srv/mirror", Path("/srv/mirror/www.ssa.gov/a b/x.zip")),
        ("file:///srv/a%20mirror", Path("/srv/a mirror/www.ssa.gov/a b/x.zip")),
    ],
)
def test_where_a_file_lies_in_a_mirror(mirror: str | None, place: str | Path) -> None:
    assert located("https://www.ssa.gov/a%20b/x.zip?v=1", mirror) == place


def test_a_folder_is_a_mirror(tmp_path: Path) -> None:
    url = "https://www2.census.gov/programs-surveys/acs/csv_pus.zip"
    there = tmp_path / "mirror" / "www2.census.gov" / "programs-surveys" / "acs" / "csv_pus.zip"
    destination, mirror = tmp_path / "raw" / "csv_pus.zip", str(tmp_path / "mirror")
    message = refusal(MissingFileError, lambda: download(url, destination, mirror=mirror))
    assert message.startswith(f"{url}: the mirror has no {there}. Put the file there")
    there.parent.mkdir(parents=True)
    there.write_bytes(FILE)
    steps: list[Progress] = []
    found = download(url, destination, sha256=HASH, mirror=mirror, progress=steps.append)
    assert destination.read_bytes() == FILE
    assert (found.url, found.retrieved_from, found.etag) == (url, str(there), None)
    assert steps[-1] == Progress(url, len(FILE), len(FILE))
    there.write_bytes(b"another")
    assert download(url, destination, mirror=mirror) == found
    message = refusal(
        DownloadError, lambda: download(url, tmp_path / "raw" / "b", sha256=HASH, mirror=mirror)
    )
    assert f"It came from {there}." in message
    assert left(tmp_path) == ["csv_pus.zip", "csv_pus.zip.json"]


def test_a_mirror_may_be_a_server(tmp_path: Path) -> None:
    url = "https://www2.census.gov/acs/csv_pus.zip"
    with serving({"/us/www2.census.gov/acs/csv_pus.zip": FILE}, "drop 300000") as publisher:
        steps: list[Progress] = []
        found = download(
            url,
            tmp_path / "csv_pus.zip",
            mirror=f"{publisher.root}/us",
            progress=steps.append,
            options=HASTY,
        )
        missing = refusal(
            MissingFileError,
            lambda: download(
                "https://a.org/b.zip", tmp_path / "b", mirror=publisher.root, options=HASTY
            ),
        )
        assert missing.startswith(f"{publisher.root}/a.org/b.zip: the server answers 404")
    assert found.retrieved_from == f"{publisher.root}/us/www2.census.gov/acs/csv_pus.zip"
    assert {step.url for step in steps} == {url}
