"""The pages as a server: it begins warm, and sends what a browser needs in few steps.

``streamlit run dashboards/serve.py`` shows what ``streamlit run dashboards/overview.py`` shows.
What pages import is imported before the first reader comes, each build's latest release is checked
against its checksums meanwhile, scripts of the browser are kept in memory, and those that draw
charts and tables are announced with the page, instead of one after the other as they are met. The
page comes with what it opens with (`opening`), which needs no script to be seen.
"""

import ast
import contextlib
import importlib
import mimetypes
import re
import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import streamlit as st
from opening import ROOT_ELEMENT, Openings, in_html
from release_page import RELEASES, manifest_of
from starlette.middleware import Middleware
from starlette.responses import Response
from streamlit import file_util

from steelyard.release import ReleaseError

HERE = Path(__file__).parent
#: What a page calls, and the scripts of the browser that show it.
ELEMENTS = {
    "chosen_release": ("Selectbox",),
    "dataframe": ("DataFrame",),
    "figure": ("ArrowVegaLiteChart", "DownloadButton"),
    "graphviz_chart": ("GraphVizChart",),
    "metric": ("Metric",),
    "multiselect": ("Multiselect",),
    "pills": ("ButtonGroup",),
    "radio": ("Radio",),
    "segmented_control": ("ButtonGroup",),
    "selectbox": ("Selectbox",),
    "slider": ("Slider",),
    "table": ("DataFrame",),
    "text_input": ("TextInput",),
    "toggle": ("Checkbox",),
    "vega_lite_chart": ("ArrowVegaLiteChart",),
}
FIRST = re.compile(r"""(?:src|href)="\./static/js/([\w.-]+\.js)\"""")
NEEDED = re.compile(r"""(?:from|import)\s*["']\./([\w.-]+\.js)["']""")
FRESH = {"Cache-Control": "no-cache"}
FOREVER = {"Cache-Control": "public, immutable, max-age=31536000"}


class Bundle:
    """Answers for Streamlit's scripts from memory; says with each page which it will need.

    Parameters
    ----------
    app
        Whatever answers for all else.
    openings
        What pages open with; a page that is not among them opens as Streamlit's do.
    """

    def __init__(self, app: Any, openings: Openings) -> None:
        folder = Path(file_util.get_static_dir())
        files = (file for file in folder.glob("static/**/*") if file.is_file())
        self.files = {f"/{file.relative_to(folder)}": file for file in files}
        self.kept: dict[str, Response] = {}
        self.app = app
        self.openings = openings
        self.index = (folder / "index.html").read_bytes()
        # What every page begins with comes first, as it would by itself.
        first = FIRST.findall(self.index.decode())
        self.announced = {
            name: link_to(dict.fromkeys([*first, *needed(folder / "static" / "js", shown)]))
            for name, shown in shown_by_pages().items()
        }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer, or let the pages answer."""
        path = scope.get("path", "")
        if scope["type"] == "http" and scope["method"] == "GET" and path in self.files:
            if path not in self.kept:
                kind = mimetypes.guess_type(path)[0]
                content = self.files[path].read_bytes()
                self.kept[path] = Response(content, headers=FOREVER, media_type=kind)
            await self.kept[path](scope, receive, send)
            return
        if (
            scope["type"] == "http"
            and scope["method"] == "GET"
            and path.strip("/") in self.announced
        ):
            asked = parse_qs(scope.get("query_string", b"").decode())
            opening = self.openings.of(path.strip("/"), asked.get("build", [None])[0])
            if opening is not None:
                opened = self.index.replace(ROOT_ELEMENT, in_html(opening), 1)
                answer = Response(opened, headers=FRESH, media_type="text/html")
                answer.raw_headers += self.announced[path.strip("/")]
                await answer(scope, receive, send)
                return

        async def announcing(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = message.setdefault("headers", [])
                if any(name == b"content-type" and b"html" in value for name, value in headers):
                    headers += self.announced.get(path.strip("/"), ())
            await send(message)

        await self.app(scope, receive, announcing)


def link_to(names: Iterable[str]) -> list[tuple[bytes, bytes]]:
    """Return the header by which a browser begins to fetch these scripts."""
    links = ", ".join(f"<./static/js/{name}>; rel=modulepreload" for name in names)
    return [(b"link", links.encode())] if links else []


def needed(folder: Path, elements: Iterable[str]) -> list[str]:
    """Name the scripts that these elements need, each once."""
    met: dict[str, None] = {}
    asked = [file.name for name in elements for file in folder.glob(f"{name}.*.js")]
    while asked:
        name = asked.pop(0)
        if name not in met:
            met[name] = None
            asked += NEEDED.findall((folder / name).read_text(encoding="utf-8"))
    return list(met)


def shown_by_pages() -> dict[str, list[str]]:
    """Return the elements that each page shows as it opens, by the page's path."""
    pages = {page.stem: page for page in HERE.glob("pages/*.py")} | {"": HERE / "overview.py"}
    return {
        name: sorted({each for call in called(page) for each in ELEMENTS.get(call, ())})
        for name, page in pages.items()
    }


def called(page: Path) -> Iterator[str]:
    """Name what a page calls, but for what it does when a toggle is on."""
    asked: list[ast.AST] = [ast.parse(page.read_text(encoding="utf-8"))]
    while asked:
        node = asked.pop()
        if isinstance(node, ast.Call):
            yield getattr(node.func, "attr", getattr(node.func, "id", ""))
        if isinstance(node, ast.If) and "toggle" in ast.unparse(node.test):
            node = node.test
            asked.append(node)
        else:
            asked += ast.iter_child_nodes(node)


def imported() -> Iterator[str]:
    """Name every module that a page imports."""
    for page in [*HERE.glob("*.py"), *HERE.glob("pages/*.py")]:
        for node in ast.walk(ast.parse(page.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                yield node.module


def check() -> None:
    """Hash the latest release of each build; what is wrong with one its own pages say."""
    for pointer in RELEASES.glob("*/latest"):
        with contextlib.suppress(ReleaseError, OSError):
            manifest_of(str(pointer.resolve()))


def prepare() -> None:
    """Check releases, then read what pages over them open with."""
    check()
    OPENINGS.read_all()


@contextlib.asynccontextmanager
async def warm(_: st.App) -> AsyncIterator[None]:
    """Begin to prepare when the server begins."""
    threading.Thread(target=prepare, daemon=True).start()
    yield


OPENINGS = Openings()
for module in sorted(set(imported())):
    importlib.import_module(module)
app = st.App("overview.py", lifespan=warm, middleware=[Middleware(Bundle, openings=OPENINGS)])
