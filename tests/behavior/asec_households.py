"""Small households with awkward kin, as the raw records of a CPS ASEC."""

import csv
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import strategies as st
from model_sql import ROOT

Row = dict[str, Any]


@dataclass(frozen=True)
class Member:
    """A person of a household being made; pointers are places in its list from 1, 0 is nobody."""

    age: int
    relationship: int
    marital: int = 7
    spouse: int = 0
    parent1: int = 0
    parent2: int = 0
    partner: int = 0
    sex: int = 1


#: Households whose kin are a question of law or of bad data.
TROUBLESOME: dict[str, tuple[Member, ...]] = {
    "alone": (Member(44, 2, 5),),
    "couple with children": (
        Member(44, 1, 1, spouse=2), Member(42, 4, 1, spouse=1, sex=2),
        Member(18, 5, parent1=1, parent2=2), Member(22, 5, parent1=2, parent2=1),
        Member(9, 5, parent1=1, parent2=2),
    ),
    "same-sex couple": (
        Member(39, 1, 1, spouse=2, sex=2), Member(45, 4, 1, spouse=1, sex=2),
        Member(3, 5, parent1=1),
    ),
    "three generations": (
        Member(66, 1, 4), Member(23, 5, parent1=1), Member(2, 7, parent1=2),
    ),
    "mother of 16": (
        Member(44, 1, 1, spouse=2), Member(46, 3, 1, spouse=1),
        Member(16, 5, parent1=1, parent2=2, sex=2), Member(0, 7, parent1=3),
    ),
    "young parents, one at home with the grandmother": (
        Member(50, 1, 5), Member(18, 5, parent1=1, partner=3), Member(18, 12, partner=2),
        Member(0, 7, parent1=2, parent2=3),
    ),
    "separated": (Member(33, 1, 6), Member(7, 5, parent1=1), Member(19, 9, 6)),
    "spouse absent": (Member(29, 1, 3, sex=2), Member(4, 5, parent1=1)),
    "partner's children": (
        Member(35, 1, 5, partner=2), Member(36, 13, 7, partner=1),
        Member(5, 5, parent1=1, parent2=2), Member(12, 12, parent1=2),
    ),
    "foster and stray children": (
        Member(58, 1, 4), Member(9, 11), Member(14, 12), Member(15, 12), Member(16, 7),
        Member(13, 10),
    ),
    "lodgers": (
        Member(40, 2, 7), Member(30, 12, 1, spouse=3), Member(31, 12, 1, spouse=2),
        Member(1, 12, parent1=2, parent2=3), Member(64, 14, 4),
    ),
    "married minors": (
        Member(47, 1, 5), Member(17, 5, 1, spouse=3, parent1=1), Member(18, 10, 1, spouse=2),
    ),
    "parents of each other": (
        Member(30, 1, 7, parent1=2), Member(30, 9, 7, parent1=1), Member(17, 5, parent1=3),
    ),
    "spouses of a third": (
        Member(40, 1, 1, spouse=2), Member(41, 3, 1, spouse=3), Member(42, 10, 1, spouse=2),
    ),
    "nobody older": (Member(17, 2, 7), Member(17, 14, 7), Member(16, 14, 7)),
}  # fmt: skip
POINTERS = ("spouse", "parent1", "parent2", "partner")
#: Related to the reference person, and so of the primary family.
KIN = {1, 2, 3, 4, 5, 7, 8, 9, 10}
#: The person file is read twice: once for what was said, once for what was allocated.
RECORDS = ("person", "person_allocation", "household", "family")
SPM_BASE = {1: 29234, 2: 24980, 3: 28881}


@st.composite
def members(draw: st.DrawFn) -> tuple[Member, ...]:
    """Draw one troublesome household, somewhat changed: ages, and pointers gone astray."""
    household = list(TROUBLESOME[draw(st.sampled_from(sorted(TROUBLESOME)))])
    for place in range(len(household)):
        household[place] = replace(
            household[place], age=max(0, household[place].age + draw(st.integers(-3, 3)))
        )
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(household) - 1))
        pointer, at = draw(st.sampled_from(POINTERS)), draw(st.integers(0, len(household) + 2))
        household[place] = replace(household[place], **{pointer: at})
    return tuple(household)


