"""Publishers are asked what is new, changed or gone, and send no file for that."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from publisher_fixture import HASTY, Publisher, content, serving

from steelyard.sources.download import download
from steelyard.sources.freshness import Freshness, Question, check

FILE = content(3_200)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with serving({"/a.zip": FILE, "/b.zip": FILE}) as served:
        yield served


def question(publisher: Publisher, folder: Path, path: str = "/a.zip") -> Question:
    return Question(path[1:-4], publisher.url(path), folder / path[1:])


def bring(publisher: Publisher, folder: Path, path: str = "/a.zip") -> Question:
    asked = question(publisher, folder, path)
    assert asked.destination is not None
    download(asked.url, asked.destination, options=HASTY)
    publisher.asked.clear()
    return asked


def ask(*questions: Question) -> list[tuple[str, str]]:
    return [(answer.state, answer.told) for answer in check(questions, options=HASTY)]


def test_what_is_not_here_is_new(publisher: Publisher, tmp_path: Path) -> None:
    answers = check([question(publisher, tmp_path)], options=HASTY)
    told = "0.0 MB, Sun, 09 Sep 2001 01:46:40 GMT"
    assert answers == [Freshness("a", publisher.url("/a.zip"), "new", told)]
    assert [method for method, _, _ in publisher.asked] == ["HEAD"]


def test_what_has_not_changed_is_told_by_the_publisher(
    publisher: Publisher, tmp_path: Path
) -> None:
    here = bring(publisher, tmp_path)
    assert ask(here) == [("unchanged", "the publisher says so")]
    _, _, headers = publisher.asked[0]
    assert headers["if-none-match"].startswith('"')
    assert headers["if-modified-since"] == "Sun, 09 Sep 2001 01:46:40 GMT"


def test_what_has_changed_is_told_with_both_times(publisher: Publisher, tmp_path: Path) -> None:
    here = bring(publisher, tmp_path)
    publisher.files["/a.zip"] = content(6_400, seed=1)
    publisher.dates["/a.zip"] = 1.5e9
    ((state, told),) = ask(here)
    assert state == "changed"
    assert told.startswith("0.0 MB, Fri, 14 Jul 2017 02:40:00 GMT; came here 2")


@pytest.mark.parametrize(
    ("knows", "told"),
    [
        ({"etag", "date", "length", "head"}, "by its ETag"),
        ({"date", "length", "head"}, "by its date and length"),
        ({"length", "head"}, "by its length alone"),
        ({"etag", "date", "length", "range"}, "by its ETag"),
        ({"304", "date", "length", "range"}, "the publisher says so"),
    ],
    ids=["ETag", "date", "length", "no HEAD", "no HEAD, but conditions"],
)
def test_servers_that_answer_no_conditions_are_compared_with(
    publisher: Publisher, tmp_path: Path, knows: set[str], told: str
) -> None:
    publisher.knows = knows
    here = bring(publisher, tmp_path)
    assert ask(here) == [("unchanged", told)]
    publisher.files["/a.zip"] = content(6_400, seed=1)
    publisher.dates["/a.zip"] = 1.5e9
    assert [state for state, _ in ask(here)] == ["changed"]


def test_another_etag_of_the_same_date_and_length_is_the_same_file(
    publisher: Publisher, tmp_path: Path
) -> None:
    """Several servers behind one address."""
    publisher.knows.remove("304")
    here = bring(publisher, tmp_path)
    publisher.etag_prefix = "W/"
    assert ask(here) == [("unchanged", "by its date and length")]
    publisher.knows.remove("date")
    assert [state for state, _ in ask(here)] == ["changed"]


def test_what_is_gone_and_what_was_never_there(publisher: Publisher, tmp_path: Path) -> None:
    here = bring(publisher, tmp_path)
    del publisher.files["/a.zip"]
    never = question(publisher, tmp_path, "/c.zip")
    next_one = Question("next", publisher.url("/d.zip"))
    answers = ask(here, never, next_one)
    assert [state for state, _ in answers] == ["gone", "gone", "unpublished"]
    assert answers[0][1] == "the server answers 404 with a web page"
    publisher.files["/d.zip"] = FILE
    assert [state for state, _ in ask(next_one)] == ["new"]
    publisher.faults = ["page", "page"]
    answers = ask(question(publisher, tmp_path, "/b.zip"), replace(next_one, name="again"))
    assert answers[0] == ("gone", "the server answers 200 with a web page")
    assert answers[1][0] == "unpublished"


def test_trouble_is_told_and_no_verdict(publisher: Publisher, tmp_path: Path) -> None:
    publisher.faults = ["status 503", "status 403", "status 403"]
    answers = ask(question(publisher, tmp_path), question(publisher, tmp_path, "/b.zip"))
    assert answers == [
        ("unreachable", "the server answers 503"),
        ("unreachable", "the server answers 403"),
    ]


def test_a_silent_host_is_not_asked_on_and_others_are(publisher: Publisher, tmp_path: Path) -> None:
    with serving() as closed:
        root = closed.root
    silent = [Question(str(number), f"{root}/{number}", tmp_path / "x") for number in range(4)]
    answers = ask(*silent, question(publisher, tmp_path))
    assert [state for state, _ in answers] == ["unreachable"] * 4 + ["new"]
    assert "Connection refused" in answers[0][1]
    assert answers[3][1] == f"{root.removeprefix('http://')} kept silent before"


def test_files_of_one_url_are_asked_once(publisher: Publisher, tmp_path: Path) -> None:
    one = question(publisher, tmp_path)
    answers = check([one, replace(one, name="twin")], options=HASTY)
    assert [(answer.name, answer.state) for answer in answers] == [("a", "new"), ("twin", "new")]
    assert len(publisher.asked) == 1


def test_answers_are_told_as_they_come(publisher: Publisher, tmp_path: Path) -> None:
    told: list[Freshness] = []
    lock = threading.Lock()

    def tell(answer: Freshness) -> None:
        with lock:
            told.append(answer)

    questions = [question(publisher, tmp_path), question(publisher, tmp_path, "/b.zip")]
    assert check(questions, progress=tell, options=HASTY) == told


def test_a_dry_run_asks_nobody(publisher: Publisher, tmp_path: Path) -> None:
    here = bring(publisher, tmp_path)
    new = question(publisher, tmp_path, "/b.zip")
    answers = check([here, new], is_dry_run=True)
    assert publisher.asked == []
    assert [answer.state for answer in answers] == ["not asked", "not asked"]
    assert answers[0].told.startswith('would ask If-None-Match: "')
    assert answers[1].told == "would ask whether it is there"


def test_a_folder_knows_nothing_of_publishers(tmp_path: Path) -> None:
    there = tmp_path / "mirror" / "a.org" / "x.zip"
    there.parent.mkdir(parents=True)
    there.write_bytes(FILE)
    download("https://a.org/x.zip", tmp_path / "x.zip", mirror=str(tmp_path / "mirror"))
    questions = [
        Question("x", "https://a.org/x.zip", tmp_path / "x.zip"),
        Question("y", "https://a.org/y.zip"),
    ]
    answers = check(questions, mirror=str(tmp_path / "mirror"))
    assert [answer.state for answer in answers] == ["not asked", "not asked"]
    assert answers[0].told.endswith(f"{there} is there")
    assert answers[1].told.endswith("y.zip is not there")
    told = check(questions, is_dry_run=True)[0].told
    assert told == "would ask its length, 3,200"


def test_a_file_from_a_mirror_is_compared_with_the_publisher_s_by_its_length(
    publisher: Publisher, tmp_path: Path
) -> None:
    host = publisher.root.removeprefix("http://")
    there = tmp_path / "mirror" / host / "a.zip"
    there.parent.mkdir(parents=True)
    there.write_bytes(FILE)
    here = question(publisher, tmp_path)
    assert here.destination is not None
    download(here.url, here.destination, mirror=str(tmp_path / "mirror"))
    assert ask(here) == [("unchanged", "by its length alone")]
    assert "if-none-match" not in publisher.asked[0][2]
    publisher.files["/a.zip"] = FILE + b"1"
    assert [state for state, _ in ask(here)] == ["changed"]


def test_a_mirror_that_is_a_server_is_asked_in_the_publisher_s_place(tmp_path: Path) -> None:
    with serving({"/us/a.org/x.zip": FILE}) as publisher:
        mirror = f"{publisher.root}/us"
        asked = Question("x", "https://a.org/x.zip", tmp_path / "x.zip")
        assert [answer.state for answer in check([asked], mirror=mirror, options=HASTY)] == ["new"]
        download(asked.url, tmp_path / "x.zip", mirror=mirror, options=HASTY)
        told = check([asked], mirror=mirror, options=HASTY)
        assert [answer.told for answer in told] == ["the publisher says so"]
