"""The demo panels in their publishers' layouts: what PSID and EPUF promise of their files."""

import re
import zipfile
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from steelyard.oasdi import default_parameters
from steelyard.sources.crosswalk import load_crosswalk
from steelyard.sources.demo import epuf, psid, write_survey
from steelyard.sources.demo.anchors import table
from steelyard.sources.demo.psid_waves import WAVES
from steelyard.sources.fixed_width import land_fixed_width, parse_layout
from steelyard.sources.registry import load_registry

ROOT = Path(__file__).resolve().parents[2]
ZIPS = Path("simba.isr.umich.edu") / "Zips"


def hashes(paths: list[Path]) -> list[str]:
    return [sha256(path.read_bytes()).hexdigest() for path in paths]


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A panel of 150 families, every file landed by the layout that comes with it."""
    folder = tmp_path_factory.mktemp("panel")
    for path in psid.write(folder, vintage=2021, households=150, seed=11):
        member = r".*\.txt"
        land_fixed_width(
            path, path.with_suffix(".parquet"), member=member, layout=r".*\.sps", encoding="utf-8"
        )
    return folder / ZIPS


def family(panel: Path, wave: int) -> pd.DataFrame:
    """Families of a wave under the crosswalk's names."""
    name = f"fam{wave}" if wave <= 1993 else f"fam{wave}er"
    raw = pq.read_table(panel / f"{name}.parquet").to_pandas().apply(pd.to_numeric)
    sources = load_crosswalk(ROOT, "psid", "family").sources(wave)
    return pd.DataFrame({name: raw[raw_name] for name, raw_name in sources.items() if raw_name})


def individuals(panel: Path) -> pd.DataFrame:
    """One row a person and wave in which the person has an interview."""
    raw = pq.read_table(panel / "ind2021er.parquet").to_pandas().apply(pd.to_numeric)
    crosswalk = load_crosswalk(ROOT, "psid", "individual")
    waves = []
    for wave in WAVES:
        sources = {name: raw_name for name, raw_name in crosswalk.sources(wave).items() if raw_name}
        found = pd.DataFrame({name: raw[raw_name] for name, raw_name in sources.items()})
        waves.append(found.assign(wave=wave))
    long = pd.concat(waves)
    return long[(long["interview_number"] > 0) & (long["relation_to_head"] >= 0)]


@pytest.fixture(scope="module")
def people(panel: Path) -> pd.DataFrame:
    long = individuals(panel)
    long["person"] = 1000 * long["id_1968"] + long["person_number"]
    inside = long["sequence_number"].between(1, 20)
    inside |= (long["wave"] == 1968) & (long["relation_to_head"] > 0)
    return long[inside]


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    written = [
        psid.write(tmp_path / name, vintage=1972, households=60, seed=seed)
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    ]
    assert hashes(written[0]) == hashes(written[1])
    assert hashes(written[0]) != hashes(written[2])
    assert [path.name for path in written[0]] == [
        "fam1968.zip", "fam1969.zip", "fam1970.zip", "fam1971.zip", "fam1972.zip", "ind1972er.zip",
    ]  # fmt: skip


def test_an_impossible_panel_is_refused(tmp_path: Path) -> None:
    for vintage, families in ((1998, 100), (2021, 10), (2021, 5000)):
        with pytest.raises(ValueError, match="demo PSID"):
            psid.write(tmp_path, vintage=vintage, households=families, seed=1)


def test_every_promised_file_is_written(tmp_path: Path) -> None:
    registry = load_registry()
    for survey, vintage in (("psid", 2021), ("epuf", 2006)):
        written = {
            str(path.relative_to(tmp_path))
            for path in write_survey(tmp_path, survey, vintage, households=400)
        }
        promised = {
            entry.file
            for entry in registry.values()
            if entry.survey == survey and entry.is_synthetic
        }
        assert written == promised


def test_both_setup_files_say_the_same(panel: Path) -> None:
    for name in ("fam1968", "fam1999er", "ind2021er"):
        with zipfile.ZipFile(panel / f"{name}.zip") as archive:
            layouts = [
                parse_layout(archive.read(member).decode(), member)
                for member in archive.namelist()
                if re.search(r"\.(sps|do)$", member)
            ]
        assert len(layouts) == 2
        assert layouts[0] == layouts[1]


