"""`steelyard fetch` brings, lists and asks, and its exit code tells what a cron job needs."""

import contextlib
import io
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from publisher_fixture import HASTY, Publisher, content, serving
from sources_fixture import drop, entry

from steelyard.cli import fetch as fetch_module
from steelyard.cli import main
from steelyard.sources import doors as doors_module
from steelyard.sources.registry import Entry

FILE = content(3_200)
OTHER = content(6_400, seed=1)


def registered(root: str) -> dict[str, Entry]:
    """Two records of one zip, another file, one that comes by hand, and a twin."""
    known = [
        entry(
            name="a_2022_person", door="fetch", url=f"{root}/a22.zip", survey="a", file="a22.zip"
        ),
        entry(name="a_2022_unit", door="fetch", url=f"{root}/a22.zip", survey="a", file="a22.zip"),
        entry(name="b_2022", door="fetch", url=f"{root}/b22.zip", survey="b", file="b22.zip"),
        entry(name="closed", access_class="REGISTRATION", how_to_get="Register and drop it."),
        entry(name="demo_a_2022_person", door="demo", is_synthetic=True, url=f"{root}/a22.zip"),
    ]
    return {one.name: one for one in known}


@pytest.fixture
def publisher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    monkeypatch.chdir(tmp_path)
    for name in ("STEELYARD_MIRROR", "STEELYARD_DROP", "STEELYARD_FETCHED"):
        monkeypatch.delenv(name, raising=False)
    with serving({"/a22.zip": FILE, "/b22.zip": OTHER}) as served:
        known = registered(served.root)
        coming = replace(known["a_2022_person"], name="a_2023_person", url=f"{served.root}/a23.zip")
        monkeypatch.setattr(fetch_module, "load_registry", lambda: known)
        monkeypatch.setattr(fetch_module, "load_upcoming", lambda: {coming.name: coming})
        monkeypatch.setattr(doors_module, "PATIENT", HASTY)
        yield served


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["fetch", *arguments])
    return code, out.getvalue(), err.getvalue()


def place(publisher: Publisher, name: str) -> str:
    return f"fetched/{publisher.root.removeprefix('http://')}/{name}"


def test_names_and_globs_are_fetched_a_file_once(publisher: Publisher) -> None:
    code, out, err = run("a_*")
    assert code == 0
    assert out == f"fetched   a_2022_person and 1 more: {place(publisher, 'a22.zip')} (0.0 MB)\n"
    assert err == "a22.zip  0.0 of 0.0 MB, 0 s\n"
    assert Path(place(publisher, "a22.zip")).read_bytes() == FILE
    assert len(publisher.asked) == 1
    code, out, _ = run("a_*", "b_2022")
    assert code == 0
    assert f"at hand   a_2022_person and 1 more: {place(publisher, 'a22.zip')}\n" in out
    assert "fetched   b_2022: " in out
    assert len(publisher.asked) == 2


def test_what_cannot_be_had_is_told_and_the_rest_comes(publisher: Publisher) -> None:
    del publisher.files["/a22.zip"]
    code, out, err = run("*_2022*", "closed")
    assert code == 1
    assert "fetched   b_2022: " in out
    assert "no need   demo_a_2022_person: the demo world writes it" in out
    assert "by hand   closed\n          Register and drop it.\n" in out
    assert f"a_2022_person and 1 more: {publisher.url('/a22.zip')}: the server answers 404" in err


def test_what_comes_by_hand_fails_only_where_it_is_named(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch_module, "entries_of_target", lambda *_: ["b_2022", "closed"])
    code, out, _ = run("--target", "us")
    assert code == 0
    assert "by hand   closed" in out
    assert run("closed")[0] == 1
    drop(Path.cwd(), b"a,b\n").parent.rename("drop/closed")
    code, out, _ = run("closed")
    assert (code, out) == (0, "at hand   closed: drop/closed/survey.csv\n")


def test_a_dropped_file_needs_no_fetching(publisher: Publisher) -> None:
    drop(Path.cwd(), FILE, "b22.zip").parent.rename("drop/b_2022")
    code, out, _ = run("b_2022")
    assert (code, out) == (0, "at hand   b_2022: drop/b_2022/b22.zip\n")
    assert publisher.asked == []


def test_the_list_says_terms_and_where_each_file_lies(publisher: Publisher) -> None:
    run("a_*")
    code, out, err = run("--list")
    assert (code, err) == (0, "")
    blocks = out.split("\n    ")
    assert out.startswith("a_2022_person and 1 more\n    PUBLIC, at hand: fetched/")
    assert f"b_2022\n    PUBLIC, to be fetched: {publisher.url('/b22.zip')}\n" in out
    assert out.endswith("closed\n    REGISTRATION, by hand: Register and drop it.\n")
    assert len(blocks) == 4
    assert "MB, fetched 2" in out
    assert "written by the demo world" in run("--list", "demo_*")[1]
    assert len(publisher.asked) == 1


