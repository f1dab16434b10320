"""What a page opens with: a title, key figures and a chart that a browser shows without a script.

Streamlit's own scripts take a second before the first word is there. Until the live page has drawn
its first chart or table, the reader sees the same title, figures and chart, as they were when the
page was last read here; ``python dashboards/opening.py`` reads every page over every build and
prints what each opens with, one JSON object a line.
"""

import html
import json
import os
import re
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import release_page
import vl_convert
from release_page import RELEASES, builds_here, stamps
from streamlit import file_util
from streamlit.testing.v1 import AppTest

HERE = Path(__file__).parent
#: Pixels between the sidebar and the right edge of what most readers have.
CHART_WIDTH = 760
LOOKS = {
    "font": "Source Sans, sans-serif",
    "view": {"stroke": None},
    "axis": {"domain": False, "ticks": False, "labelFontSize": 12, "titleFontWeight": "normal"},
    "title": {"fontSize": 16},
}
ROOT_ELEMENT = b'<div id="root"></div>'
#: The live page is there: it drew something, or says that it cannot.
_LEAVE = """
(() => {
    const shell = document.getElementById('opening');
    const drawn = ['svg.marks', 'canvas[data-testid="data-grid-canvas"]',
        '[data-testid="stAlertContentError"]', '[role="dialog"]',
        '[data-testid="stException"]'].map((what) => `#root ${what}`).join(', ');
    const coming = ['stSkeleton', 'stVegaLiteChart', 'stDataFrame']
        .map((name) => `#root [data-testid="${name}"]`).join(', ');
    const find = (what) => document.querySelector(what);
    const look = () => {
        const isAll = find('#root [data-test-script-state="notRunning"]') && !find(coming);
        if (find(drawn) || (find('#root h1') && isAll)) leave();
    };
    const watch = new MutationObserver(look);
    const leave = () => { watch.disconnect(); shell.remove(); };
    watch.observe(document.getElementById('root'), { childList: true, subtree: true,
        attributeFilter: ['data-test-script-state'] });
    setTimeout(leave, 15000);
    const asked = new URLSearchParams(location.search);
    asked.delete('build');
    if (asked.size) shell.classList.add('title-only');
})();
"""
_STYLE = """
@font-face { font-family: "Source Sans"; font-weight: 200 900; src: url("FONT") format("woff2"); }
#opening { position: fixed; inset: 0; z-index: 1000000; overflow: hidden; pointer-events: none;
    background: Canvas; color: CanvasText; color-scheme: light dark; padding: 7rem 5rem 0 380px;
    font: 400 1rem/1.6 "Source Sans", sans-serif; }
#opening nav { position: absolute; inset: 0 auto 0 0; width: 300px; box-sizing: border-box;
    padding: 4.8rem 1.85rem; font-size: .875rem; line-height: 2.125rem;
    background: color-mix(in srgb, CanvasText 3%, Canvas); padding-left: 2.4rem; }
#opening nav .here { font-weight: 600; }
#opening h1 { font-size: 2.75rem; font-weight: 700; line-height: 1.2; margin: 0 0 1rem; }
#opening p { background: color-mix(in srgb, gold 12%, Canvas); border-radius: .5rem;
    margin: 1rem 0; padding: 1rem; }
#opening dl { display: flex; gap: 1rem; margin: 1rem 0; }
#opening dl div { flex: 1; border: 1px solid color-mix(in srgb, CanvasText 20%, Canvas);
    border-radius: .5rem; padding: 1rem; }
#opening dt { font-size: .875rem; }
#opening dd { font-size: 2.25rem; line-height: 1.4; margin: 0; }
#opening small { opacity: .6; }
#opening figure { margin: 1rem 0; }
#opening.title-only > :not(h1, nav, style) { display: none; }
@media (prefers-color-scheme: dark) { #opening svg { filter: invert(1) hue-rotate(180deg); } }
@media (max-width: 768px) { #opening { padding: 5rem 1rem 0; } #opening nav { display: none; } }
"""


@dataclass(frozen=True)
class Opening:
    """What one page over one build opened with when it was read.

    Attributes
    ----------
    page
        Its path, empty for the overview.
    build
        Whose latest release it shows.
    state
        Which files it was read from: another state has another opening.
    title, warning
        As Streamlit shows them.
    figures
        Label, value and note of each key figure.
    chart
        The first chart, as SVG; empty where the page has none.
    source
        What stands under the chart.
    """

    page: str
    build: str
    state: str
    title: str
    warning: str
    figures: list[tuple[str, str, str]]
    chart: str
    source: str