def test_the_crosswalk_asks_for_the_variables_that_are_written() -> None:
    """Writer and crosswalk were made from the same lists; neither may drift."""
    variables = table("psid_variables")
    written = {
        (row.record, row.column, int(row.wave)): row.variable for row in variables.itertuples()
    }
    for record in ("family", "individual"):
        crosswalk = load_crosswalk(ROOT, "psid", record)
        for wave in WAVES:
            for column, source in crosswalk.sources(wave).items():
                if column in ("id_1968", "person_number", "sex"):
                    continue
                if (record, column, wave) == ("individual", "interview_number", 1968):
                    assert source == "ER30001"
                    continue
                assert source == written.get((record, column, wave)), (record, column, wave)


def test_everybody_has_one_key_and_one_line_a_wave(panel: Path) -> None:
    raw = pq.read_table(panel / "ind2021er.parquet").to_pandas()
    assert not raw.duplicated(["ER30001", "ER30002"]).any()
    long = individuals(panel)
    assert not long.duplicated(["id_1968", "person_number", "wave"]).any()


def test_each_family_has_one_head_and_at_most_one_mate(panel: Path, people: pd.DataFrame) -> None:
    for wave in WAVES:
        members = people[people["wave"] == wave]
        heads = members[members["relation_to_head"].isin([1, 10])]
        assert heads["interview_number"].is_unique
        assert set(heads["interview_number"]) == set(family(panel, wave)["interview_number"])
        assert set(members["interview_number"]) == set(heads["interview_number"])
        mates = members[members["relation_to_head"].isin([2, 20, 22, 88])]
        assert mates["interview_number"].is_unique


def test_relations_have_one_digit_until_1982(people: pd.DataFrame) -> None:
    early = people[people["wave"] < 1983]["relation_to_head"]
    late = people[people["wave"] >= 1983]["relation_to_head"]
    assert early.between(1, 8).all()
    assert (late >= 10).all() and {10, 20, 22, 30, 33, 88} <= set(late)


def test_people_move_in_leave_die_and_split_off(panel: Path, people: pd.DataFrame) -> None:
    long = individuals(panel)
    assert {51, 71, 81} <= set(long["sequence_number"].dropna().astype(int))
    dead = long[long["sequence_number"].between(81, 89)]
    later = long.merge(dead, on=["id_1968", "person_number"], suffixes=("", "_death"))
    assert not (later["wave"] > later["wave_death"]).any(), "nobody returns from death"
    lineage = people.groupby(["wave", "id_1968"])["interview_number"].nunique()
    assert lineage[1968].max() == 1 and lineage[1990].max() > 2, "families split off"
    moved_in = people["person_number"] >= 170
    assert moved_in.any() and (people[moved_in]["longitudinal_weight"] == 0).all()
    sample = people[~moved_in & people["person_number"].lt(30)]
    assert (sample["longitudinal_weight"] > 0).all()


def test_immigrants_join_in_1997(people: pd.DataFrame) -> None:
    immigrants = people[people["id_1968"].between(3001, 3511)]
    assert immigrants["wave"].min() == 1997


def test_ages_follow_the_calendar_give_or_take_a_slip(people: pd.DataFrame) -> None:
    told = people[people["year_born"].between(1850, 2021)]
    gap = told["wave"] - told["year_born"] - told["age"]
    assert gap.between(-1, 2).all()
    assert gap.between(0, 1).mean() > 0.95


def test_spouses_amounts_are_zero_where_there_is_none(panel: Path, people: pd.DataFrame) -> None:
    for wave, amount in ((1975, "spouse_labor"), (2005, "spouse_labor_excluding_business")):
        members = people[people["wave"] == wave]
        mates = members[members["relation_to_head"].isin([2, 20, 22])]["interview_number"]
        told = family(panel, wave).set_index("interview_number")
        alone = told[~told.index.isin(mates)]
        assert (alone[amount] == 0).all() and (alone["spouse_hours"] == 0).all()
        assert (told[told.index.isin(mates)][amount] > 0).mean() > 0.3


def test_totals_hold_business_income_until_1993_and_not_after(panel: Path) -> None:
    for wave in (1985, 1993):
        told = family(panel, wave)
        owners = told[told["head_business_labor"] > 0]
        assert len(owners) and (owners["head_labor"] > owners["head_wages"]).all()
        assert (owners["head_labor"] == owners["head_wages"] + owners["head_business_labor"]).all()
    for wave in (1994, 2009):
        told = family(panel, wave)
        owners = told[told["head_business_labor"] > 0]
        assert len(owners) and (owners["head_labor"] == owners["head_wages"]).all()


