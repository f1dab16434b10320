"""A survey's page of the registry: its files and vintages, and their twins of the demo world."""

from typing import Any
from urllib.parse import urlsplit

DEMO_WORLD = (
    "Nothing to do; the file is written when first read. The URL is that of the file it imitates."
)
#: What a page says of the whole survey and what of one file; the rest is an entry's.
OF_THE_PAGE = {"survey", "income_year_lag", "is_imitated", "files"}
OF_A_FILE = {"record", "vintages"}


def expand(page: dict[str, Any]) -> list[dict[str, Any]]:
    """Turn a survey's page into the fields of its entries.

    Parameters
    ----------
    page
        Fields common to all files; `survey`; `income_year_lag`, how many years before the
        publisher's year the incomes lie; `is_imitated`, whether the demo world writes twins; and
        `files`, each with its `record`, its `vintages` (the publisher's year: the hash or null),
        and fields of its own. In text `{vintage}`, `{yy}`, `{income_year}` and `{name}` are
        filled in.

    Returns
    -------
    list of dict
        One a file and vintage, then as many twins, named `demo_<name>`.
    """
    common = {key: value for key, value in page.items() if key not in OF_THE_PAGE}
    found = []
    for file in page["files"]:
        own = common | {key: value for key, value in file.items() if key not in OF_A_FILE}
        for vintage, hashed in file["vintages"].items():
            income_year = vintage - page["income_year_lag"]
            years = {"vintage": vintage, "yy": f"{vintage % 100:02d}", "income_year": income_year}
            name = f"{page['survey']}_{vintage}_{file['record']}"
            name = str(_fill({"name": file.get("name", name)}, years)["name"])
            filled = _fill(own, years | {"name": name})
            entry = {
                "name": name,
                "vintage": str(vintage),
                "is_synthetic": False,
                "dataset_id": f"{page['survey']}_{income_year}",
                "door": "fetch",
                "sha256": hashed,
                "survey": page["survey"],
                "record": file["record"],
                "survey_year": vintage,
                "income_year": income_year,
            } | filled
            entry.setdefault("file", address(entry["url"]))
            found.append(entry)
    if page.get("is_imitated", False):
        found += [_twin(entry) for entry in found]
    return found


def upcoming(page: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the fields of the entries that a survey's page would have for the next vintages.

    Only files whose URL says the vintage have any; the next one follows the last after as many
    years as that followed the one before.
    """
    files = []
    for file in page["files"]:
        url = str(file.get("url", page.get("url", "")))
        vintages = sorted(file["vintages"])
        if "{vintage}" in url or "{yy}" in url:
            step = vintages[-1] - vintages[-2] if len(vintages) > 1 else 1
            files.append(file | {"vintages": {vintages[-1] + step: None}})
    return expand(page | {"files": files, "is_imitated": False})


def address(url: str) -> str:
    """Return `host/path` of a publisher's URL: where a mirror keeps the file."""
    parts = urlsplit(url)
    return parts.netloc + parts.path


def _fill(values: dict[str, Any], words: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for key, value in values.items():
        text = value
        if isinstance(value, str):
            for word, meaning in words.items():
                text = text.replace("{" + word + "}", str(meaning))
        found[key] = text
    return found


def _twin(entry: dict[str, Any]) -> dict[str, Any]:
    return entry | {
        "name": f"demo_{entry['name']}",
        "title": f"Demo world, in the layout of: {entry['title']}",
        "producer": "Steelyard",
        "licence": "MIT",
        "access_class": "PUBLIC",
        "is_synthetic": True,
        "dataset_id": f"demo_{entry['dataset_id']}",
        "door": "demo",
        "file": address(entry["url"]),
        "sha256": None,
        "how_to_get": DEMO_WORLD,
    }
