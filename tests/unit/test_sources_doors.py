"""A raw file comes through its door, or the message says how to get it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sources_fixture import drop, entry, refusal

from steelyard.sources import doors as doors_module
from steelyard.sources.doors import DemoWorld, Doors, SourceError
from steelyard.sources.registry import Entry

HOUSEHOLDS = "www2.census.gov/programs-surveys/cps/datasets/2023/march/asecpub23csv.zip"


def doors(root: Path, households: int = 200) -> Doors:
    return Doors(root, root / "build" / "cache", DemoWorld(households, 1))


def test_a_packaged_file_is_found_inside_its_package(tmp_path: Path) -> None:
    found = doors(tmp_path).find(entry(door="package", file="steelyard:sources/entries/scf.yml"))
    assert found is not None
    assert found.is_file()


def test_a_package_that_is_not_installed_is_named(tmp_path: Path) -> None:
    wanted = entry(door="package", file="no_such_package:x.csv", how_to_get="Install it.")
    message = refusal(SourceError, doors(tmp_path).find, wanted)
    assert "survey" in message
    assert "no_such_package" in message
    assert "Install it." in message


def test_a_dropped_file_is_found_plain_or_compressed(tmp_path: Path) -> None:
    assert doors(tmp_path).find(entry()) is None
    plain = drop(tmp_path, b"a,b\n1,2\n")
    assert doors(tmp_path).find(entry()) == plain
    compressed = plain.rename(plain.with_name("survey.csv.gz"))
    assert doors(tmp_path).find(entry()) == compressed


def test_the_drop_folder_may_lie_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEELYARD_DROP", str(tmp_path / "elsewhere" / "drop"))
    dropped = drop(tmp_path / "elsewhere", b"a,b\n1,2\n")
    assert doors(tmp_path).find(entry()) == dropped


def test_of_two_matching_files_none_is_chosen(tmp_path: Path) -> None:
    drop(tmp_path, b"a,b\n1,2\n", "one.csv")
    drop(tmp_path, b"a,b\n1,2\n", "two.csv")
    message = refusal(SourceError, doors(tmp_path).find, entry())
    assert "2 files match *.csv* in" in message
    assert "one.csv, two.csv" in message
    assert "leave one there" in message


def imitated(file: str = HOUSEHOLDS) -> Entry:
    return entry(door="demo", file=file, survey="cps_asec", vintage="2023")


def test_a_demo_survey_is_written_once_for_two_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []

    def write_survey(
        folder: Path, survey: str, vintage: int, *, households: int, seed: int
    ) -> list[Path]:
        made.append(folder)
        path = folder / HOUSEHOLDS
        path.parent.mkdir(parents=True)
        path.write_text(f"{survey},{vintage},{households},{seed}\n")
        return [path]

    monkeypatch.setattr(doors_module, "write_survey", write_survey)
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: doors(tmp_path).find(imitated()), range(8)))
    assert len(made) == 1
    (path,) = found
    assert path is not None
    assert path.read_text() == "cps_asec,2023,200,1\n"
    assert doors(tmp_path, households=201).find(imitated()) != path


def test_a_demo_survey_that_was_interrupted_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(
        folder: Path, survey: str, vintage: int, *, households: int, seed: int
    ) -> list[Path]:
        (folder / "half.csv").write_text("a,b\n1")
        raise KeyboardInterrupt

    monkeypatch.setattr(doors_module, "write_survey", interrupted)
    with pytest.raises(KeyboardInterrupt):
        doors(tmp_path).find(imitated())
    assert list((tmp_path / "build" / "cache").iterdir()) == []


def test_a_file_that_the_demo_world_lost_is_written_again(tmp_path: Path) -> None:
    path = doors(tmp_path).find(imitated())
    assert path is not None
    written = path.read_bytes()
    path.unlink()
    assert doors(tmp_path).find(imitated()) == path
    assert path.read_bytes() == written


def test_an_address_that_the_demo_world_does_not_write_is_named(tmp_path: Path) -> None:
    message = refusal(SourceError, doors(tmp_path).find, imitated("elsewhere.org/asec.zip"))
    assert "writes cps_asec of 2023 without elsewhere.org/asec.zip" in message


def test_a_file_to_fetch_is_taken_from_the_mirror_and_rather_from_the_drop_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = entry(door="fetch", file="example.org/a/survey.zip", dropped="survey*")
    mirrored = tmp_path / "mirror" / "example.org" / "a" / "survey.zip"
    mirrored.parent.mkdir(parents=True)
    mirrored.write_bytes(b"a")
    monkeypatch.setenv("STEELYARD_MIRROR", str(tmp_path / "mirror"))
    assert doors(tmp_path).find(wanted) == mirrored
    dropped = drop(tmp_path, b"a,b\n1,2\n")
    assert doors(tmp_path).find(wanted) == dropped
