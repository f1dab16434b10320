"""The command says what was released, in figures and words, and by its exit code."""

import contextlib
import io
import shlex
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from release_fixture import OTHER_UNITS, release, written

from steelyard.cli import main

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").symlink_to(ROOT / "models")
    return tmp_path


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(arguments)
    return code, out.getvalue(), err.getvalue()


def shown(checkout: Path, **changes: object) -> str:
    release(checkout / "releases" / "demo", **changes)
    code, out, err = run("show")
    assert (code, err) == (0, "")
    return out


def test_show_names_the_release_and_that_it_is_synthetic(checkout: Path) -> None:
    written = release(checkout / "releases" / "demo")
    out = shown(checkout)
    assert f"Release   releases/demo/{written.name}\n" in out
    assert "SYNTHETIC: made-up records in survey\n" in out
    assert "SYNTHETIC" not in shown(checkout, is_synthetic=False)


def test_show_sets_three_figures_beside_the_published_ones(checkout: Path) -> None:
    lines = shown(checkout).splitlines()
    start = next(i for i, line in enumerate(lines) if line.endswith("published  by"))
    assert [" ".join(line.split()) for line in lines[start + 1 : start + 4]] == [
        "Residents 333.00 million 332.20 million 333.27 million Census, NST-EST2022",
        "Adjusted gross income $14.75 trillion $13.25 trillion $14.83 trillion IRS SOI, Table 1.4",
        "Official poverty rate – 12.4 % 11.5 % Census, P60-280",
    ]


def test_show_counts_the_gates_and_names_those_not_met(checkout: Path) -> None:
    out = shown(checkout)
    assert "Gates     1 of 3 met\n" in out
    assert "not met: top_100_share_at_most 0.01, measured 0.1238\n" in out
    assert "not met: poverty_gap_change_at_most 0, measured nothing\n" in out
    assert "not met: population" not in out


def test_the_line_that_show_offers_works(checkout: Path) -> None:
    (line,) = (line for line in shown(checkout).splitlines() if line.startswith("Try"))
    command = shlex.split(line.removeprefix("Try"))
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert [line.split("│")[1:4] for line in answer.splitlines() if "00000" in line] == [
        [" joint         ", " 4000000.0 ", "        200.0 "],
        [" single        ", " 4000000.0 ", "        200.0 "],
    ]


def test_show_without_a_release_says_how_to_make_one(checkout: Path) -> None:
    code, out, err = run("show", "--target", "tax_units")
    assert (code, out) == (1, "")
    assert err == (
        "steelyard show: no release in releases/tax_units; run `dbt build --target tax_units`\n"
    )


def test_verify_takes_the_latest_or_a_folder(checkout: Path) -> None:
    written = release(checkout / "releases" / "demo")
    told = f"releases/demo/{written.name}: whole, 3 tables as released\n"
    assert run("verify") == (0, told, "")
    assert run("verify", str(written)) == (0, told, "")


@pytest.mark.parametrize("command", ["verify", "show"])
def test_an_altered_release_is_refused(checkout: Path, command: str) -> None:
    written = release(checkout / "releases" / "demo")
    (written / "val_gate.parquet").write_bytes(b"")
    code, out, err = run(command)
    assert (code, out) == (1, "")
    assert f"steelyard {command}: {written}: 1 files are not what was released" in err
    assert "val_gate.parquet: expected " in err


def test_verify_of_no_release_is_refused(checkout: Path) -> None:
    code, _, err = run("verify", str(checkout / "nowhere"))
    assert code == 1
    assert "is not a whole release" in err


