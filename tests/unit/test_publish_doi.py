"""A release has one DOI, derived from its version, and made-up records have none for ever."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from publish_fixture import publishable
from registry_fixture import PASSWORD, DoiStub, doi_registry

from steelyard.publish import PublicationError
from steelyard.publish.datacite import DataCite, Registered
from steelyard.publish.doi import TEST_API, Registry, refuse_invalid, refuse_made_up, render
from steelyard.release.folder import read_manifest


@pytest.fixture
def stub() -> Iterator[DoiStub]:
    with doi_registry() as running:
        yield running


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publishable(tmp_path_factory.mktemp("built"), is_synthetic=False)


def registry(stub: DoiStub) -> Registry:
    return Registry.from_environment(stub.environment)


def registered(stub: DoiStub, whole: Path, *, is_draft: bool = False) -> Registered:
    attributes = render(whole, read_manifest(whole), registry(stub))
    return DataCite(registry(stub), pause_seconds=0.01).register(attributes, is_draft=is_draft)


def doi(whole: Path) -> str:
    return f"10.5072/steelyard.demo.{whole.name}"


def test_the_payload_is_the_releases_metadata_with_doi_and_page(stub: DoiStub, whole: Path) -> None:
    schema = pytest.importorskip("datacite.schema45")
    said = render(whole, read_manifest(whole), registry(stub))
    refuse_invalid(said)
    assert said["doi"] == doi(whole)
    assert said["url"] == f"https://data.example.org/demo/{whole.name}/"
    assert said["version"] == whole.name
    # The schema knows a DOI by its parts, and the page not at all.
    described = {name: said[name] for name in said if name not in ("doi", "url")}
    prefix, _, suffix = said["doi"].partition("/")
    schema.validator.validate(described | {"prefix": prefix, "suffix": suffix})


def test_a_series_is_named_where_there_is_one(stub: DoiStub, whole: Path) -> None:
    series = replace(registry(stub), concept="10.5072/steelyard.demo")
    related = render(whole, read_manifest(whole), series)["relatedIdentifiers"]
    assert related[-1] == {
        "relatedIdentifier": "10.5072/steelyard.demo",
        "relatedIdentifierType": "DOI",
        "relationType": "IsVersionOf",
    }
    assert related[:-1] == render(whole, read_manifest(whole), registry(stub))["relatedIdentifiers"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"doi": "10.PREFIX/x"}, r"doi: '10.PREFIX/x' is none"),
        ({"url": "data.example.org"}, "url: 'data.example.org' is no web address"),
        ({"creators": [{"nameType": "Personal"}]}, "creators: entry 1 has no name"),
        ({"titles": []}, "titles: entry 1 has no title"),
        ({"publisher": {}}, "publisher: has no name"),
        ({"publicationYear": "2026-11"}, "publicationYear: '2026-11' is no year"),
        ({"types": {"resourceTypeGeneral": "Text"}}, "resourceTypeGeneral is not Dataset"),
    ],
)
def test_a_payload_that_is_none_says_what_is_wrong(
    stub: DoiStub, whole: Path, change: dict[str, object], message: str
) -> None:
    said = render(whole, read_manifest(whole), registry(stub))
    with pytest.raises(PublicationError, match=message):
        refuse_invalid(said | change)


def test_a_draft_comes_first_and_then_everybody_finds_it(stub: DoiStub, whole: Path) -> None:
    done = registered(stub, whole)
    assert done == Registered(doi(whole), "findable", ("draft", "publish"))
    path = f"/dois/{doi(whole)}"
    assert stub.asked == [("GET", path), ("POST", "/dois"), ("PUT", path), ("GET", path)]
    assert "event" not in stub.bodies[1]["data"]["attributes"]
    assert stub.bodies[2]["data"] == {"type": "dois", "attributes": {"event": "publish"}}
    assert stub.dois[doi(whole)]["version"] == whole.name


def test_once_more_only_asks(stub: DoiStub, whole: Path) -> None:
    registered(stub, whole)
    before = dict(stub.dois[doi(whole)])
    stub.asked.clear()
    assert registered(stub, whole) == Registered(doi(whole), "findable", ())
    assert {method for method, _ in stub.asked} == {"GET"}
    assert stub.dois == {doi(whole): before}


def test_a_draft_stays_one_until_it_is_published(stub: DoiStub, whole: Path) -> None:
    assert registered(stub, whole, is_draft=True).state == "draft"
    assert registered(stub, whole, is_draft=True).sent == ("metadata",)
    assert registered(stub, whole) == Registered(doi(whole), "findable", ("metadata", "publish"))
    assert registered(stub, whole, is_draft=True).state == "findable", "what is found stays so"


def test_a_page_that_moved_is_told_to_the_registry(stub: DoiStub, whole: Path) -> None:
    registered(stub, whole)
    moved = replace(registry(stub), landing="https://elsewhere.example.org/{version}")
    attributes = render(whole, read_manifest(whole), moved)
    done = DataCite(moved).register(attributes, is_draft=False)
    assert done.sent == ("metadata",)
    assert stub.dois[doi(whole)]["url"] == f"https://elsewhere.example.org/{whole.name}"


@pytest.mark.parametrize("broken", [1, 2])
def test_what_broke_off_is_finished_by_the_next(stub: DoiStub, whole: Path, broken: int) -> None:
    """The draft was made, or it was published, and the answer never came."""
    stub.faults = [*[None] * broken, *[0] * 5]
    with pytest.raises(PublicationError, match=r"cannot be reached.*run the same command again"):
        registered(stub, whole)
    stub.faults = []
    assert doi(whole) in stub.dois
    assert registered(stub, whole).state == "findable"
    assert len(stub.dois) == 1


def test_a_server_out_of_order_is_asked_again(stub: DoiStub, whole: Path) -> None:
    stub.faults = [503, 429, None, None, 500]
    assert registered(stub, whole).state == "findable"
    stub.faults = [503] * 9
    with pytest.raises(PublicationError, match=r"answers 503: The server is out of order"):
        registered(stub, whole)


def test_refused_credentials_are_told_and_never_shown(stub: DoiStub, whole: Path) -> None:
    wrong = replace(registry(stub), password="guess")
    attributes = render(whole, read_manifest(whole), wrong)
    with pytest.raises(
        PublicationError, match=r"401: Bad credentials.*refuses STEELYARD"
    ) as caught:
        DataCite(wrong).register(attributes, is_draft=False)
    assert "guess" not in str(caught.value) + repr(wrong)
    assert PASSWORD not in repr(registry(stub))
    assert stub.dois == {}


def test_anothers_prefix_is_told(stub: DoiStub, whole: Path) -> None:
    other = replace(registry(stub), prefix="10.9999")
    attributes = render(whole, read_manifest(whole), other)
    with pytest.raises(PublicationError, match="may not use STEELYARD_DOI_PREFIX"):
        DataCite(other).register(attributes, is_draft=False)


def test_what_the_registry_finds_wrong_is_told_in_its_words(stub: DoiStub, whole: Path) -> None:
    attributes = render(whole, read_manifest(whole), registry(stub))
    del attributes["creators"]
    with pytest.raises(PublicationError, match="answers 422: creators: Can't be blank"):
        DataCite(registry(stub)).register(attributes, is_draft=False)


def test_the_doi_of_another_version_is_left_alone(stub: DoiStub, whole: Path) -> None:
    stub.dois[doi(whole)] = {"state": "findable", "version": "other", "url": "https://x.org"}
    with pytest.raises(PublicationError, match="registered for version other and not for"):
        registered(stub, whole)
    assert stub.dois[doi(whole)]["version"] == "other"


def test_a_registry_that_is_not_there_is_told(stub: DoiStub, whole: Path) -> None:
    gone = replace(registry(stub), api="http://127.0.0.1:9")
    attributes = render(whole, read_manifest(whole), gone)
    with pytest.raises(PublicationError, match="cannot be reached"):
        DataCite(gone, pause_seconds=0).register(attributes, is_draft=False)


def test_what_is_missing_is_listed(stub: DoiStub) -> None:
    environment = stub.environment | {"STEELYARD_DOI_PASSWORD": " "}
    del environment["STEELYARD_DOI_PREFIX"]
    with pytest.raises(PublicationError) as caught:
        Registry.from_environment(environment).refuse_incomplete(environment)
    lines = str(caught.value).splitlines()
    assert [line.split(":")[0].strip() for line in lines[1:-1]] == [
        "STEELYARD_DOI_PASSWORD",
        "STEELYARD_DOI_PREFIX",
    ]
    assert "Nothing was sent anywhere" in lines[-1]
    assert stub.asked == []


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("STEELYARD_DOI_PREFIX", "11.5072", "a prefix is like 10.5072"),
        ("STEELYARD_DOI_API", "http://api.example.org", "the password goes over https only"),
    ],
)
def test_what_cannot_be_right_is_told(stub: DoiStub, name: str, value: str, message: str) -> None:
    environment = stub.environment | {name: value}
    with pytest.raises(PublicationError, match=message):
        Registry.from_environment(environment).refuse_incomplete(environment)


def test_a_page_of_unknown_fields_is_told(stub: DoiStub, whole: Path) -> None:
    odd = replace(registry(stub), landing="https://x.org/{release}")
    with pytest.raises(PublicationError, match=r"'release' is not known: use \{target\} and"):
        render(whole, read_manifest(whole), odd)


def test_without_a_word_it_is_the_registry_for_play(stub: DoiStub) -> None:
    environment = {**stub.environment, "STEELYARD_DOI_API": ""}
    assert Registry.from_environment(environment).api == TEST_API


def test_made_up_records_have_a_draft_at_most(stub: DoiStub) -> None:
    made_up = {"version": "2022-0", "is_synthetic": True, "synthetic_sources": "survey"}
    with pytest.raises(PublicationError, match=r"made-up records of survey, and a DOI is for ever"):
        refuse_made_up(made_up, is_draft=False)
    refuse_made_up(made_up, is_draft=True)
    refuse_made_up(made_up | {"is_synthetic": False}, is_draft=False)
