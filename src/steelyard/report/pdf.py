"""A report as PDF on A4: text that can be selected, charts as vectors, pages with numbers."""

import io
from collections.abc import Iterator, Sequence
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    KeepTogether,
    ListFlowable,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
)
from reportlab.platypus import Table as Grid

from steelyard.report.document import Block, Chapter, Document, Figure, Points, Table, Words
from steelyard.report.drawing import shape_of
from steelyard.report.vector import draw_svg, plain

MARGIN = 18 * mm
WIDTH = A4[0] - 2 * MARGIN
TALLEST = A4[1] - 2 * MARGIN - 24 * mm
TEXT = ParagraphStyle("text", fontName="Helvetica", fontSize=9.5, leading=13, spaceAfter=5)
WARNING = ParagraphStyle(
    "warning", TEXT, backColor=colors.HexColor("#fdf2ea"), borderPadding=6, spaceBefore=6
)
TITLE = ParagraphStyle("title", TEXT, fontName="Helvetica-Bold", fontSize=20, leading=24)
HEADING = ParagraphStyle(
    "heading", TEXT, fontName="Helvetica-Bold", fontSize=14, leading=18, spaceBefore=16
)
SMALL = ParagraphStyle("small", TEXT, fontSize=7.5, leading=9.5, spaceAfter=0, splitLongWords=1)
SMALL_RIGHT = ParagraphStyle("right", SMALL, alignment=TA_RIGHT)
HEAD = ParagraphStyle("head", SMALL, fontName="Helvetica-Bold")
HEAD_RIGHT = ParagraphStyle("head_right", HEAD, alignment=TA_RIGHT)
CAPTION = ParagraphStyle("caption", SMALL, textColor=colors.HexColor("#595959"), spaceAfter=10)
RULES = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LINEBELOW", (0, 0), (-1, 0), 1, colors.black),
    ("LINEBELOW", (0, 1), (-1, -1), 0.25, colors.HexColor("#cccccc")),
    ("LEFTPADDING", (0, 0), (-1, -1), 3),
    ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
]


class _Drawing(Flowable):  # type: ignore[misc]  # reportlab has no types
    """A drawing, as wide as the page unless it would be too tall."""

    def __init__(self, svg: str) -> None:
        super().__init__()
        wide, high = shape_of(svg)
        self._scale = min(WIDTH / wide, TALLEST / high)
        self.width, self.height = wide * self._scale, high * self._scale
        self._svg = svg

    def draw(self) -> None:
        """Draw it with the corner where reportlab has put it."""
        draw_svg(self.canv, self._svg, self._scale, self.height)


def render_pdf(document: Document, drawings: dict[str, str]) -> bytes:
    """Write a report as PDF; the same report gives the same bytes.

    Parameters
    ----------
    document
        The report.
    drawings
        ``<anchor>-<place of the block>`` to SVG, one a figure.
    """
    story: list[Any] = [_text(document.title, TITLE), _text(document.subtitle, CAPTION)]
    for chapter in document.chapters:
        story += _chapter(chapter, drawings)
    sink = io.BytesIO()
    template = SimpleDocTemplate(
        sink,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN + 6 * mm,
        title=document.title,
        author="The Steelyard authors",
        invariant=1,
    )

    def footer(canvas: Canvas, _: Any) -> None:
        canvas.setFont("Helvetica", 7.5)
        canvas.setFillColor(colors.HexColor("#595959"))
        canvas.drawString(MARGIN, 12 * mm, plain(document.running))
        canvas.drawRightString(A4[0] - MARGIN, 12 * mm, f"Page {canvas.getPageNumber()}")

    template.build(story, onFirstPage=footer, onLaterPages=footer)
    return sink.getvalue()


def _chapter(chapter: Chapter, drawings: dict[str, str]) -> Iterator[Flowable]:
    heading = _text(chapter.title, HEADING)
    for place, block in enumerate(chapter.blocks):
        flowables = list(_block(block, drawings.get(f"{chapter.anchor}-{place}", "")))
        if place == 0:
            # No heading ends a page. A long table keeps its own beginning only.
            alone = isinstance(block, Table)
            flowables = (
                [CondPageBreak(40 * mm), heading, *flowables]
                if alone
                else [KeepTogether([heading, flowables[0]]), *flowables[1:]]
            )
        yield from flowables


def _block(block: Block, svg: str) -> Iterator[Flowable]:
    if isinstance(block, Words):
        yield _text(block.text, WARNING if block.is_warning else TEXT)
    elif isinstance(block, Points):
        items = [_text(item, TEXT) for item in block.items]
        yield ListFlowable(items, bulletType="bullet", start="•", leftIndent=12)
    elif isinstance(block, Figure):
        yield _Drawing(svg)
        yield Spacer(1, 10)
    else:
        yield from _grid(block)


def _grid(table: Table) -> Iterator[Flowable]:
    def line(cells: Sequence[str], left: ParagraphStyle, right: ParagraphStyle) -> list[Paragraph]:
        named = zip(table.columns, cells, strict=True)
        return [_text(cell, left if name in table.words else right) for name, cell in named]

    rows = [line(row, SMALL, SMALL_RIGHT) for row in table.rows]
    shares = table.widths or (1.0,) * len(table.columns)
    yield Grid(
        [line(table.columns, HEAD, HEAD_RIGHT), *rows],
        colWidths=[WIDTH * share / sum(shares) for share in shares],
        repeatRows=1,
        style=RULES,
        spaceBefore=4,
        spaceAfter=3,
    )
    yield _text(table.source, CAPTION)


def _text(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(plain(text)), style)