def pages() -> dict[str, Path]:
    """Return the script of each page, by the page's path."""
    found = {page.stem: page for page in sorted(HERE.glob("pages/*.py"))}
    return {"": HERE / "overview.py"} | found


def state_of(build: str) -> str:
    """Say which files a build's latest release consists of; empty where there is none."""
    pointer = RELEASES / build / "latest"
    if not pointer.is_dir():
        return ""
    release = pointer.resolve()
    return json.dumps([release.name, stamps(release)])


def read(page: str, build: str) -> Opening | None:
    """Run a page over a build; nothing where it says that it cannot show it."""
    state = state_of(build)
    test = AppTest.from_file(str(pages()[page]), default_timeout=120)
    test.query_params["build"] = build
    test.session_state["opening"] = []
    test.run()
    if test.exception or test.error or not test.title:
        return None
    charts = test.session_state["opening"]
    chart, source = charts[0] if charts else ({}, "")
    return Opening(
        page=page,
        build=build,
        state=state,
        title=test.title[0].value,
        warning=test.warning[0].value if test.warning else "",
        figures=[(each.label, each.value, each.delta) for each in test.metric[:5]],
        chart=picture(chart),
        source=source,
    )


def picture(chart: dict[str, Any]) -> str:
    """Draw a chart as SVG; empty where there is none."""
    if not chart:
        return ""
    single = not {"hconcat", "vconcat", "concat", "facet"} & set(chart)
    fitted = {"autosize": {"type": "fit-x", "contains": "padding"}, "width": CHART_WIDTH}
    looks = {"config": LOOKS} | (fitted if single else {})
    drawn: str = vl_convert.vegalite_to_svg(chart | looks)
    return drawn


def in_html(opening: Opening) -> bytes:
    """Lay an opening out; it takes itself away once the live page has drawn something."""
    links = "".join(
        f"<div{' class=here' if name == opening.page else ''}>"
        f"{html.escape((name or 'overview').replace('_', ' '))}</div>"
        for name in pages()
    )
    figures = "".join(
        f"<div><dt>{html.escape(label)}</dt><dd>{html.escape(value)}</dd>"
        f"<small>{html.escape(note)}</small></div>"
        for label, value, note in opening.figures
    )
    parts = [
        f"<style>{_STYLE.replace('FONT', _font())}</style><nav>{links}</nav>",
        f"<h1>{html.escape(opening.title)}</h1>",
        f"<p>{_words(opening.warning)}</p>" if opening.warning else "",
        f"<dl>{figures}</dl>" if figures else "",
        f"<figure>{opening.chart}</figure>" if opening.chart else "",
        f"<small>{_words(opening.source)}</small>" if opening.source else "",
    ]
    shell = f'<div id="opening">{"".join(parts)}</div>'
    return f"{shell}\n{ROOT_ELEMENT.decode()}\n<script>{_LEAVE}</script>".encode()


def _words(markdown: str) -> str:
    """Show Markdown of one paragraph: bold, code, and what was escaped."""
    words = re.sub(r"\\([$_*~])", r"\1", html.escape(markdown))
    words = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", words)
    return re.sub(r"`(.+?)`", r"<code>\1</code>", words)


def _font() -> str:
    """Return the address of the font of Streamlit's text."""
    (font,) = Path(file_util.get_static_dir()).glob("static/media/SourceSansVF-Upright.*.woff2")
    return f"./static/media/{font.name}"


class Openings:
    """Every page's opening, read in a process of its own while the server serves."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], Opening] = {}

    def read_all(self) -> None:
        """Read every page over every build; pages that cannot be read open as Streamlit's do."""
        command = [sys.executable, str(Path(__file__))]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        for line in done.stdout.splitlines():
            if line.startswith("{"):
                opening = Opening(**json.loads(line))
                self.known[opening.page, opening.build] = opening

    def of(self, page: str, build: str | None) -> Opening | None:
        """Return a page's opening, if the release is still the one that it was read from."""
        builds = builds_here()
        opening = self.known.get((page, build or (builds[0] if builds else "")))
        return opening if opening and opening.state == state_of(opening.build) else None


def main() -> None:
    """Print what every page over every build opens with."""
    release_page.TITLE_START = release_page.HEAD_START = 0.0
    os.nice(10)  # readers come first
    for build in builds_here():
        for page in pages():
            opening = read(page, build)
            if opening is not None:
                sys.stdout.write(json.dumps(asdict(opening)) + "\n")


if __name__ == "__main__":
    main()
