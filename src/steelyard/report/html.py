"""A report as one HTML file that needs no network."""

from importlib import resources

from jinja2 import Environment, StrictUndefined

from steelyard.report.document import Document


def render_html(document: Document, drawings: dict[str, str]) -> str:
    """Write a report as HTML: tables, links, and charts as SVG inside.

    Parameters
    ----------
    document
        The report.
    drawings
        ``<anchor>-<place of the block>`` to SVG, one a figure.
    """
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    text = resources.files("steelyard.report").joinpath("report.html.j2").read_text("utf-8")
    return environment.from_string(text).render(document=document, drawings=drawings)
