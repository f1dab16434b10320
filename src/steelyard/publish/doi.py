"""The DOI of a release: derived from its version, rendered, checked, and only then registered."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from steelyard.publish.place import PublicationError

Json = dict[str, Any]

#: Where DOIs are only played with; registering for good is meant, and said, by naming another.
TEST_API = "https://api.test.datacite.org"
REQUIRED = {
    "STEELYARD_DOI_REPOSITORY": "the repository's account at DataCite, such as ORG.STEELYARD",
    "STEELYARD_DOI_PASSWORD": "its password",
    "STEELYARD_DOI_PREFIX": "its prefix, such as 10.5072",
    "STEELYARD_DOI_LANDING": (
        "the page that a DOI leads to, such as https://data.example.org/{target}/{version}/"
    ),
}
_PREFIX = re.compile(r"10\.\d{4,9}(\.\d+)*")
_DOI = re.compile(r"10\.\d{4,9}(\.\d+)*/[a-z0-9][a-z0-9._~-]*")
_HERE = ("localhost", "127.0.0.1")


@dataclass(frozen=True)
class Registry:
    """Whose DOIs are registered, where, and what they lead to.

    Parameters
    ----------
    prefix
        Of the repository; empty where it is not known, which does for rendering.
    landing
        URL of the page that a DOI leads to, with ``{target}`` and ``{version}`` in it.
    concept
        A DOI of the series, of which each release is a version; empty where there is none.
    api, repository, password
        Of the registry.
    """

    prefix: str
    landing: str
    concept: str = ""
    api: str = TEST_API
    repository: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Registry":
        """Read what the environment says, whether it is enough or not."""
        said = {
            name: environment.get(f"STEELYARD_DOI_{name.upper()}", "").strip()
            for name in ("prefix", "landing", "concept", "api", "repository", "password")
        }
        return cls(**{name: value for name, value in said.items() if value or name != "api"})

    def refuse_incomplete(self, environment: Mapping[str, str]) -> None:
        """Refuse to register without all that registering needs.

        Raises
        ------
        PublicationError
            That lists what is missing, or says that a password would go unencrypted.
        """
        missing = [name for name in REQUIRED if not environment.get(name, "").strip()]
        if missing:
            listed = "".join(f"\n  {name}: {REQUIRED[name]}" for name in missing)
            raise PublicationError(
                "a DOI cannot be registered: the environment lacks"
                f"{listed}\nNothing was sent anywhere. Set them, and STEELYARD_DOI_API for another "
                f"registry than {TEST_API}; --dry-run shows what would be registered"
            )
        if not _PREFIX.fullmatch(self.prefix):
            raise PublicationError(
                f"STEELYARD_DOI_PREFIX is {self.prefix!r}, and a prefix is like 10.5072"
            )
        parts = urlsplit(self.api)
        if parts.scheme != "https" and parts.hostname not in _HERE:
            raise PublicationError(
                f"STEELYARD_DOI_API is {self.api!r}: the password goes over https only"
            )

    def doi(self, manifest: Mapping[str, Any]) -> str:
        """Derive the DOI of a release from its version: the same release has the same DOI."""
        suffix = f"steelyard.{manifest['build_target']}.{manifest['version']}".lower()
        return f"{self.prefix or '10.PREFIX'}/{suffix}"

    def url(self, manifest: Mapping[str, Any]) -> str:
        """Return the page that the release's DOI leads to.

        Raises
        ------
        PublicationError
            If the pattern for it has other fields.
        """
        try:
            return self.landing.format(target=manifest["build_target"], version=manifest["version"])
        except (KeyError, ValueError, IndexError) as error:
            raise PublicationError(
                f"STEELYARD_DOI_LANDING is {self.landing!r}, of which {error} is not known: use "
                "{target} and {version}"
            ) from error


def render(release: Path, manifest: Mapping[str, Any], registry: Registry) -> Json:
    """Give the attributes of a release's DOI: its own DataCite metadata, the DOI, and its page."""
    said: Json = json.loads((release / "datacite.json").read_text(encoding="utf-8"))
    doi = registry.doi(manifest)
    said |= {"doi": doi, "url": registry.url(manifest)}
    if registry.concept:
        version_of = {
            "relatedIdentifier": registry.concept,
            "relatedIdentifierType": "DOI",
            "relationType": "IsVersionOf",
        }
        said["relatedIdentifiers"] = [*said.get("relatedIdentifiers", []), version_of]
    return said


def refuse_invalid(attributes: Json) -> None:
    """Check what DataCite demands of a DOI that is found.

    https://datacite-metadata-schema.readthedocs.io/en/4.5/properties/overview/.

    Raises
    ------
    PublicationError
        That lists what is wrong.
    """
    wrong = []
    if not _DOI.fullmatch(str(attributes.get("doi", ""))):
        wrong.append(f"doi: {attributes.get('doi')!r} is none")
    url = urlsplit(str(attributes.get("url", "")))
    if url.scheme not in ("http", "https") or not url.netloc:
        wrong.append(f"url: {attributes.get('url')!r} is no web address")
    for name, part in (("creators", "name"), ("titles", "title")):
        listed = attributes.get(name) or [{}]
        wrong += [
            f"{name}: entry {number} has no {part}"
            for number, entry in enumerate(listed, start=1)
            if not entry.get(part)
        ]
    if not (attributes.get("publisher") or {}).get("name"):
        wrong.append("publisher: has no name")
    if not re.fullmatch(r"\d{4}", str(attributes.get("publicationYear", ""))):
        wrong.append(f"publicationYear: {attributes.get('publicationYear')!r} is no year")
    if (attributes.get("types") or {}).get("resourceTypeGeneral") != "Dataset":
        wrong.append("types: resourceTypeGeneral is not Dataset")
    if wrong:
        raise PublicationError(
            f"datacite.json of the release does not make a DOI: {'; '.join(wrong)}"
        )


def refuse_made_up(manifest: Mapping[str, Any], *, is_draft: bool) -> None:
    """Refuse a DOI that cannot be taken back to a release of made-up records.

    Raises
    ------
    PublicationError
        That names the records.
    """
    if manifest["is_synthetic"] and not is_draft:
        raise PublicationError(
            f"release {manifest['version']} holds made-up records of "
            f"{manifest['synthetic_sources']}, and a DOI is for ever: none is registered, and "
            "nothing was sent. Give --draft for a draft DOI, which can be deleted"
        )
