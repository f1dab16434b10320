"""A small checkout of facts for the tests of the door."""

import csv
from pathlib import Path

from steelyard.sources.facts_schema import FACT_COLUMNS, Vocabulary, read_vocabulary

ROOT = Path(__file__).resolve().parents[2]
CODES = ROOT / "seeds" / "codes"

FACT = {
    "fact_id": "irs_soi/wages/2022/US",
    "publisher": "IRS SOI",
    "source_table": "Publication 1304 Table 1.4",
    "source_cell": "F9",
    "citation_url": "https://www.irs.gov/pub/irs-soi/22in14ar.xls",
    "period": "2022",
    "period_type": "tax_year",
    "geography_level": "national",
    "geoid": "US",
    "entity": "tax_unit",
    "universe": "filers",
    "variable": "employment_income",
    "statistic": "amount",
    "unit": "USD",
    "constraints": "",
    "value": "9738950972000",
    "standard_error": "",
    "vintage": "TY2022",
    "assertion": "published",
    "note": "",
}


def fact(**changes: str) -> dict[str, str]:
    """One correct fact, but for the changes."""
    return FACT | changes


def vocabulary() -> Vocabulary:
    """The vocabulary of the project itself."""
    return read_vocabulary(CODES)


def write_facts(folder: Path, *facts: dict[str, str], name: str = "wages.csv") -> Path:
    """Write facts below ``folder/seeds/facts/irs_soi`` and return the facts folder."""
    path = folder / "seeds" / "facts" / "irs_soi" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FACT_COLUMNS)
        writer.writeheader()
        writer.writerows(facts)
    return path.parents[1]
