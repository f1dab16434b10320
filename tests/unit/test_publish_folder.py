"""A release in a folder: moved in whole, never overwritten, and only one that may be published."""

import errno
import io
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from publish_fixture import (
    CLOSED,
    FAILED,
    GATES,
    NAMES,
    contents,
    publishable,
    publisher,
    remade,
    replaced,
)

from steelyard.publish import PublicationError, open_destination, publish
from steelyard.release import ReleaseError, folder, verify
from steelyard.sources.transfer import Progress


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publishable(tmp_path_factory.mktemp("earlier"), seed=1)


@pytest.fixture(scope="module")
def whole(earlier: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publishable(tmp_path_factory.mktemp("built"))


@pytest.fixture
def there(tmp_path: Path) -> Path:
    return tmp_path / "open"


def test_it_is_the_same_release_and_the_pointer_leads_to_it(whole: Path, there: Path) -> None:
    done = publish(whole, open_destination(str(there)))
    assert done.address == str(there / "demo" / whole.name)
    assert (done.sent, done.present) == (tuple(NAMES), ())
    assert done.sent_bytes == sum(len(content) for content in contents(whole).values())
    assert contents(there / "demo" / whole.name) == contents(whole)
    assert verify(there / "demo" / "latest")["version"] == whole.name
    assert (there / "demo" / "latest").readlink() == Path(whole.name)
    assert sorted(path.name for path in (there / "demo").iterdir()) == [whole.name, "latest"]
    assert (there / "demo" / whole.name).stat().st_mode & 0o777 == 0o755


def test_once_more_copies_nothing(whole: Path, there: Path) -> None:
    publish(whole, open_destination(str(there)))
    touched = {path: path.stat().st_mtime_ns for path in there.rglob("*")}
    done = publish(whole, open_destination(str(there)))
    assert (done.sent, done.pointers) == ((), {"latest": (whole.name, whole.name)})
    assert {path: path.stat().st_mtime_ns for path in there.rglob("*")} == touched


def test_a_lost_file_is_copied_again_alone(whole: Path, there: Path) -> None:
    publish(whole, open_destination(str(there)))
    (there / "demo" / whole.name / "val_gate.parquet").unlink()
    assert publish(whole, open_destination(str(there))).sent == ("val_gate.parquet",)
    assert contents(there / "demo" / whole.name) == contents(whole)


def test_progress_is_told_to_the_last_byte(whole: Path, there: Path) -> None:
    told: list[Progress] = []
    publish(whole, open_destination(str(there)), progress=told.append)
    done = [step.done_bytes for step in told]
    assert done == sorted(done)
    assert done[-1] == told[-1].total_bytes == sum(map(len, contents(whole).values()))


STOPPED = """
import os, sys, time
from pathlib import Path
from steelyard.publish import open_destination, publish

def stop(number):
    names = os.listdir(sys.argv[3])
    if ".tax_unit.parquet.part" in names:
        print("half copied", flush=True)
        time.sleep(600)

os.fsync = stop
publish(Path(sys.argv[1]), open_destination(sys.argv[2]))
"""


def test_killed_on_its_way_it_leaves_no_pointer_and_is_finished_by_the_next(
    earlier: Path, whole: Path, there: Path
) -> None:
    publish(earlier, open_destination(str(there)))
    before = contents(there)
    aside = there / "demo" / f".publishing-{whole.name}"
    with publisher(STOPPED, str(whole), str(there), str(aside)) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "half copied\n"
    assert sorted(path.name for path in aside.iterdir()) == sorted(
        [*NAMES[:10], ".tax_unit.parquet.part"]
    )
    assert verify(there / "demo" / "latest")["version"] == earlier.name
    assert not (there / "demo" / whole.name).exists()
    (aside / NAMES[0]).write_bytes(b"half of what it was")
    done = publish(whole, open_destination(str(there)))
    assert (done.present, done.sent) == (tuple(NAMES[1:10]), (NAMES[0], *NAMES[10:]))
    after = contents(there)
    assert {name: after[name] for name in before} == before
    assert contents(there / "demo" / whole.name) == contents(whole)
    assert verify(there / "demo" / "latest")["version"] == whole.name
    assert not aside.exists()


class FullDisk(io.FileIO):
    """A file on a disk that is full after some bytes."""

    def write(self, block: Any) -> int:
        super().write(block[:100])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def fill(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let the disk be full as soon as a file is copied."""
    opened = Path.open

    def full(path: Path, mode: str = "r", *rest: Any, **options: Any) -> Any:
        if path.name == f".{name}.part" and mode == "wb":
            return FullDisk(path, "w")
        return opened(path, mode, *rest, **options)

    monkeypatch.setattr(Path, "open", full)


def test_a_full_disk_is_told_and_nothing_half_stays(
    earlier: Path, whole: Path, there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(earlier, open_destination(str(there)))
    before = contents(there)
    fill(monkeypatch, "tax_unit.parquet")
    with pytest.raises(PublicationError, match=r"no space left in .*/demo for tax_unit.parquet"):
        publish(whole, open_destination(str(there)))
    assert contents(there) == before
    assert verify(there / "demo" / "latest")["version"] == earlier.name
    monkeypatch.undo()
    assert publish(whole, open_destination(str(there))).sent == tuple(NAMES)


def test_a_full_disk_takes_nothing_from_what_is_published(
    whole: Path, there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(whole, open_destination(str(there)))
    (there / "demo" / whole.name / "tax_unit.parquet").unlink()
    before = contents(there)
    fill(monkeypatch, "tax_unit.parquet")
    with pytest.raises(PublicationError, match="no space left"):
        publish(whole, open_destination(str(there)))
    assert contents(there) == before


def test_a_place_that_is_no_folder_is_told(whole: Path, there: Path) -> None:
    there.write_text("a file")
    with pytest.raises(PublicationError, match=r"Not a directory.*name another"):
        publish(whole, open_destination(str(there)))
    assert there.read_text() == "a file"


def test_what_is_damaged_on_its_way_is_found_and_taken_away(
    whole: Path, there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside = there / "demo" / f".publishing-{whole.name}"

    def damage(_: int) -> None:
        part = aside / ".tax_unit.parquet.part"
        if part.exists():
            part.write_bytes(b"damaged")

    monkeypatch.setattr(os, "fsync", damage)
    with pytest.raises(PublicationError, match=r"tax_unit.parquet was read back: expected"):
        publish(whole, open_destination(str(there)))
    assert sorted(path.name for path in aside.iterdir()) == sorted(NAMES[:10])
    assert not (there / "demo" / "latest").exists()


def test_other_bytes_of_the_same_version_are_never_overwritten(
    whole: Path, there: Path, tmp_path: Path
) -> None:
    publish(whole, open_destination(str(there)))
    before = contents(there)
    with pytest.raises(PublicationError) as caught:
        publish(remade(tmp_path, whole), open_destination(str(there)), is_stable=True)
    assert "holds 2 files of another making: SHA256SUMS: released" in str(caught.value)
    assert "made at another time, is published there already" in str(caught.value)
    assert contents(there) == before
    assert not (there / "demo" / "stable").exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("tax_unit.parquet", r"tax_unit.parquet: released \w{64}, there \w{64}.* was altered"),
        ("strange.parquet", "strange.parquet: not in the release"),
    ],
)
def test_an_altered_destination_is_named(whole: Path, there: Path, name: str, message: str) -> None:
    publish(whole, open_destination(str(there)))
    (there / "demo" / whole.name / name).write_bytes(b"altered")
    before = contents(there)
    with pytest.raises(PublicationError, match=message):
        publish(whole, open_destination(str(there)))
    assert contents(there) == before


def test_a_publication_that_broke_off_elsewhere_is_told(whole: Path, there: Path) -> None:
    published = there / "demo" / whole.name
    published.mkdir(parents=True)
    (published / "tax_unit.parquet").write_bytes(b"another's")
    with pytest.raises(PublicationError, match="broke off there"):
        publish(whole, open_destination(str(there)))


def test_two_at_once_copy_it_once(whole: Path, there: Path) -> None:
    destination = open_destination(str(there))
    with ThreadPoolExecutor(2) as both:
        done = [*both.map(lambda _: publish(whole, destination), range(2))]
    assert sorted(len(each.sent) for each in done) == [0, len(NAMES)]
    assert contents(there / "demo" / whole.name) == contents(whole)


# ------------------------------------------------------------------------------ what is refused


def test_failed_gates_are_named_and_stop_it(tmp_path: Path, there: Path) -> None:
    failed = publishable(tmp_path, gates=FAILED)
    with pytest.raises(PublicationError) as caught:
        publish(failed, open_destination(str(there)))
    assert "1 of 2 gates are not met: two (limit 0.1, measured 0.2)" in str(caught.value)
    assert not there.exists()


def test_an_expired_limit_stops_it_on_the_day_and_not_before(tmp_path: Path, there: Path) -> None:
    today = datetime.now(UTC).date()
    limits = (GATES[0] | {"expires_on": str(today)}, GATES[1] | {"expires_on": "9999-12-31"})
    with pytest.raises(PublicationError, match=f"1 of 2 gates have expired: one .on {today}: why"):
        publish(publishable(tmp_path, gates=[*limits]), open_destination(str(there)))
    assert not there.exists()
    tomorrow = str(today + timedelta(days=1))
    later = publishable(tmp_path, gates=[limit | {"expires_on": tomorrow} for limit in limits])
    assert publish(later, open_destination(str(there))).sent


@pytest.mark.parametrize("gates", [[], [GATES[0] | {"is_met": None}]])
def test_what_nothing_judged_is_not_published(tmp_path: Path, there: Path, gates: Any) -> None:
    with pytest.raises(PublicationError, match=r"names no gate|gates are not met"):
        publish(publishable(tmp_path, gates=gates), open_destination(str(there)))
    assert not there.exists()


def test_a_draft_may_fail_and_nobody_is_led_to_it(tmp_path: Path, there: Path) -> None:
    failed = publishable(tmp_path, gates=FAILED)
    done = publish(failed, open_destination(str(there)), is_draft=True)
    assert done.pointers == {}
    assert [path.name for path in (there / "demo").iterdir()] == ["draft"]
    assert contents(there / "demo" / "draft" / failed.name) == contents(failed)


@pytest.mark.parametrize("is_draft", [False, True])
def test_a_closed_source_is_never_published(
    tmp_path: Path, there: Path, is_draft: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "_refuse_closed_sources", lambda _: None)
    closed = publishable(tmp_path, sources=CLOSED)
    with pytest.raises(PublicationError, match=r"1 of its sources are .*: panel \(RESTRICTED\)"):
        publish(closed, open_destination(str(there)), is_draft=is_draft)
    assert not there.exists()


def resigned(place: Path, whole: Path, old: str, new: str) -> Path:
    """Alter the manifest of a release and write its checksums anew, as a cheat would."""
    copy = place / whole.name
    shutil.copytree(whole, copy)
    text = (copy / "manifest.json").read_text(encoding="utf-8")
    assert old in text
    return replaced(copy, "manifest.json", text.replace(old, new).encode())


def test_checksums_that_were_written_anew_do_not_help(
    tmp_path: Path, whole: Path, there: Path
) -> None:
    failed = publishable(tmp_path, gates=FAILED)
    cheat = resigned(tmp_path / "cheat", failed, '"is_met": false', '"is_met": true')
    assert verify(cheat)
    with pytest.raises(PublicationError, match=r"what it says would be called .* it was altered"):
        publish(cheat, open_destination(str(there)))
    copy = tmp_path / "table" / whole.name
    shutil.copytree(whole, copy)
    replaced(copy, "tax_unit.parquet", (whole / "val_gate.parquet").read_bytes())
    with pytest.raises(PublicationError, match=r"tax_unit.parquet: the manifest says"):
        publish(copy, open_destination(str(there)))
    assert not there.exists()


def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, there: Path) -> None:
    astray = publishable(tmp_path, build_target="../astray")
    with pytest.raises(PublicationError, match=r"'../astray' is no name of a build"):
        publish(astray, open_destination(str(there)))
    assert not there.exists()


def spoil_hash(copy: Path) -> None:
    (copy / "tax_unit.parquet").write_bytes(b"altered")


def spoil_files(copy: Path) -> None:
    (copy / "val_gate.parquet").unlink()


def spoil_list(copy: Path) -> None:
    (copy / "SHA256SUMS").unlink()


def spoil_name(copy: Path) -> None:
    with (copy / "SHA256SUMS").open("a", encoding="utf-8") as sums:
        sums.write(f"{'0' * 64}  ../other/file\n")


def spoil_schema(copy: Path) -> None:
    replaced(copy, "manifest.json", b'{"version": "2022-0123456789"}')


def empty(copy: Path) -> None:
    shutil.rmtree(copy)
    copy.mkdir()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (spoil_hash, r"tax_unit.parquet: expected \w{64}, found \w{64}"),
        (spoil_files, "val_gate.parquet: expected .*found missing"),
        (spoil_list, "it is not a whole release"),
        (spoil_name, r"SHA256SUMS:15: .*is no checksum and file name"),
        (spoil_schema, "written by another version of Steelyard"),
        (empty, "it is not a whole release"),
    ],
)
def test_what_is_no_whole_release_is_not_published(
    whole: Path, tmp_path: Path, there: Path, spoil: Any, message: str
) -> None:
    copy = tmp_path / whole.name
    shutil.copytree(whole, copy)
    spoil(copy)
    with pytest.raises(ReleaseError, match=message):
        publish(copy, open_destination(str(there)), is_draft=True)
    assert not there.exists()


# ------------------------------------------------------------------------------------- pointers


def test_pointers_move_when_told(earlier: Path, whole: Path, there: Path) -> None:
    destination = open_destination(str(there))
    first = publish(earlier, destination, is_stable=True)
    assert first.pointers == {"latest": (None, earlier.name), "stable": (None, earlier.name)}
    second = publish(whole, destination)
    assert second.pointers == {"latest": (earlier.name, whole.name)}
    assert verify(there / "demo" / "stable")["version"] == earlier.name
    promoted = publish(whole, destination, is_stable=True)
    assert (promoted.sent, promoted.pointers["stable"]) == ((), (earlier.name, whole.name))
    back = publish(earlier, destination, is_stable=True)
    assert back.pointers["stable"] == (whole.name, earlier.name), "stable goes where it is told"


def test_latest_never_goes_back(whole: Path, there: Path, tmp_path: Path) -> None:
    destination = open_destination(str(there))
    later = remade(tmp_path, publishable(tmp_path, seed=2))
    text = (later / "manifest.json").read_text(encoding="utf-8")
    replaced(later, "manifest.json", text.replace('"at": "19', '"at": "29').encode())
    publish(later, destination)
    assert publish(whole, destination).pointers == {"latest": (later.name, later.name)}
    shutil.rmtree(there / "demo" / later.name)
    assert publish(whole, destination).pointers == {"latest": (later.name, whole.name)}


def test_a_folder_where_a_pointer_should_be_is_left_alone(whole: Path, there: Path) -> None:
    (there / "demo" / "latest").mkdir(parents=True)
    (there / "demo" / "latest" / "mine.txt").write_text("mine")
    with pytest.raises(PublicationError, match=r"latest is no link and is left alone"):
        publish(whole, open_destination(str(there)))
    assert (there / "demo" / "latest" / "mine.txt").read_text() == "mine"


def test_a_dry_run_changes_nothing(whole: Path, there: Path) -> None:
    done = publish(whole, open_destination(str(there)), is_dry_run=True)
    assert (done.sent, done.pointers) == (tuple(NAMES), {"latest": (None, whole.name)})
    assert not there.exists()