def test_the_year_before_last_is_told_from_2003_and_is_like_the_last(panel: Path) -> None:
    assert "head_labor_year_before_last" not in family(panel, 2001)
    told = family(panel, 2003)["head_labor_year_before_last"]
    assert told.isin([9_999_998, 9_999_999]).any()
    told = family(panel, 2005)[["head_labor_year_before_last", "head_labor"]]
    both = told[(told > 0).all(axis=1) & (told < 9_999_998).all(axis=1)]
    assert 0.5 < np.log(both).corr().iloc[0, 1] < 0.95


def test_some_amounts_are_assigned_and_top_codes_fit_their_columns(panel: Path) -> None:
    codes = pd.concat([family(panel, wave)["head_labor_accuracy"] for wave in (1970, 1972, 1975)])
    assert 0.005 < (codes > 0).mean() < 0.1
    assert max(family(panel, wave)["head_labor"].max() for wave in range(1978, 1983)) <= 99_999
    assert family(panel, 2019)["head_labor"].max() > 99_999


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, pd.DataFrame, bytes]:
    folder = tmp_path_factory.mktemp("epuf")
    (path,) = epuf.write(folder, vintage=2006, households=1500, seed=3)
    with zipfile.ZipFile(path) as archive:
        raw = archive.read("EPUF2006_ANNUAL.csv")
        people, years = (
            pd.read_csv(archive.open(name), na_values=".")
            for name in ("EPUF2006_DEMOGRAPHIC.csv", "EPUF2006_ANNUAL.csv")
        )
    return people, years, raw


def test_epuf_is_quoted_and_keeps_no_quarters_of_1951_and_1952(
    records: tuple[pd.DataFrame, pd.DataFrame, bytes],
) -> None:
    people, years, raw = records
    lines = raw.splitlines()
    assert lines[0] == b'"ID","YEAR_EARN","ANNUAL_EARNINGS","ANNUAL_QTRS"'
    assert all(re.fullmatch(rb'"\d+","\d{4}","\d+","[0-4.]"', line) for line in lines[1:200])
    assert list(people.columns) == ["ID", "YOB", "SEX", "TOT_COV_EARN3750", "QC3750", "QC5152"]
    assert (years["ANNUAL_QTRS"].isna() == (years["YEAR_EARN"] < 1953)).all()


def test_epuf_has_only_years_with_earnings_up_to_the_base(
    records: tuple[pd.DataFrame, pd.DataFrame, bytes],
) -> None:
    people, years, _ = records
    base = default_parameters().contribution_base.at(years["YEAR_EARN"].to_numpy())
    assert (years["ANNUAL_EARNINGS"] > 0).all() and (years["ANNUAL_EARNINGS"] <= base).all()
    assert 0.05 < (years["ANNUAL_EARNINGS"] == base).mean() < 0.4
    assert not years.duplicated(["ID", "YEAR_EARN"]).any()
    age = years.merge(people, on="ID").eval("YEAR_EARN - YOB")
    assert age.between(15, 85).all()


def test_epuf_is_rounded_as_the_publisher_rounds(
    records: tuple[pd.DataFrame, pd.DataFrame, bytes],
) -> None:
    _, years, _ = records
    for year, told in years.groupby("YEAR_EARN"):
        base = int(default_parameters().contribution_base.at(year))
        money = told["ANNUAL_EARNINGS"]
        low = money[(money >= 1000) & (money < min(50_000, base - 200))]
        assert (low % 100 == 0).all()
        high = money[(money >= 51_000) & (money < base - 2000)]
        assert (high % 1000 == 0).all()
        assert money[money < 100].nunique() <= 1


def test_epuf_workers_are_about_as_many_as_published(
    records: tuple[pd.DataFrame, pd.DataFrame, bytes],
) -> None:
    """SSA counts 4,384,254 records, 3,131,424 of them with 60,326,474 years of earnings."""
    people, years, _ = records
    assert years["ID"].nunique() / len(people) == pytest.approx(3_131_424 / 4_384_254, abs=0.08)
    assert len(years) / years["ID"].nunique() == pytest.approx(60_326_474 / 3_131_424, rel=0.15)


def test_another_epuf_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no file of 2010"):
        epuf.write(tmp_path, vintage=2010, households=100, seed=1)


def test_epuf_is_the_same_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Persons of a first block do not depend on how many blocks follow."""
    monkeypatch.setattr(epuf, "BLOCK", 300)
    tables = []
    for name, persons in (("one", 300), ("two", 700)):
        (path,) = epuf.write(tmp_path / name, vintage=2006, households=persons, seed=3)
        with zipfile.ZipFile(path) as archive:
            tables.append(pd.read_csv(archive.open("EPUF2006_DEMOGRAPHIC.csv")))
    assert tables[0].equals(tables[1].head(300))
    assert tables[1]["ID"].tolist() == list(range(1, 701))
