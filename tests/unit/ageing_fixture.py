"""A small world to age: households with couples and children, and a panel of working lives."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from steelyard.oasdi import Parameters, default_parameters
from steelyard.panel.begin import begin
from steelyard.panel.plan import Plan
from steelyard.panel.planning import plan_of
from steelyard.panel.published import default_published
from steelyard.panel.step import age_one_year

BASE_YEAR = 2022
YEARS = (2023, 2024, 2025)
EDUCATION = ("lt_hs", "hs", "some_college", "ba", "grad")
STATES = ("never", "married_present", "widowed", "divorced")
Tables = dict[str, pa.Table]


def persons(households: int = 900, seed: int = 1) -> pa.Table:
    """Persons as a release has them: half the households are couples, a third have children."""
    rng = np.random.default_rng(seed)
    rows: list[dict[str, object]] = []
    for household in range(households):
        first = len(rows)
        head = int(rng.integers(18, 96))
        couple = head >= 20 and rng.random() < 0.5
        ages = [head] + ([max(18, head + int(rng.integers(-5, 6)))] if couple else [])
        children = int(rng.integers(0, 4)) if 20 <= head <= 55 else 0
        mother = first + 1 if couple else first
        for place, age in enumerate(ages):
            female = bool(place) if couple else bool(rng.random() < 0.6) or children > 0
            state = "married_present" if couple else _alone(age, rng)
            spouse = first + 1 - place if couple else None
            rows.append(_person(first + place, household, age, female, state, spouse, None, rng))
        for child in range(children):
            age = int(rng.integers(0, min(max(head - 18, 1), 20)))
            at = first + len(ages) + child
            rows.append(
                _person(at, household, age, bool(rng.random() < 0.5), "never", None, mother, rng)
            )
    return pa.Table.from_pylist(rows)


def _alone(age: int, rng: np.random.Generator) -> str:
    if age > 70:
        return str(rng.choice(STATES, p=[0.1, 0.0, 0.7, 0.2]))
    return str(rng.choice(STATES, p=[0.7, 0.0, 0.02, 0.28])) if age > 25 else "never"


def _person(  # noqa: PLR0917  a record
    key: int,
    household: int,
    age: int,
    female: bool,
    state: str,
    spouse: int | None,
    mother: int | None,
    rng: np.random.Generator,
) -> dict[str, object]:
    works = 18 <= age < 70 and rng.random() < 0.75
    return {
        "person_id": key,
        "household_id": household,
        "age": age,
        "is_female": female,
        "education": str(rng.choice(EDUCATION)) if age >= 15 else None,
        "marital_status": state,
        "spouse_person_id": spouse,
        "parent1_person_id": mother,
        "parent2_person_id": None,
        "employment_income": float(rng.lognormal(10.6, 0.8)) if works else 0.0,
        "self_employment_income": 0.0,
        "social_security_disability": 9_000.0 if 40 <= age < 65 and rng.random() < 0.06 else 0.0,
        "social_security_retirement": 20_000.0 if age >= 65 else 0.0,
        "calibrated_weight": 150_000.0,
    }


def person_years(people: int = 240, seed: int = 2) -> pa.Table:
    """A panel of persons followed for decades, each with a lasting part of earnings."""
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(people):
        born, lasting = int(rng.integers(1930, 1990)), rng.normal(0, 0.6)
        for year in range(max(1968, born + 18), min(2021, born + 72)):
            works = rng.random() < (0.85 if year - born < 62 else 0.35)
            rows.append(
                {
                    "dataset_id": "panel",
                    "person_id": person,
                    "family_id": person // 2,
                    "income_year": year,
                    "is_female": person % 2 == 1,
                    "birth_year": born,
                    "education": EDUCATION[person % 5],
                    "design_weight": 1.0,
                    "earnings": float(np.exp(10 + lasting + rng.normal(0, 0.3))) if works else 0.0,
                    "least_earnings": 1_000.0,
                }
            )
    return pa.Table.from_pylist(rows)


def base() -> dict[str, pa.Table]:
    """What a panel begins with."""
    return {"person": persons(), "pnl_person_year": person_years()}


def plan(law: Parameters | None = None, *, last_year: int = 2030, size: int = 4_000) -> Plan:
    """A plan for the small world; with another law, of a reform."""
    now = default_parameters()
    return plan_of(
        persons(),
        base_year=BASE_YEAR,
        last_year=last_year,
        law=law or now,
        baseline=now,
        published=default_published(),
        size=size,
        seed=7,
    )


def earned(tables: Mapping[str, pa.Table], year: int) -> pa.Table:
    person = tables["person"]
    return pa.table(
        {
            "person_id": person["person_id"],
            "year": pa.repeat(pa.scalar(year, pa.int16()), person.num_rows),
            "earnings": person["earnings"],
        }
    )


def aged(plan: Plan, imputation: int = 1) -> dict[int, Tables]:
    """Every year's tables, by year."""
    found = {plan.base_year: begin(base(), plan, imputation)}
    for year in YEARS:
        so_far = list(found)
        parts = {name: found[year - 1][name] for name in ("person", "marriage", "benefit")}
        for name in ("dead", "life", "history"):
            parts[name] = pa.concat_tables(found[each][name] for each in so_far)
        parts["earned"] = pa.concat_tables(earned(found[each], each) for each in so_far)
        found[year] = age_one_year(parts, year, plan, imputation)
    return found