def test_what_comes_by_hand_in_one_way_is_told_once(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    waves = {f"wave_{n}": entry(name=f"wave_{n}", file=f"{n}.zip") for n in range(3)}
    monkeypatch.setattr(fetch_module, "load_registry", lambda: waves)
    out = run("--list")[1]
    assert out.count(entry().how_to_get) == 1
    assert out.count("by hand, as above") == 2
    out = run("wave_*")[1]
    assert out == f"by hand   wave_0, wave_1, wave_2\n          {entry().how_to_get}\n"


@pytest.mark.parametrize(
    ("change", "code", "told"),
    [
        ({}, 0, "2 new, 1 unpublished"),
        ({"/a22.zip": b""}, 3, "1 gone, 1 new, 1 unpublished"),
        ({"/a23.zip": FILE}, 3, "3 new"),
    ],
    ids=["nothing", "gone", "a vintage"],
)
def test_check_tells_by_its_exit_code_whether_there_is_news(
    publisher: Publisher, change: dict[str, bytes], code: int, told: str
) -> None:
    publisher.files = {k: v for k, v in (publisher.files | change).items() if v}
    found, out, _ = run("--check")
    assert (found, out.splitlines()[-1]) == (code, told)
    assert f"a_2023_person (next vintage)\n             {publisher.url('/a23.zip')}\n" in out


def test_check_finds_what_has_changed_since_it_was_fetched(publisher: Publisher) -> None:
    run("a_*", "b_2022")
    code, out, _ = run("--check")
    assert (code, out.splitlines()[-1]) == (0, "2 unchanged, 1 unpublished")
    publisher.files["/b22.zip"] = FILE
    publisher.dates["/b22.zip"] = 1.5e9
    code, out, _ = run("--check", "b_2022")
    assert code == 3
    assert out.startswith("changed      b_2022\n")
    publisher.faults = ["status 503"]
    code, out, _ = run("--check", "b_2022")
    assert code == 1
    assert "unreachable  b_2022" in out
    code, out, _ = run("--check", "--dry-run")
    assert (code, out.splitlines()[-1]) == (0, "3 not asked")
    assert "would ask If-None-Match: " in out


def test_a_changed_file_is_renewed_and_taken_for_the_one_that_is_meant(
    publisher: Publisher, tmp_path: Path
) -> None:
    run("b_2022")
    record = tmp_path / "build" / "cache" / "landed" / "b_2022.json"
    record.parent.mkdir(parents=True)
    record.write_text("{}")
    assert run("--renew", "b_2022")[1].startswith("unchanged b_2022: ")
    assert record.is_file()
    publisher.files["/b22.zip"] = FILE
    assert run("b_2022")[1].startswith("at hand   b_2022: ")
    assert run("--renew", "b_2022")[1].startswith("renewed   b_2022: ")
    assert not record.is_file()
    assert Path(place(publisher, "b22.zip")).read_bytes() == FILE


def test_a_mirror_is_asked_in_the_publisher_s_place_and_only_while_it_is_named(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = publisher.root.removeprefix("http://")
    with serving({f"/us/{host}/b22.zip": FILE}) as mirror:
        monkeypatch.setenv("STEELYARD_MIRROR", f"{mirror.root}/us")
        assert run("b_2022")[0] == 0
        assert Path(place(publisher, "b22.zip")).read_bytes() == FILE
        assert run("b_2022")[1].startswith("at hand ")
    assert publisher.asked == []
    # It may have been a made-up world: without the mirror, the file is the publisher's again.
    monkeypatch.delenv("STEELYARD_MIRROR")
    assert run("b_2022")[1].startswith("renewed ")
    assert Path(place(publisher, "b22.zip")).read_bytes() == OTHER


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "name what to fetch, or give --target"),
        (["b_2022", "--target", "us"], "give names or --target, not both"),
        (["--dry-run", "b_2022"], "--dry-run belongs to --check"),
        (["c_*"], "source 'c_*' is not registered"),
    ],
)
def test_a_wrong_wish_is_refused(publisher: Publisher, arguments: list[str], told: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (1, "")
    assert told in err


def test_an_interrupted_fetch_goes_on_the_next_time(publisher: Publisher, tmp_path: Path) -> None:
    """Ctrl-C in the command itself, in another process."""
    large = content(700_000)
    publisher.files["/b22.zip"] = large
    publisher.faults = ["hang"]
    program = """
        import sys
        from steelyard.cli import fetch, main
        sys.path.insert(0, sys.argv[1])
        from test_cli_fetch import registered
        fetch.load_registry = lambda: registered(sys.argv[2])
        sys.exit(main(["fetch", "b_2022"]))
    """
    child = subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(program),
            str(Path(__file__).parent),
            publisher.root,
        ],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        # A job in the background ignores Ctrl-C, and so would what it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  no threads
    )
    part = tmp_path / f"{place(publisher, 'b22.zip')}.part"
    while not (part.is_file() and part.stat().st_size == len(large) // 2):
        assert child.poll() is None
    child.send_signal(signal.SIGINT)
    _, err = child.communicate()
    assert child.returncode == 130
    assert "the next fetch goes on there" in err
    assert "Traceback" not in err
    assert run("b_2022")[0] == 0
    assert publisher.ranges() == [None, f"bytes={len(large) // 2}-"]
    found = sha256(Path(place(publisher, "b22.zip")).read_bytes())
    assert found.hexdigest() == sha256(large).hexdigest()


def test_a_reader_that_has_read_enough_is_no_fault(tmp_path: Path) -> None:
    program = "import sys; from steelyard.cli import main; sys.exit(main(['fetch', '--list']))"
    command = f'{sys.executable} -c "{program}" | head -1'
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""
