"""Of a zip the one member that is meant is given, whole, or the message says what to do."""

import signal
import subprocess
import sys
import textwrap
import zipfile
import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sources_fixture import entry, landing, refusal

from steelyard.sources import archive
from steelyard.sources.archive import ArchiveError, extracted
from steelyard.warehouse.files import UnreadableFileError
from steelyard.warehouse.unfinished import NoSpaceError

PERSONS = b"PH_SEQ,P_SEQ\n" + b"".join(b"%d,1\n" % (number * number) for number in range(9_000))
FOLDER = "cpspb/asec/prod/data/2019/"
MEMBERS = {
    f"{FOLDER}HHPUB19.CSV": b"H_SEQ\n1\n",
    f"{FOLDER}PPPUB19.CSV": PERSONS,
    f"__MACOSX/{FOLDER}._pppub19.csv": b"\0",
}
PERSON = r"pppub19\.csv"


def zipped(path: Path, members: dict[str, bytes] = MEMBERS) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return path


def read(path: Path, member: str | None = PERSON) -> bytes:
    with extracted(path, member, beside=path.parent / "cache") as text:
        return text.read_bytes()


def left(path: Path) -> list[Path]:
    return list((path.parent / "cache").rglob("*"))


def test_a_member_is_found_in_any_folder_and_case(tmp_path: Path) -> None:
    path = zipped(tmp_path / "asecpub19csv.ZIP")
    with extracted(path, PERSON, beside=tmp_path / "cache") as text:
        assert text.name == "PPPUB19.CSV"
        assert text.is_relative_to(tmp_path / "cache")
        assert text.read_bytes() == PERSONS
    assert left(path) == []


@pytest.mark.parametrize("name", ["pppub19.csv", "pppub19.csv.gz", "pppub19.zip"])
def test_what_is_no_zip_passes_as_it_is(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"anything")
    with extracted(path, None if name.endswith("zip") else PERSON, beside=tmp_path) as text:
        assert text == path
    assert path.read_bytes() == b"anything"


def test_a_member_that_is_not_there_is_sought_among_those_that_are(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip")
    message = refusal(ArchiveError, read, path, r"pppub23\.csv")
    assert message.startswith(f"{path}: 0 members match ")
    assert r"'pppub23\\.csv'" in message
    assert f"it holds {FOLDER}HHPUB19.CSV, {FOLDER}PPPUB19.CSV" in message
    assert "Is it the zip of another vintage?" in message


def test_of_many_members_some_are_shown(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {f"m{number:02}.csv": b"a" for number in range(20)})
    message = refusal(ArchiveError, read, path)
    assert "m07.csv, and 12 more" in message
    assert "holds nothing" in refusal(ArchiveError, read, zipped(tmp_path / "b.zip", {}))


def test_of_two_members_that_match_none_is_chosen(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a/pppub19.csv": b"1", "b/PPPUB19.csv": b"2"})
    message = refusal(ArchiveError, read, path)
    assert "2 members match" in message
    assert "a/pppub19.csv, b/PPPUB19.csv" in message
    assert "Narrow the registry entry's member" in message


def damaged(path: Path, change: Any) -> Path:
    content = bytearray(zipped(path).read_bytes())
    path.write_bytes(change(content))
    return path


def flipped(content: bytearray) -> bytearray:
    place = content.find(b"PPPUB19.CSV") + 3_000
    content[place] ^= 0xFF
    return content


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[: len(content) // 2],
        lambda content: content[:-5],
        lambda content: b"",
        lambda content: b"<!DOCTYPE html><html>not found</html>",
        flipped,
    ],
    ids=["half", "without its end", "empty", "web page", "one byte changed"],
)
def test_a_damaged_zip_is_refused_and_nothing_stays(tmp_path: Path, change: Any) -> None:
    path = damaged(tmp_path / "a.zip", change)
    message = refusal(ArchiveError, read, path)
    assert message.startswith(f"{path}: is truncated or no zip: ")
    assert "Get it anew" in message
    assert left(path) == []


def test_a_wrong_checksum_is_seen_before_the_member_is_given(tmp_path: Path) -> None:
    """Stored, not packed: nothing but the checksum tells."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("pppub19.csv", PERSONS)
    path.write_bytes(path.read_bytes().replace(b"\n4,1\n", b"\n5,1\n"))
    assert "Bad CRC-32" in refusal(ArchiveError, read, path)


@pytest.mark.parametrize(
    ("offset", "value", "told"),
    [(8, 1, "is encrypted; unpack the zip with its password"), (10, 9, "unpack the zip with")],
    ids=["encrypted", "Deflate64"],
)
def test_what_python_cannot_unpack_is_for_another_program(
    tmp_path: Path, offset: int, value: int, told: str
) -> None:
    path = zipped(tmp_path / "a.zip", {"pppub19.csv": PERSONS})
    content = bytearray(path.read_bytes())
    content[content.rfind(b"PK\x01\x02") + offset] = value
    content[content.find(b"PK\x03\x04") + offset - 2] = value
    path.write_bytes(content)
    message = refusal(ArchiveError, read, path)
    assert told in message
    assert "put the unpacked file into" in message


def test_a_member_that_will_not_fit_is_not_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zipped(tmp_path / "a.zip")
    monkeypatch.setattr(archive.shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000))
    message = refusal(NoSpaceError, read, path)
    assert "PPPUB19.CSV takes 0.00 GB unpacked" in message
    assert f"{tmp_path / 'cache'} has 0.00 GB left" in message
    assert left(path) == []


def test_a_fault_in_the_member_is_told_of_the_zip(tmp_path: Path) -> None:
    folder = tmp_path / "drop" / "survey"
    folder.mkdir(parents=True)
    path = zipped(folder / "a.zip", {"x/pppub19.csv": b"a,b\n1,2\n3\n"})
    known = entry(file="*.zip", member=PERSON)
    message = refusal(UnreadableFileError, landing(tmp_path, known).land, ["survey"])
    assert message.startswith(f"{path} (pppub19.csv): line 3, '3', has 1 values")
    assert "unfinished" not in message


def test_what_a_killed_reader_left_goes_at_the_next(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip")
    program = """
        import os, signal, sys
        from pathlib import Path
        from steelyard.sources.archive import extracted

        with extracted(Path(sys.argv[1]), sys.argv[2], beside=Path(sys.argv[3])):
            os.kill(os.getpid(), signal.SIGKILL)
    """
    arguments = [str(path), PERSON, str(tmp_path / "cache")]
    killed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), *arguments], check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert len(left(path)) == 2
    assert zlib.crc32(read(path)) == zlib.crc32(PERSONS)
    assert left(path) == []
