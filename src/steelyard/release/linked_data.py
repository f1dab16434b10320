"""A described release as linked data: Croissant, RO-Crate, schema.org with DCAT."""

from steelyard.release.description import (
    AUTHORS,
    KEYWORDS,
    LICENCE_URL,
    NAME,
    Column,
    File,
    Release,
    Table,
)
from steelyard.release.standards import Json, citation_line, kind_in, pages, without_empty

AUTHOR = {"@type": "Organization", "name": AUTHORS}

#: The JSON-LD context that Croissant 1.0 prescribes.
#: https://docs.mlcommons.org/croissant/docs/croissant-spec.html
CROISSANT_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


_SCHEMA_ORG = {
    "int": "sc:Integer",
    "uint": "sc:Integer",
    "float": "sc:Float",
    "double": "sc:Float",
    "decimal": "sc:Float",
    "bool": "sc:Boolean",
    "date": "sc:Date",
    "timestamp": "sc:DateTime",
    "": "sc:Text",
}
#: Croissant's readers know Parquet by the name it had before it was registered.
_CROISSANT_MEDIA = {"application/vnd.apache.parquet": "application/x-parquet"}


def croissant(release: Release) -> Json:
    """Croissant 1.0. https://docs.mlcommons.org/croissant/docs/croissant-spec.html."""
    return {
        "@context": CROISSANT_CONTEXT,
        "@type": "Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": f"{NAME} {release.manifest['build_target']}",
        "description": release.description,
        "version": release.version,
        "url": "./",
        "license": LICENCE_URL,
        "creator": AUTHOR,
        "datePublished": release.day,
        "keywords": list(KEYWORDS),
        "citeAs": citation_line(release),
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": file.name,
                "name": file.name,
                "contentUrl": file.name,
                "contentSize": f"{file.byte_count} B",
                "encodingFormat": _CROISSANT_MEDIA.get(file.media_type, file.media_type),
                "sha256": file.sha256,
            }
            for file in release.files
        ],
        "recordSet": [_record_set(table) for table in release.tables],
    }


def _record_set(table: Table) -> Json:
    key = {"key": {"@id": f"{table.name}/{table.key}"}} if table.key else {}
    words = table.description or table.grain
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        **({"description": words} if words else {}),
        **key,
        "field": [_croissant_field(table, column) for column in table.columns],
    }


def _croissant_field(table: Table, column: Column) -> Json:
    unit = f" [{column.unit}]" if column.unit else ""
    said: Json = {
        "@type": "cr:Field",
        "@id": f"{table.name}/{column.name}",
        "name": column.name,
        "description": f"{column.description or column.name}{unit}",
        "dataType": kind_in(column, _SCHEMA_ORG),
        "source": {
            "fileObject": {"@id": table.file.name},
            "extract": {"column": column.name},
        },
    }
    if column.references:
        said["references"] = {"field": {"@id": f"{column.references}/{column.name}"}}
    return said


def ro_crate(release: Release) -> Json:
    """RO-Crate 1.1, with the build as a ``CreateAction``. https://w3id.org/ro/crate/1.1."""
    manifest = release.manifest
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": release.title,
        "description": release.description,
        "version": release.version,
        "datePublished": release.day,
        "license": {"@id": LICENCE_URL},
        "author": {"@id": "#authors"},
        "publisher": {"@id": "#authors"},
        "keywords": ", ".join(KEYWORDS),
        "isBasedOn": [{"@id": source["landing_page"]} for source in pages(release)],
        "hasPart": [{"@id": file.name} for file in release.files],
        "mentions": {"@id": "#build"},
    }
    build = {
        "@id": "#build",
        "@type": "CreateAction",
        "name": f"dbt build --target {manifest['build_target']}",
        "endTime": manifest["made"]["at"],
        "agent": {"@id": "#authors"},
        "instrument": {"@id": "#steelyard"},
        "object": [{"@id": source["landing_page"]} for source in pages(release)],
        "result": [{"@id": file.name} for file in release.files],
    }
    software = {
        "@id": "#steelyard",
        "@type": "SoftwareApplication",
        "name": NAME,
        "version": _software(release),
    }
    return {
        "@context": "https://w3id.org/ro/crate/1.1/context",
        "@graph": [
            {
                "@id": "ro-crate-metadata.json",
                "@type": "CreativeWork",
                "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
                "about": {"@id": "./"},
            },
            root,
            build,
            software,
            {"@id": "#authors", **AUTHOR},
            {
                "@id": LICENCE_URL,
                "@type": "CreativeWork",
                "name": "MIT License",
                "description": "Permission to use, copy, change and pass on, with this notice.",
            },
            *(_source_entity(source) for source in pages(release)),
            *(_file_entity(file, release) for file in release.files),
        ],
    }


def _source_entity(source: Json) -> Json:
    return {
        "@id": source["landing_page"],
        "@type": "CreativeWork",
        "name": source["title"],
        "version": source["vintage"],
        "publisher": source["producer"],
    }


def _file_entity(file: File, release: Release) -> Json:
    words = {table.file.name: table.description or table.grain for table in release.tables}
    return {
        "@id": file.name,
        "@type": "File",
        "name": file.name,
        "description": words.get(file.name) or f"{file.name} of {release.version}",
        "contentSize": str(file.byte_count),
        "encodingFormat": file.media_type,
        "sha256": file.sha256,
    }


def dataset(release: Release) -> Json:
    """schema.org ``Dataset`` that is a ``dcat:Dataset`` as well.

    https://schema.org/Dataset, https://www.w3.org/TR/vocab-dcat-3/.
    """
    return {
        "@context": {
            "@vocab": "https://schema.org/",
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "prov": "http://www.w3.org/ns/prov#",
        },
        "@type": ["Dataset", "dcat:Dataset"],
        "name": release.title,
        "dct:title": release.title,
        "description": release.description,
        "dct:description": release.description,
        "version": release.version,
        "dcat:version": release.version,
        "license": LICENCE_URL,
        "dct:license": {"@id": LICENCE_URL},
        "dct:accessRights": {
            "@id": "http://publications.europa.eu/resource/authority/access-right/PUBLIC"
        },
        "creator": AUTHOR,
        "publisher": AUTHOR,
        "datePublished": release.day,
        "keywords": list(KEYWORDS),
        "isAccessibleForFree": True,
        "temporalCoverage": str(release.manifest["income_year"]),
        "spatialCoverage": {"@type": "Country", "name": "United States"},
        "measurementTechnique": "survey, imputation, calibration of weights, rules of tax law",
        "isBasedOn": [source["landing_page"] for source in pages(release)],
        "prov:wasDerivedFrom": [{"@id": source["landing_page"]} for source in pages(release)],
        "variableMeasured": [
            without_empty(
                {
                    "@type": "PropertyValue",
                    "name": f"{table.name}.{column.name}",
                    "description": column.description,
                    "unitText": column.unit,
                }
            )
            for table in release.tables
            for column in table.columns
        ],
        "distribution": [
            {
                "@type": ["DataDownload", "dcat:Distribution"],
                "name": file.name,
                "contentUrl": file.name,
                "dcat:downloadURL": {"@id": file.name},
                "encodingFormat": file.media_type,
                "contentSize": f"{file.byte_count} B",
                "dcat:byteSize": file.byte_count,
                "sha256": file.sha256,
            }
            for file in release.files
        ],
    }


def _software(release: Release) -> str:
    known = release.manifest.get("steelyard_version", "unknown")
    return f"{known}+{release.manifest.get('git_commit', 'unknown')}"
