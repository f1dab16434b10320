"""The validation report of a release."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from steelyard.report.document import Document, Figure, answer
from steelyard.report.drawing import svg_of
from steelyard.report.html import render_html
from steelyard.report.pdf import render_pdf
from steelyard.report.sections import SECTIONS


def validation_report(
    title: str,
    manifest: Mapping[str, Any],
    released: set[str],
    ask: Callable[[str], pd.DataFrame],
) -> tuple[str, bytes]:
    """Write the validation report of a release, from its own tables, as HTML and as PDF.

    The bytes depend on the answers, the manifest and the versions of the libraries alone.

    Parameters
    ----------
    title
        Title of the release.
    manifest
        As it is written.
    released
        Names of its tables; a section that needs another says so.
    ask
        Query over these tables to its answer.
    """
    document = Document(
        title="Validation report",
        subtitle=f"{title}. Release {manifest['version']}.",
        running=f"Steelyard, release {manifest['version']} of {manifest['build_target']}",
        chapters=tuple(answer(section, manifest, released, ask) for section in SECTIONS),
    )
    drawings = {
        f"{chapter.anchor}-{place}": svg_of(block.chart, f"{chapter.anchor}-{place}")
        for chapter in document.chapters
        for place, block in enumerate(chapter.blocks)
        if isinstance(block, Figure)
    }
    return render_html(document, drawings), render_pdf(document, drawings)