@st.composite
def households(draw: st.DrawFn) -> list[Row]:
    """Draw the raw person records of one household; its number is 1, its weight is not zero."""
    people = draw(members())
    skipped = draw(st.integers(1, 3))
    lines = [place + (place > skipped) for place in range(1, len(people) + 4)]
    weight, tenure = draw(st.integers(1, 10**6)), draw(st.sampled_from([1, 2, 3]))
    rows = []
    for place, person in enumerate(people, start=1):
        related = person.relationship in KIN
        family = 1 if related else 1 + place
        rows.append(
            {
                "PH_SEQ": 1, "P_SEQ": place, "A_LINENO": lines[place - 1],
                "PF_SEQ": family, "PHF_SEQ": family,
                "A_FAMREL": (1 if place == 1 else 4) if related else 0,
                "PERIDNUM": f"{draw(st.integers(0, 10**20)):020d}{place:02d}",
                "MARSUPWT": weight if place == 1 else draw(st.integers(1, 10**6)),
                "A_AGE": min(person.age, 85), "A_SEX": person.sex,
                "A_EXPRRP": person.relationship, "A_MARITL": person.marital,
                "A_SPOUSE": _line(lines, person.spouse),
                "PEPAR1": _line(lines, person.parent1), "PEPAR2": _line(lines, person.parent2),
                "PECOHAB": _line(lines, person.partner),
                **_answers(draw, person.age),
                "TAX_ID": 100 + draw(st.integers(1, 3)), "FILESTAT": draw(st.integers(1, 6)),
                "DEP_STAT": draw(st.sampled_from([0, 0, lines[0]])) if place > 1 else 0,
                "SPM_ID": 1000 + (1 if related else place), "SPM_TENMORTSTATUS": tenure,
                "household_weight": weight,
            }
        )  # fmt: skip
    return _with_spm(rows)


def _line(lines: list[int], place: int) -> int:
    """Give the line number at a place; places beyond the household are lines that are not there."""
    return lines[place - 1] if place else -1


def _answers(draw: st.DrawFn, age: int) -> Row:
    """Draw amounts and states; children are asked for none."""
    if age < 15:
        return {"PEDISEYE": -1, "PTOTVAL": 0}
    amounts = st.sampled_from([0, 0, 4299, 4300, 25000, 90000])
    row = {name: draw(amounts) for name in ("WSAL_VAL", "INT_VAL", "SS_VAL", "UC_VAL", "PNSN_VAL")}
    row["SEMP_VAL"] = draw(st.sampled_from([0, 0, -7000, 12000]))
    row["PTOTVAL"] = sum(row.values())
    enrolled = draw(st.booleans())
    return row | {
        "A_ENRLW": 1 if enrolled else 2,
        "A_FTPT": draw(st.sampled_from([1, 2])) if enrolled else 0,
        "DIS_HP": draw(st.sampled_from([1, 2, 2])),
        "CAP_VAL": draw(amounts),
        "DST_SC1": 4,
        "DST_VAL1": draw(amounts),
    }


def _with_spm(rows: list[Row]) -> list[Row]:
    """Put the account of its SPM unit on each record, as the survey would compute it."""
    for row in rows:
        unit = [other for other in rows if other["SPM_ID"] == row["SPM_ID"]]
        adults = max(1, sum(other["A_AGE"] >= 18 for other in unit))
        children = len(unit) - adults
        size = adults + 0.5 * children + (0.3 if adults == 1 else 0)
        alone = {1: 1.0, 2: 1.41}.get(adults, adults**0.7)
        scale = round((size**0.7 if children else alone) / 3**0.7, 4)
        money = sum(other["PTOTVAL"] for other in unit)
        line = round(SPM_BASE[row["SPM_TENMORTSTATUS"]] * scale * 0.9)
        row |= {"SPM_TOTVAL": money, "SPM_RESOURCES": money, "SPM_EQUIVSCALE": scale}
        row |= {"SPM_GEOADJ": 0.9, "SPM_POVTHRESHOLD": line, "SPM_POOR": int(money < line)}
        row |= {"SPM_NUMADULTS": adults, "SPM_NUMKIDS": children}
    return rows


