"""A release in an object store: whole before anybody is led to it, whatever the network does."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from boto3.s3.transfer import TransferConfig
from object_store_fixture import BUCKET, Store, object_store
from publish_fixture import NAMES, PUBLISH, contents, publishable, publisher, remade

from steelyard.publish import PublicationError, open_destination, publish
from steelyard.publish.bucket import Bucket, BucketPlace
from steelyard.publish.place import Went

ADDRESS = f"s3://{BUCKET}/open"


@pytest.fixture(scope="module")
def server() -> Iterator[Store]:
    with object_store() as running:
        yield running


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publishable(tmp_path_factory.mktemp("earlier"), seed=1)


@pytest.fixture(scope="module")
def whole(earlier: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publishable(tmp_path_factory.mktemp("built"))


@pytest.fixture
def store(server: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    server.reset()
    return server


def keys(whole: Path, names: list[str]) -> set[str]:
    return {f"open/demo/{whole.name}/{name}" for name in names}


def test_every_file_is_there_and_the_pointer_leads_to_it(store: Store, whole: Path) -> None:
    done = publish(whole, open_destination(ADDRESS))
    assert (done.version, done.address) == (whole.name, f"{ADDRESS}/demo/{whole.name}")
    assert done.pointers == {"latest": (None, whole.name)}
    there = store.objects()
    assert set(there) == keys(whole, NAMES) | {"open/demo/latest.json"}
    assert {key.rpartition("/")[2]: there[key] for key in keys(whole, NAMES)} == contents(whole)
    said = json.loads(there["open/demo/latest.json"])
    assert said == {"version": whole.name, "path": f"{whole.name}/"}


def test_what_vouches_for_the_rest_is_sent_last(store: Store, whole: Path) -> None:
    publish(whole, open_destination(ADDRESS))
    assert store.sent() == [*NAMES, "latest.json"]
    read = [path.rpartition("/")[2] for method, path in store.asked if method == "GET"]
    assert set(NAMES) <= set(read), "each is read back"


def test_readers_are_told_what_a_file_is_and_how_long_it_lasts(store: Store, whole: Path) -> None:
    publish(whole, open_destination(f"s3://{BUCKET}"))
    client, start = store.client(), f"demo/{whole.name}"
    table = client.head_object(Bucket=BUCKET, Key=f"{start}/tax_unit.parquet")
    pointer = client.head_object(Bucket=BUCKET, Key="demo/latest.json")
    assert table["ContentType"] == "application/vnd.apache.parquet"
    assert "immutable" in table["CacheControl"]
    assert pointer["CacheControl"] == "no-cache"


def test_once_more_sends_nothing(store: Store, whole: Path) -> None:
    publish(whole, open_destination(ADDRESS))
    store.asked.clear()
    done = publish(whole, open_destination(ADDRESS))
    assert (done.sent, done.sent_bytes, done.present) == ((), 0, tuple(NAMES))
    assert store.sent() == []


def test_a_file_that_was_lost_is_sent_again_alone(store: Store, whole: Path) -> None:
    publish(whole, open_destination(ADDRESS))
    before = store.objects()
    store.client().delete_object(Bucket=BUCKET, Key=f"open/demo/{whole.name}/val_gate.parquet")
    assert publish(whole, open_destination(ADDRESS)).sent == ("val_gate.parquet",)
    assert store.objects() == before


def test_killed_on_its_way_it_leaves_no_pointer_and_is_finished_by_the_next(
    store: Store, earlier: Path, whole: Path
) -> None:
    publish(earlier, open_destination(ADDRESS))
    before = store.objects()
    store.faults = [("PUT", "tax_unit.parquet", "stall")]
    with publisher(PUBLISH, str(whole), ADDRESS):
        assert store.stalled.wait(60)
    store.is_left.set()
    half = store.objects()
    assert set(half) - set(before) == keys(whole, NAMES[:10])
    assert {key: half[key] for key in before} == before
    assert json.loads(half["open/demo/latest.json"])["version"] == earlier.name
    store.asked.clear()
    done = publish(whole, open_destination(ADDRESS))
    assert (done.present, done.sent) == (tuple(NAMES[:10]), tuple(NAMES[10:]))
    assert store.sent() == [*NAMES[10:], "latest.json"]


def test_a_connection_that_drops_once_is_tried_again(store: Store, whole: Path) -> None:
    store.faults = [
        ("PUT", "steelyard.duckdb", "drop"),
        ("GET", "tax_unit.parquet", "cut"),
        ("PUT", "latest.json", "drop"),
    ]
    publish(whole, open_destination(ADDRESS))
    assert store.faults == []
    assert len(store.objects()) == len(NAMES) + 1
    assert publish(whole, open_destination(ADDRESS)).sent == ()


def test_a_connection_that_keeps_dropping_is_told_and_loses_nothing(
    store: Store, whole: Path
) -> None:
    store.faults = [("PUT", "tax_unit.parquet", "drop")] * 9
    with pytest.raises(PublicationError) as caught:
        publish(whole, open_destination(ADDRESS))
    assert "the connection failed or broke off" in str(caught.value)
    assert "What was sent whole stays" in str(caught.value)
    assert set(store.objects()) == keys(whole, NAMES[:10])
    store.faults.clear()
    assert publish(whole, open_destination(ADDRESS)).sent == tuple(NAMES[10:])


def test_a_server_that_is_not_there_is_told(
    store: Store, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(PublicationError, match=r"Could not connect .*Look at AWS_ENDPOINT_URL"):
        publish(whole, open_destination(ADDRESS))


def test_refused_credentials_are_told(store: Store, whole: Path) -> None:
    store.reset(knows=False)
    with pytest.raises(PublicationError, match="it refuses these credentials") as caught:
        publish(whole, open_destination(ADDRESS))
    assert "InvalidAccessKeyId" in str(caught.value)
    assert "AWS_PROFILE" in str(caught.value)
    assert store.sent() == []


def test_no_credentials_at_all_are_told(
    store: Store, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(PublicationError, match=r"Unable to locate credentials.*Nothing was sent"):
        publish(whole, open_destination(ADDRESS))
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(PublicationError, match=r"profile \(nobody\) could not be found"):
        open_destination(ADDRESS)


def test_a_missing_bucket_is_told(store: Store, whole: Path) -> None:
    with pytest.raises(PublicationError, match=r"NoSuchBucket.*Make the bucket first"):
        publish(whole, open_destination("s3://nowhere/open"))
    assert store.objects() == {}


@pytest.mark.parametrize("address", ["s3://", "s3:///open"])
def test_an_address_without_a_bucket_is_told(address: str) -> None:
    with pytest.raises(PublicationError, match="names no bucket"):
        open_destination(address)


def test_another_scheme_is_told() -> None:
    with pytest.raises(PublicationError, match=r"to a folder or to s3://bucket/prefix"):
        open_destination("gs://figures/open")


def test_what_is_damaged_on_its_way_is_found_and_taken_away(store: Store, whole: Path) -> None:
    store.faults = [("PUT", "tax_unit.parquet", "alter")]
    with pytest.raises(PublicationError, match=r"tax_unit.parquet was read back: expected"):
        publish(whole, open_destination(ADDRESS))
    assert set(store.objects()) == keys(whole, NAMES[:10])
    assert publish(whole, open_destination(ADDRESS)).sent == tuple(NAMES[10:])


def test_other_bytes_of_the_same_version_are_never_overwritten(
    store: Store, whole: Path, tmp_path: Path
) -> None:
    publish(whole, open_destination(ADDRESS))
    before = store.objects()
    with pytest.raises(PublicationError) as caught:
        publish(remade(tmp_path, whole), open_destination(ADDRESS))
    assert "holds 2 files of another making: SHA256SUMS: released" in str(caught.value)
    assert "manifest.json: released" in str(caught.value)
    assert "made at another time, is published there already" in str(caught.value)
    assert store.objects() == before


def test_an_altered_object_is_named_with_both_hashes(store: Store, whole: Path) -> None:
    publish(whole, open_destination(ADDRESS))
    key = f"open/demo/{whole.name}/tax_unit.parquet"
    store.client().put_object(Bucket=BUCKET, Key=key, Body=b"altered")
    with pytest.raises(PublicationError, match=r"tax_unit.parquet: released \w{64}, there \w{64}"):
        publish(whole, open_destination(ADDRESS))
    assert store.objects()[key] == b"altered"


class Late(BucketPlace):
    """A place where somebody else puts a file just before we do."""

    content = b""

    def create(self, name: str, source: Path, went: Went) -> None:
        if name == "tax_unit.parquet":
            key = self.address.removeprefix(f"s3://{BUCKET}/")
            self._bucket.client.put_object(Bucket=BUCKET, Key=f"{key}/{name}", Body=self.content)
        super().create(name, source, went)


def late_bucket(content: bytes, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    bucket = Bucket(BUCKET, "open")
    monkeypatch.setattr(Late, "content", content)
    monkeypatch.setattr(bucket, "place", lambda folder: Late(bucket, folder))
    return bucket


def test_who_comes_second_overwrites_nothing(
    store: Store, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = late_bucket(b"another's", monkeypatch)
    with pytest.raises(PublicationError, match="Somebody else put it there meanwhile"):
        publish(whole, bucket)
    there = store.objects()
    assert there[f"open/demo/{whole.name}/tax_unit.parquet"] == b"another's"
    assert "open/demo/latest.json" not in there


def test_who_comes_second_with_the_same_goes_on(
    store: Store, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(whole, late_bucket((whole / "tax_unit.parquet").read_bytes(), monkeypatch))
    assert "open/demo/latest.json" in store.objects()


def test_a_store_without_conditional_writes_will_do(store: Store, whole: Path) -> None:
    store.faults = [("PUT", NAMES[0], "unconditional")]
    publish(whole, open_destination(ADDRESS))
    assert store.faults == []
    assert store.sent() == [NAMES[0], *NAMES, "latest.json"]
    assert len(store.objects()) == len(NAMES) + 1


def test_large_files_go_in_parts_and_leave_none_behind(
    store: Store, whole: Path, tmp_path: Path
) -> None:
    large = publishable(tmp_path, padding="x" * (6 << 20))
    parts = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
    bucket = Bucket(BUCKET, "open", parts)
    client = store.client()
    key = f"open/demo/{large.name}/manifest.json"
    client.create_multipart_upload(Bucket=BUCKET, Key=key)
    publish(large, bucket)
    assert store.objects()[key] == (large / "manifest.json").read_bytes()
    assert store.sent().count("manifest.json") == 2
    assert client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []) == []


def test_a_pointer_that_is_none_is_left_alone(store: Store, whole: Path) -> None:
    store.client().put_object(Bucket=BUCKET, Key="open/demo/latest.json", Body=b"[]")
    with pytest.raises(PublicationError, match=r"latest.json is no pointer"):
        publish(whole, open_destination(ADDRESS))
    assert store.objects()["open/demo/latest.json"] == b"[]"


def test_a_pointer_moves_on_and_never_back(store: Store, earlier: Path, whole: Path) -> None:
    destination = open_destination(ADDRESS)
    publish(earlier, destination, is_stable=True)
    moved = publish(whole, destination)
    assert moved.pointers == {"latest": (earlier.name, whole.name)}
    assert destination.pointed("demo", "stable") == earlier.name
    manifest = f"open/demo/{earlier.name}/manifest.json"
    made = {"made": {"at": "2999-01-01T00:00:00+00:00"}}
    store.client().put_object(Bucket=BUCKET, Key=manifest, Body=json.dumps(made))
    destination.point("demo", "latest", earlier.name)
    stays = publish(whole, destination, is_stable=True)
    assert stays.pointers["latest"] == (earlier.name, earlier.name)
    assert stays.pointers["stable"] == (earlier.name, whole.name)
