"""A raw file comes through its door, or the message says how to get it."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from publisher_fixture import HASTY, Publisher, serving
from sources_fixture import drop, entry, landing, refusal, rows

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
    wanted = entry(door="fetch", url="https://example.org/a/survey.zip", dropped="survey*")
    mirrored = tmp_path / "mirror" / "example.org" / "a" / "survey.zip"
    mirrored.parent.mkdir(parents=True)
    mirrored.write_bytes(b"a")
    monkeypatch.setenv("STEELYARD_MIRROR", str(tmp_path / "mirror"))
    assert doors(tmp_path).find(wanted) == mirrored
    dropped = drop(tmp_path, b"a,b\n1,2\n")
    assert doors(tmp_path).find(wanted) == dropped
    assert doors(tmp_path).get(wanted) == dropped


def test_what_a_folder_of_a_mirror_lacks_is_sought_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEELYARD_MIRROR", str(tmp_path / "mirror"))
    with serving() as publisher:
        assert doors(tmp_path).get(entry(door="fetch", url=publisher.url())) is None
    assert publisher.asked == []


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    for name in ("STEELYARD_MIRROR", "STEELYARD_DROP", "STEELYARD_FETCHED"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(doors_module, "PATIENT", HASTY)
    with serving({"/survey.csv": b"a,b\n1,2\n"}) as served:
        yield served


def published(publisher: Publisher, **changes: object) -> Entry:
    return entry(**{"door": "fetch", "url": publisher.url("/survey.csv")} | changes)


def test_a_published_file_is_fetched_when_it_is_wanted_and_only_then(
    publisher: Publisher, tmp_path: Path
) -> None:
    known = published(publisher)
    assert doors(tmp_path).find(known) is None
    assert publisher.asked == []
    fetched = doors(tmp_path).get(known)
    assert fetched == tmp_path / "fetched" / publisher.root.removeprefix("http://") / "survey.csv"
    assert doors(tmp_path).find(known) == doors(tmp_path).get(known) == fetched
    assert len(publisher.asked) == 1


def test_a_fetched_file_may_lie_elsewhere_and_who_asks_may_call_itself_otherwise(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEELYARD_FETCHED", str(tmp_path / "disk"))
    monkeypatch.setenv("STEELYARD_USER_AGENT", "Mozilla/5.0 (X11)")
    fetched = doors(tmp_path).get(published(publisher))
    assert fetched is not None
    assert fetched.is_relative_to(tmp_path / "disk")
    assert publisher.asked[0][2]["user-agent"] == "Mozilla/5.0 (X11)"


def test_a_file_that_is_not_published_is_told_and_left_to_a_person(
    publisher: Publisher, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    known = published(publisher, url=publisher.url("/gone.csv"))
    with caplog.at_level(logging.WARNING):
        assert doors(tmp_path).get(known) is None
    assert "survey: " in caplog.text
    assert "the server answers 404" in caplog.text


def test_a_publisher_in_trouble_is_named_and_what_to_do_by_hand(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.faults = ["status 503"] * 9
    message = refusal(SourceError, doors(tmp_path).get, published(publisher))
    assert message.startswith(f"survey: {publisher.url('/survey.csv')}: the server answers 503")
    assert entry().how_to_get in message
    wrong = published(publisher, sha256="0" * 64)
    publisher.faults = []
    message = refusal(SourceError, doors(tmp_path).get, wrong)
    assert "expected sha256 " + "0" * 64 in message


def test_what_is_fetched_lands_and_is_held_to_its_first_reading(
    publisher: Publisher, tmp_path: Path
) -> None:
    known = published(publisher)
    assert rows(landing(tmp_path, known).land(["survey"]).path) == [("1", "2")]
    fetched = doors(tmp_path).find(known)
    assert fetched is not None
    fetched.unlink()
    publisher.files["/survey.csv"] = b"a,b\n1,3\n"
    message = refusal(SourceError, landing(tmp_path, known).land, ["survey"])
    assert "is not the file that was expected" in message
    assert "delete" in message


def test_what_may_be_missed_is_not_fetched_on_the_way(publisher: Publisher, tmp_path: Path) -> None:
    port = landing(tmp_path, published(publisher))
    message = refusal(SourceError, lambda: port.land_all(["survey"], may_fetch=False))
    assert "steelyard fetch survey" in message
    assert publisher.asked == []
    assert not port.any_at_hand(["survey"])


def test_the_first_pattern_whose_files_are_all_published_is_read(
    publisher: Publisher, tmp_path: Path
) -> None:
    one = published(publisher, name="survey_2023", survey_year=2023)
    two = published(publisher, name="survey_2022", survey_year=2022, url=publisher.url("/gone.csv"))
    port = landing(tmp_path, one, two)
    landed = port.land_all(["survey_202[23]", "survey_2023"])
    assert [known.name for known, _ in landed] == ["survey_2023"]


def test_what_lies_here_is_read_rather_than_something_better_fetched(
    publisher: Publisher, tmp_path: Path
) -> None:
    better = published(publisher, name="better")
    port = landing(tmp_path, better, entry())
    drop(tmp_path, b"c,d\n3,4\n")
    assert port.land(["better", "survey"]).entry == "survey"
    assert publisher.asked == []
    assert port.land(["better"]).entry == "better"
    assert port.land(["better", "survey"]).entry == "better"
