"""Other draws are kept beside the build that they belong to, and told apart from strangers."""

import re
import stat
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
import yaml

from steelyard.cli import main
from steelyard.warehouse import implicates
from steelyard.warehouse.implicates import ImplicateError, make_implicates, read_implicates

# Stands for dbt: says in the copy that the headline of implicate 2 is 12, of 3 is 13.
PRETENDED = """#!{python}
import os, re, sys
import duckdb
number = int(re.search(r"implicate: (\\d+)", " ".join(sys.argv)).group(1))
if number == {fails_at}:
    print("Compilation Error in model imp_scf")
    sys.exit(2)
name = os.environ["STEELYARD_DATABASE"]
with duckdb.connect(f"build/demo/{{name}}") as build:
    build.execute("update val_headline set calibrated_value = 10 + ?", [number])
"""


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A finished build with one headline, 10, in the current folder."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "build" / "demo"
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "steelyard.duckdb")) as connection:
        connection.execute(
            "create table val_headline as select 'population' as metric, 10.0::double "
            "as calibrated_value"
        )
    return folder


MODELS = Path(__file__).resolve().parents[2] / "python_models" / "_python__models.yml"
SEED = re.compile(r"\{\{ var\('seed'\) \+ (?P<step>\d+) \* \(var\('implicate'\) - 1\) \}\}")


def test_no_copy_of_an_implicate_is_drawn_by_the_seed_of_another() -> None:
    models = yaml.safe_load(MODELS.read_text(encoding="utf-8"))["models"]
    drawn = {
        model["name"]: SEED.fullmatch(model["config"]["seed"])
        for model in models
        if "draw" in model.get("config", {}).get("tags", [])
    }
    # A copy adds its number to the seed (`steelyard.impute.copies`).
    assert [name for name, said in drawn.items() if not said or int(said["step"]) < 100] == []
    assert len(drawn) > 5


def pretend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int = 0) -> None:
    """Put something else where dbt is."""
    (tmp_path / "bin").mkdir(exist_ok=True)
    dbt = tmp_path / "bin" / "dbt"
    dbt.write_text(PRETENDED.format(python=sys.executable, fails_at=fails_at))
    dbt.chmod(dbt.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(implicates.sys, "executable", str(tmp_path / "bin" / "python"))


def own(value: float = 10.0) -> pa.Table:
    return pa.table({"metric": ["population"], "calibrated_value": [value]})


def test_each_implicate_is_drawn_once_and_read_beside_its_build(
    build: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(tmp_path, monkeypatch)
    made = list(make_implicates(build, 3))
    assert [number for number, _ in made] == [2, 3]
    assert all(seconds is not None for _, seconds in made)
    assert list(make_implicates(build, 3)) == [(2, None), (3, None)]
    assert read_implicates(build, own()).to_pylist() == [
        {"implicate": number, "metric": "population", "calibrated_value": value}
        for number, value in ((1, 10.0), (2, 12.0), (3, 13.0))
    ]
    assert not (build / "implicate").exists()
    with duckdb.connect(str(build / "steelyard.duckdb")) as connection:
        assert connection.execute("select calibrated_value from val_headline").fetchall() == [(10,)]


def test_implicates_of_another_build_are_left_out_and_made_anew(
    build: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pretend(tmp_path, monkeypatch)
    list(make_implicates(build, 2))
    assert read_implicates(build, own(10.5)).num_rows == 0
    assert "implicates 2 are of another build" in capsys.readouterr().err
    with duckdb.connect(str(build / "steelyard.duckdb")) as connection:
        connection.execute("update val_headline set calibrated_value = 10.5")
    ((number, seconds),) = make_implicates(build, 2)
    assert number == 2 and seconds is not None
    assert read_implicates(build, own(10.5)).num_rows == 2


def test_without_any_there_are_none(build: Path) -> None:
    assert read_implicates(build, own()).num_rows == 0


def test_what_dbt_said_last_is_told_and_what_was_drawn_stays(
    build: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(tmp_path, monkeypatch, fails_at=3)
    with pytest.raises(
        ImplicateError, match=r"implicate 3 of demo: dbt failed.*\nCompilation Error"
    ):
        list(make_implicates(build, 4))
    assert [path.name for path in (build / "implicates").iterdir()] == ["2.parquet"]
    assert not (build / "implicate").exists()


def test_the_command_says_why_it_cannot(
    tmp_path: Path, build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["implicates", "--target", "us_2022"]) == 1
    assert "there is no build/us_2022/steelyard.duckdb; `dbt build" in capsys.readouterr().err
    assert main(["implicates", "--count", "1"]) == 1
    assert "at least two implicates" in capsys.readouterr().err
    with duckdb.connect(str(build / "steelyard.duckdb")) as connection:
        connection.execute("drop table val_headline")
    assert main(["implicates"]) == 1
    assert "has no headlines" in capsys.readouterr().err