def numbered(drawn: list[list[Row]], *, first: int = 1) -> list[Row]:
    """Number households one after the other, and put them on one list of persons."""
    people = []
    for number, rows in enumerate(drawn, start=first):
        for row in rows:
            ids = {"TAX_ID": number * 100 + row["TAX_ID"] % 100, "PH_SEQ": number}
            ids["SPM_ID"] = number * 1000 + row["SPM_ID"] % 1000
            people.append(row | ids)
    return people


def weightless(people: list[Row]) -> list[Row]:
    """Let persons and their households stand for nobody."""
    return [row | {"MARSUPWT": 0, "household_weight": 0} for row in people]


def put_records(
    connection: duckdb.DuckDBPyConnection, surveys: dict[int, list[Row]], *, reverse: bool = False
) -> None:
    """Make the sources of the ASEC from persons, by survey year."""
    tables: dict[str, list[Row]] = {record: [] for record in RECORDS}
    for vintage, people in surveys.items():
        stamp = {
            "_dataset_id": f"cps_asec_{vintage - 1}",
            "_survey_year": vintage,
            "_income_year": vintage - 1,
        }
        made = {"household": _households(people), "family": _families(people)}
        made |= {"person": people, "person_allocation": people}
        for record, rows in made.items():
            tables[record] += [stamp | row for row in rows]
    for record, rows in tables.items():
        names = ["_dataset_id", "_survey_year", "_income_year", *COLUMNS[record]]
        ordered = rows[::-1] if reverse else rows
        columns = {
            name: pa.array((row[name] for row in ordered), pa.int32())
            if name in ("_survey_year", "_income_year")
            else pa.array((str(row.get(name, 0)) for row in ordered), pa.string())
            for name in names
        }
        connection.register("drawn", pa.table(columns))
        connection.execute(f"create or replace table cps_asec_{record} as from drawn")
        connection.unregister("drawn")


def _columns() -> dict[str, list[str]]:
    """Give the columns that the crosswalk reads of each record."""
    path = ROOT / "seeds" / "xwalks" / "xwalk_cps_asec_column.csv"
    with path.open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["source_column"]]
    return {
        record: [row["source_column"] for row in rows if row["record"] == record]
        for record in RECORDS
    }


COLUMNS = _columns()


def _households(people: list[Row]) -> list[Row]:
    """One interviewed household record a household, somewhere in Alabama."""
    found: dict[int, Row] = {}
    for row in people:
        home = found.setdefault(
            row["PH_SEQ"],
            {"H_SEQ": row["PH_SEQ"], "H_HHTYPE": 1, "H_NUMPER": 0, "H_TENURE": 2, "GESTFIPS": 1}
            | {"GTMETSTA": 1, "H_LIVQRT": 1, "HSUP_WGT": row["household_weight"]},
        )
        home["H_NUMPER"] += 1
    return list(found.values())


def _families(people: list[Row]) -> list[Row]:
    """One family record a family pointer, with the money of its members."""
    found: dict[tuple[int, int], Row] = {}
    for row in people:
        family = found.setdefault(
            (row["PH_SEQ"], row["PF_SEQ"]),
            {"FH_SEQ": row["PH_SEQ"], "FFPOS": row["PF_SEQ"], "FTYPE": 5, "FTOTVAL": 0}
            | {"FPERSONS": 0, "FPOVCUT": 15225, "FSUP_WGT": row["household_weight"]},
        )
        family["FPERSONS"] += 1
        family["FTOTVAL"] += row["PTOTVAL"]
        family["FTYPE"] = 1 if row["PF_SEQ"] == 1 and family["FPERSONS"] > 1 else family["FTYPE"]
    return list(found.values())
