"""The server begins warm, and sends a browser what Streamlit would, sooner."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest
import serve
from opening import Opening, Openings
from streamlit import file_util

STATIC = Path(file_util.get_static_dir())


async def page_of(scope: Any, receive: Any, send: Any) -> None:
    """Stand for the pages: HTML at the root, plain text elsewhere."""
    kind = b"text/plain" if "." in scope["path"] else b"text/html; charset=utf-8"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
    await send({"type": "http.response.body", "body": scope["path"].encode()})


def asked(
    app: Any, path: str, method: str = "GET", query: bytes = b""
) -> tuple[dict[bytes, bytes], bytes]:
    """Ask once; return headers and body."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    scope = {"type": "http", "method": method, "path": path, "headers": []}
    scope["query_string"] = query
    asyncio.run(app(scope, receive, send))
    return dict(sent[0]["headers"]), b"".join(each.get("body", b"") for each in sent[1:])


@pytest.fixture(scope="module")
def app() -> serve.Bundle:
    return serve.Bundle(page_of, Openings())


def test_a_script_is_sent_as_it_is_and_kept_by_the_browser(app: serve.Bundle) -> None:
    (script,) = STATIC.glob("static/js/ArrowVegaLiteChart.*.js")
    for _ in range(2):
        headers, body = asked(app, f"/static/js/{script.name}")
        assert body == script.read_bytes()
        assert b"javascript" in headers[b"content-type"]
        assert b"immutable" in headers[b"cache-control"]


@pytest.mark.parametrize("path", ["/static/js/none.js", "/static/../streamlit/__init__.py"])
def test_all_else_is_left_to_the_pages(app: serve.Bundle, path: str) -> None:
    headers, body = asked(app, path)
    assert body == path.encode()
    assert b"link" not in headers


@pytest.mark.parametrize(
    ("page", "shown", "hidden"),
    [
        ("/", ["ArrowVegaLiteChart", "Metric", "Selectbox"], ["DataFrame", "GraphVizChart"]),
        ("/targets", ["DataFrame", "Multiselect", "TextInput"], ["GraphVizChart"]),
        ("/lineage", ["DataFrame", "GraphVizChart", "Radio", "Slider"], ["Multiselect"]),
    ],
)
def test_a_page_announces_what_shows_its_elements(
    app: serve.Bundle, page: str, shown: list[str], hidden: list[str]
) -> None:
    headers, body = asked(app, page)
    assert body == page.encode()
    said = headers[b"link"].decode()
    assert said.index("/index.") < said.index(f"/{shown[0]}."), "what all need comes first"
    for name in serve.needed(STATIC / "static" / "js", shown):
        assert said.count(f"<./static/js/{name}>; rel=modulepreload") == 1
    assert [name for name in hidden if f"/{name}." in said] == []


def test_a_page_comes_with_what_it_opens_with_and_announces_as_before() -> None:
    class Known(Openings):
        def of(self, page: str, build: str | None) -> Opening | None:
            words = ("weights", "demo", "1", "Uneven?", "", [], "<svg/>", "Source: household")
            return Opening(*words) if (page, build) == ("weights", "demo") else None

    app = serve.Bundle(page_of, Known())
    headers, body = asked(app, "/weights", query=b"build=demo&by=state")
    assert b"<h1>Uneven?</h1><figure><svg/></figure>" in body
    assert body.count(b'<div id="root"></div>') == 1
    assert b"ArrowVegaLiteChart" in headers[b"link"]
    assert headers[b"cache-control"] == b"no-cache", "another release opens otherwise"
    assert asked(app, "/weights", query=b"build=other")[1] == b"/weights"
    assert asked(app, "/weights", "HEAD", b"build=demo")[1] == b"/weights"


def test_every_page_announces_and_streamlit_has_what_is_announced(app: serve.Bundle) -> None:
    assert set(app.announced) == {"", *(page.stem for page in serve.HERE.glob("pages/*.py"))}
    scripts = {name for names in serve.ELEMENTS.values() for name in names}
    lost = [name for name in scripts if not list(STATIC.glob(f"static/js/{name}.*.js"))]
    assert lost == [], "Streamlit calls them otherwise now"


def test_what_a_script_needs_is_needed_once(tmp_path: Path) -> None:
    (tmp_path / "DataFrame.1.js").write_text('import{a}from"./one.js";import"./two.js";')
    (tmp_path / "one.js").write_text('import{b as c}from"./two.js";export*from"./one.js"')
    (tmp_path / "two.js").write_text("const later=()=>import(`./three.js`)")
    assert serve.needed(tmp_path, ["DataFrame"]) == ["DataFrame.1.js", "one.js", "two.js"]


def test_what_a_toggle_shows_is_not_called_as_the_page_opens(tmp_path: Path) -> None:
    page = tmp_path / "page.py"
    page.write_text("figure(a())\nif len(x) and st.toggle('all'):\n    table(x)\n")
    assert set(serve.called(page)) == {"figure", "a", "len", "toggle"}


def test_what_pages_import_is_there_before_a_reader_comes() -> None:
    assert "steelyard.report.figures_states" in set(serve.imported())
    assert set(serve.imported()) <= set(sys.modules)
