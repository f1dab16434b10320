"""A described release in the words of the standards, each a pure function of the description."""

from typing import Any

import yaml

from steelyard.release.description import (
    AUTHORS,
    KEYWORDS,
    LICENCE,
    LICENCE_URL,
    NAME,
    Column,
    Release,
    Table,
)

Json = dict[str, Any]


def datapackage(release: Release) -> Json:
    """Frictionless Data Package 2.0. https://datapackage.org/standard/data-package/."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": f"steelyard-{release.manifest['build_target']}".replace("_", "-"),
        "title": release.title,
        "description": release.description,
        "version": release.version,
        "created": release.manifest["made"]["at"],
        "keywords": list(KEYWORDS),
        "licenses": [{"name": LICENCE, "path": LICENCE_URL}],
        "contributors": [{"title": AUTHORS, "roles": ["creator"]}],
        "sources": [
            {"title": source["title"], "path": source["landing_page"]} for source in release.sources
        ],
        "resources": [_resource(table) for table in release.tables],
    }


def _resource(table: Table) -> Json:
    schema: Json = {
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "fields": [
            without_empty(
                {
                    "name": column.name,
                    "type": kind_in(column, _TABLE_SCHEMA),
                    "description": column.description,
                    "unit": column.unit,
                }
            )
            for column in table.columns
        ],
    }
    if table.key:
        schema["primaryKey"] = [table.key]
    foreign = [
        {
            "fields": [column.name],
            "reference": {"resource": column.references, "fields": [column.name]},
        }
        for column in table.columns
        if column.references
    ]
    if foreign:
        schema["foreignKeys"] = foreign
    return without_empty(
        {
            "name": table.name,
            "type": "table",
            "path": table.file.name,
            "description": table.description or table.grain,
            "format": "parquet",
            "mediatype": table.file.media_type,
            "bytes": table.file.byte_count,
            "hash": f"sha256:{table.file.sha256}",
            "schema": schema,
        }
    )


def datacite(release: Release) -> Json:
    """DataCite 4 metadata, as the attributes of its REST API take them; no DOI is minted.

    https://datacite-metadata-schema.readthedocs.io/en/4.5/.
    """
    return {
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Microdata"},
        "titles": [{"title": release.title}],
        "creators": [{"name": AUTHORS, "nameType": "Organizational"}],
        "publisher": {"name": NAME},
        "publicationYear": release.day[:4],
        "dates": [
            {"date": release.day, "dateType": "Created"},
            {"date": str(release.manifest["income_year"]), "dateType": "Other"},
        ],
        "version": release.version,
        "language": "en",
        "subjects": [{"subject": word} for word in KEYWORDS],
        "descriptions": [{"description": release.description, "descriptionType": "Abstract"}],
        "rightsList": [
            {
                "rights": "MIT License",
                "rightsUri": LICENCE_URL,
                "rightsIdentifier": LICENCE,
                "rightsIdentifierScheme": "SPDX",
                "schemeUri": "https://spdx.org/licenses/",
            }
        ],
        "relatedIdentifiers": [
            {
                "relatedIdentifier": source["landing_page"],
                "relatedIdentifierType": "URL",
                "relationType": "IsDerivedFrom",
            }
            for source in pages(release)
        ],
        "sizes": [f"{sum(file.byte_count for file in release.files)} bytes"],
        "formats": sorted({file.media_type for file in release.files}),
    }


def citation(release: Release) -> str:
    """Citation File Format 1.2.0. https://citation-file-format.github.io/."""
    return yaml.safe_dump(
        {
            "cff-version": "1.2.0",
            "message": "If you use this release, please cite it by its version.",
            "type": "dataset",
            "title": release.title,
            "abstract": release.description,
            "version": release.version,
            "date-released": release.day,
            "license": LICENCE,
            "authors": [{"name": AUTHORS}],
            "keywords": list(KEYWORDS),
            "references": [
                {
                    "type": "data",
                    "title": source["title"],
                    "authors": [{"name": source["producer"]}],
                    "version": source["vintage"],
                    "url": source["landing_page"],
                }
                for source in release.sources
            ],
        },
        sort_keys=False,
        allow_unicode=True,
        width=100,
    )


def citation_line(release: Release) -> str:
    """Name the release in one sentence, for a list of references."""
    return f"{AUTHORS} ({release.day[:4]}). {release.title}. Version {release.version}."


_TABLE_SCHEMA = {
    "int": "integer",
    "uint": "integer",
    "float": "number",
    "double": "number",
    "decimal": "number",
    "bool": "boolean",
    "date": "date",
    "timestamp": "datetime",
    "": "string",
}


def kind_in(column: Column, kinds: dict[str, str]) -> str:
    """Name the column's type in a standard's words, found by how the Arrow type begins."""
    return next(named for start, named in kinds.items() if column.kind.startswith(start))


def pages(release: Release) -> list[Json]:
    """Give the sources, one a landing page: a page is one entity, whatever files it offers."""
    return list({source["landing_page"]: source for source in release.sources}.values())


def without_empty(said: Json) -> Json:
    """Leave out what is the empty text."""
    return {key: value for key, value in said.items() if value != ""}