def test_sources_say_terms_and_how_to_get_them(checkout: Path) -> None:
    code, out, err = run("sources", "--target", "tax_units")
    assert (code, err) == (0, "")
    blocks = dict(block.split("\n", 1) for block in out.strip().split("\n\n"))
    assert set(blocks) == {
        "demo_scf_2022",
        "scf_2019",
        "taxcalc_cps_unit",
        "taxcalc_growth_factor",
    }
    assert "PUBLIC, synthetic, door: demo\n    at hand: written when first read" in out
    assert "not at hand: Download the summary extract" in blocks["scf_2019"]
    assert "taxcalc/cps.csv.gz" in blocks["taxcalc_cps_unit"]
    dropped = checkout / "drop" / "scf_2019" / "SCFP2019.csv"
    dropped.parent.mkdir(parents=True)
    dropped.write_text("a,b\n1,2\n")
    assert "at hand: drop/scf_2019/SCFP2019.csv" in run("sources")[1]
    dropped.with_name("SCFP2019.csv.gz").write_bytes(b"")
    assert "not at hand: scf_2019: 2 files match" in run("sources")[1]


def test_sources_of_an_unknown_build_are_refused(checkout: Path) -> None:
    code, _, err = run("sources", "--target", "mars")
    assert code == 1
    assert "no source has an entry for target 'mars'; targets are demo, tax_units" in err


@pytest.mark.parametrize("arguments", [[], ["weigh"], ["show", "--year", "2022"]])
def test_a_wrong_command_is_exit_code_2(arguments: list[str]) -> None:
    with contextlib.redirect_stderr(io.StringIO()) as err, pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage: steelyard" in err.getvalue()


def test_diff_drafts_the_changelog_and_names_what_is_not_there(checkout: Path) -> None:
    old = written(checkout / "releases" / "demo")
    new = written(checkout / "releases" / "demo", units=OTHER_UNITS)
    code, out, err = run("diff", old.name)
    assert (code, err) == (0, "")
    assert out.startswith(f"### Data: `demo` from `{old.name}` to `{new.name}`")
    assert "Made from another `git_commit`." in out
    code, out, err = run("diff", "2022-0000000000")
    assert (code, out) == (1, "")
    assert "there is no release 2022-0000000000" in err
    assert old.name in err


@pytest.mark.parametrize("command", ["show", "verify", "diff"])
@pytest.mark.parametrize(
    ("damage", "message"),
    [("empty", "it is not a "), ("older", "written by another version of Steelyard")],
)
def test_a_release_that_cannot_be_read_is_told(
    checkout: Path, command: str, damage: str, message: str
) -> None:
    found = release(checkout / "releases" / "demo")
    for file in found.iterdir():
        if damage == "empty":
            file.unlink()
    if damage == "older":
        old = b'{"version": "2022-0"}\n'
        sums = found / "SHA256SUMS"
        was = sha256((found / "manifest.json").read_bytes()).hexdigest()
        (found / "manifest.json").write_bytes(old)
        sums.write_text(sums.read_text().replace(was, sha256(old).hexdigest()))
    code, _, err = run(command, *([str(found)] if command == "diff" else []))
    assert code == 1
    assert message in err
    assert "Traceback" not in err


def test_the_command_needs_no_package_of_the_dashboard() -> None:
    """Whoever installs the project alone has no Altair and no Streamlit."""
    program = (
        "import sys; sys.modules.update(altair=None, streamlit=None); import steelyard.cli; "
        "print('started')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("started\n", "")


def test_demo_writes_a_mirror_of_the_publishers(tmp_path: Path) -> None:
    code, out, _ = run(
        "demo", str(tmp_path), "--survey", "scf", "--vintage", "2022", "--scale", "0.1"
    )
    assert code == 0
    written = tmp_path / "www.federalreserve.gov" / "econres" / "files" / "scfp2022excel.zip"
    assert f"{written.stat().st_size:,} bytes  {written}" in out
    assert not any("2019" in path.name for path in tmp_path.rglob("*"))


def test_a_demo_world_too_small_or_of_no_vintage_is_refused(tmp_path: Path) -> None:
    code, _, err = run("demo", str(tmp_path), "--survey", "scf", "--scale", "0.001")
    assert code == 1
    assert "at least 200" in err
    code, _, err = run("demo", str(tmp_path), "--survey", "scf", "--vintage", "1962")
    assert code == 1
    assert "no survey asked for has a vintage 1962" in err
    assert list(tmp_path.iterdir()) == []
