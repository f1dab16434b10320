"""``steelyard publish`` says what it did, refuses in words, and registers a DOI last."""

import contextlib
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from publish_fixture import FAILED, NAMES, contents, publishable
from registry_fixture import DoiStub, doi_registry

from steelyard.cli import main, publish
from steelyard.cli.publish import INTERRUPTED
from steelyard.release import verify


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("REPOSITORY", "PASSWORD", "PREFIX", "LANDING", "API", "CONCEPT"):
        monkeypatch.delenv(f"STEELYARD_DOI_{name}", raising=False)
    return tmp_path


@pytest.fixture
def stub(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DoiStub]:
    with doi_registry() as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["publish", *arguments])
    return code, out.getvalue(), err.getvalue()


def test_it_says_what_was_published_and_where_pointers_lead(checkout: Path) -> None:
    whole = publishable(checkout)
    code, out, err = run("open", "--stable")
    assert code == 0
    size = sum(map(len, contents(whole).values())) / 1e6
    assert out.splitlines() == [
        f"published  open/demo/{whole.name}",
        f"           15 files sent ({size:,.1f} MB), 0 there already; "
        "all were read back and are right",
        f"latest     {whole.name}",
        f"stable     {whole.name}",
    ]
    assert whole.name in err, "progress"
    assert verify(Path("open/demo/stable"))["version"] == whole.name
    again = run("open")
    assert again[1].splitlines()[1:] == [
        "           0 files sent (0.0 MB), 15 there already; all were read back and are right",
        "latest     leads there already",
    ]


def test_another_than_the_latest_is_named(checkout: Path) -> None:
    first = publishable(checkout)
    second = publishable(checkout, seed=2)
    assert run("open")[0] == 0
    code, out, _ = run("open", "--release", first.name, "--stable")
    assert code == 0
    assert f"published  open/demo/{first.name}\n" in out
    assert f"stable     {first.name}\n" in out
    assert verify(Path("open/demo") / second.name)
    code, _, err = run("open", "--release", "2022-0000000000")
    assert (code, "there is no release 2022-0000000000" in err) == (1, True)


def test_no_release_is_told(checkout: Path) -> None:
    code, out, err = run("open", "--target", "tax_units")
    assert (code, out) == (1, "")
    assert "run `dbt build --target tax_units`" in err


def test_failed_gates_are_told_and_a_draft_lies_apart(checkout: Path) -> None:
    failed = publishable(checkout, gates=FAILED)
    code, out, err = run("open")
    assert (code, out) == (1, "")
    assert err.startswith("steelyard publish: ")
    assert "1 of 2 gates are not met: two (limit 0.1, measured 0.2)" in err
    assert not Path("open").exists()
    code, out, _ = run("open", "--draft")
    assert (code, out.splitlines()[0]) == (0, f"published  open/demo/draft/{failed.name}")


def test_a_dry_run_says_what_would_be_done(checkout: Path) -> None:
    whole = publishable(checkout)
    code, out, _ = run("open", "--dry-run")
    assert code == 0
    assert f"would be published  open/demo/{whole.name}\n" in out
    assert "15 files would be sent" in out
    assert f"latest     would be {whole.name}\n" in out
    assert not Path("open").exists()


def test_ctrl_c_says_that_nothing_is_lost(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publishable(checkout)

    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(publish, "_meter", lambda: interrupt)
    code, _, err = run("open")
    assert (code, "the same command goes on from there" in err) == (INTERRUPTED, True)
    assert not list(Path("open/demo").glob("latest"))
    monkeypatch.undo()
    monkeypatch.chdir(checkout)
    assert run("open")[0] == 0


def test_a_doi_is_registered_when_all_is_published(stub: DoiStub, checkout: Path) -> None:
    whole = publishable(checkout, is_synthetic=False)
    code, out, _ = run("open", "--doi")
    assert code == 0
    doi = f"10.5072/steelyard.demo.{whole.name}"
    assert out.splitlines()[-2:] == [
        f"DOI        {doi} is findable at {stub.url}",
        "           sent: draft, publish",
    ]
    receipt = json.loads(Path(f"open/demo/{whole.name}.doi.json").read_text())
    assert receipt == {
        "doi": doi,
        "state": "findable",
        "url": f"https://data.example.org/demo/{whole.name}/",
        "registry": stub.url,
    }
    assert "sent: nothing, it was there already" in run("open", "--doi")[1]


def test_a_registry_out_of_order_leaves_the_files_published(stub: DoiStub, checkout: Path) -> None:
    whole = publishable(checkout, is_synthetic=False)
    stub.faults = [401]
    code, _, err = run("open", "--doi")
    assert (code, "The files are published" in err) == (1, True)
    assert verify(Path("open/demo/latest"))["version"] == whole.name
    assert run("open", "--doi")[0] == 0


def test_a_doi_without_configuration_says_what_is_missing_and_sends_nothing(
    checkout: Path,
) -> None:
    publishable(checkout, is_synthetic=False)
    code, out, err = run("open", "--doi")
    assert (code, out) == (1, "")
    for name in ("REPOSITORY", "PASSWORD", "PREFIX", "LANDING"):
        assert f"\n  STEELYARD_DOI_{name}: " in err
    assert not Path("open").exists()


def test_made_up_records_get_a_draft_doi_only_when_told(stub: DoiStub, checkout: Path) -> None:
    whole = publishable(checkout)
    code, out, err = run("open", "--doi")
    assert (code, out) == (1, "")
    assert "holds made-up records of survey, and a DOI is for ever" in err
    assert (stub.asked, Path("open").exists()) == ([], False)
    code, out, _ = run("open", "--doi", "--draft")
    assert code == 0
    assert stub.dois[f"10.5072/steelyard.demo.{whole.name}"]["state"] == "draft"
    assert Path(f"open/demo/draft/{whole.name}.doi.json").is_file()


def test_a_dry_run_shows_the_doi_without_configuration(checkout: Path) -> None:
    whole = publishable(checkout, is_synthetic=False)
    code, out, _ = run("open", "--doi", "--dry-run")
    assert code == 0
    said, end = json.JSONDecoder().raw_decode(out)
    assert said["doi"] == f"10.PREFIX/steelyard.demo.{whole.name}"
    assert said["version"] == whole.name
    assert "would be published" in out[end:]
    assert len(NAMES) == 15


def test_stable_and_draft_exclude_each_other(checkout: Path) -> None:
    with pytest.raises(SystemExit):
        run("open", "--stable", "--draft")
