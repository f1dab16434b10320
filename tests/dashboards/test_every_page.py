"""Every page says in one message why it shows nothing: no release, a broken one, an old one."""

from pathlib import Path

import dashboard_release
import pytest
from streamlit.testing.v1 import AppTest

DASHBOARDS = Path(__file__).resolve().parents[2] / "dashboards"
PAGES = [DASHBOARDS / "overview.py", *sorted((DASHBOARDS / "pages").glob("*.py"))]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def message(page: Path) -> str:
    """Open a page and return the one message that it shows instead of figures."""
    shown = AppTest.from_file(str(page), default_timeout=60).run()
    assert not shown.exception
    assert not shown.metric
    (error,) = shown.error
    return str(error.value)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_release_and_an_empty_folder(root: Path, page: Path) -> None:
    assert "make release" in message(page)
    (root / "releases" / "demo").mkdir(parents=True)
    assert "make release" in message(page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_an_altered_file(root: Path, page: Path) -> None:
    release = dashboard_release.write(root)
    if page.stem in ("revisions", "compare"):  # they read two
        dashboard_release.write(root, val_gate=dashboard_release.tables()["val_gate"].iloc[:1])
    table = release / "target.parquet"
    table.write_bytes(table.read_bytes()[:-1] + b"x")
    assert r"target.parquet: expected" in message(page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_folder_without_checksums(root: Path, page: Path) -> None:
    release = dashboard_release.write(root)
    if page.stem in ("revisions", "compare"):
        dashboard_release.write(root, val_gate=dashboard_release.tables()["val_gate"].iloc[:1])
    (release / "SHA256SUMS").unlink()
    assert "not a whole release" in message(page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_table_that_an_older_release_lacks(root: Path, page: Path) -> None:
    if page.stem in ("revisions", "compare", "lineage"):
        pytest.skip("shows what there is")
    only = {name: None for name in dashboard_release.tables() if name != "build_source"}
    dashboard_release.write(root, **only)
    assert "written by another version of Steelyard. Build it again" in message(page)
