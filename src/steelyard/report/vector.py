"""Drawings of Vega in SVG, laid onto a page of reportlab: lines stay lines, and text stays text.

What Vega writes is read, no more: groups, rectangles, lines, paths, text, and their transforms.
"""

import math
import re
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree

from reportlab.lib.colors import Color, toColor
from reportlab.pdfgen.canvas import Canvas

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_COMMAND = re.compile(r"([MLHVCAZmlhvcaz])([^MLHVCAZmlhvcaz]*)")
_TRANSFORM = re.compile(r"(translate|rotate|scale)\(([^)]*)\)")
_ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "A": 7}
_INHERITED = (
    *("fill", "stroke", "stroke-width", "stroke-dasharray", "font-size", "font-weight"),
    *("text-anchor", "opacity", "fill-opacity", "stroke-opacity"),
)
Look = Mapping[str, str]


def draw_svg(canvas: Canvas, svg: str, scale: float, height: float) -> None:
    """Draw an SVG with its lower left corner at the canvas's origin.

    Parameters
    ----------
    canvas
        The page.
    svg
        As Vega writes it.
    scale
        Points a unit.
    height
        Of the drawing, in points.
    """
    canvas.saveState()
    canvas.translate(0, height)
    canvas.scale(scale, -scale)
    _draw(canvas, ElementTree.fromstring(svg), {})
    canvas.restoreState()


def _draw(canvas: Canvas, element: ElementTree.Element, inherited: Look) -> None:
    if element.get("display") == "none":
        return
    kind = element.tag.rpartition("}")[2]
    look = dict(inherited)
    for name in _INHERITED:
        if name in element.attrib:
            faded = name == "opacity" and name in inherited
            look[name] = (
                str(float(element.attrib[name]) * float(inherited[name]))
                if faded
                else element.attrib[name]
            )
    canvas.saveState()
    for name, arguments in _TRANSFORM.findall(element.get("transform", "")):
        _transform(canvas, name, _numbers(arguments))
    if kind == "text":
        _text(canvas, element, look)
    elif kind in {"rect", "line", "path"}:
        _shape(canvas, kind, element, look)
    elif kind in {"svg", "g"}:
        for child in element:
            _draw(canvas, child, look)
    canvas.restoreState()


def _transform(canvas: Canvas, name: str, numbers: list[float]) -> None:
    if name == "translate":
        canvas.translate(numbers[0], numbers[1] if len(numbers) > 1 else 0)
    elif name == "rotate":
        canvas.rotate(numbers[0])
    else:
        canvas.scale(numbers[0], numbers[-1])


def _shape(canvas: Canvas, kind: str, element: ElementTree.Element, look: Look) -> None:
    fill = _colour(look, "fill", "black") if kind != "line" else None
    stroke = _colour(look, "stroke", "none")
    if fill is None and stroke is None:
        return
    if stroke is not None:
        canvas.setStrokeColor(stroke)
        canvas.setLineWidth(float(look.get("stroke-width", 1)))
        canvas.setDash(_numbers(look.get("stroke-dasharray", "")) or [], 0)
    if fill is not None:
        canvas.setFillColor(fill)
    path = canvas.beginPath()
    for step, numbers in _steps(kind, element):
        if step == "M":
            path.moveTo(*numbers)
        elif step == "L":
            path.lineTo(*numbers)
        elif step == "C":
            path.curveTo(*numbers)
        else:
            path.close()
    canvas.drawPath(path, fill=int(fill is not None), stroke=int(stroke is not None))


def _steps(kind: str, element: ElementTree.Element) -> Iterator[tuple[str, list[float]]]:
    """Give moves (M), straight lines (L), curves of Bezier (C) and closings (Z), all absolute."""
    at = {name: float(element.get(name, 0)) for name in ("x", "y", "x2", "y2", "width", "height")}
    if kind == "line":
        yield "M", [0, 0]
        yield "L", [at["x2"], at["y2"]]
    elif kind == "rect":
        right, low = at["x"] + at["width"], at["y"] + at["height"]
        yield "M", [at["x"], at["y"]]
        for corner in ([right, at["y"]], [right, low], [at["x"], low]):
            yield "L", corner
        yield "Z", []
    else:
        yield from path_steps(element.get("d", ""))


def path_steps(text: str) -> Iterator[tuple[str, list[float]]]:
    """Give the steps of an SVG's path as moves, straight lines, curves and closings."""
    x = y = start_x = start_y = 0.0
    for letter, arguments in _COMMAND.findall(text):
        command, is_relative = letter.upper(), letter.islower()
        if command == "Z":
            yield "Z", []
            x, y = start_x, start_y
            continue
        numbers = _numbers(arguments)
        for place in range(0, len(numbers), _ARGUMENTS[command]):
            part = numbers[place : place + _ARGUMENTS[command]]
            base_x, base_y = (x, y) if is_relative else (0.0, 0.0)
            if command == "H":
                end = (part[0] + base_x, y)
            elif command == "V":
                end = (x, part[0] + base_y)
            else:
                end = (part[-2] + base_x, part[-1] + base_y)
            if command == "C":
                moved = [each + (base_y if odd % 2 else base_x) for odd, each in enumerate(part)]
                yield "C", moved
            elif command == "A":
                yield from _arc((x, y), end, part[0], is_large=part[3] > 0, is_right=part[4] > 0)
            elif command == "M" and place == 0:
                start_x, start_y = end
                yield "M", [*end]
            else:
                yield "L", [*end]
            x, y = end


def _arc(
    start: tuple[float, float],
    end: tuple[float, float],
    radius: float,
    *,
    is_large: bool,
    is_right: bool,
) -> Iterator[tuple[str, list[float]]]:
    """Give curves along a circle, each a quarter of it at most; a circle is all that Vega draws."""
    half = (math.dist(start, end)) / 2
    if half == 0:
        return
    radius = max(radius, half)
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    away = math.sqrt(radius**2 - half**2) * (-1 if is_large == is_right else 1)
    centre = (
        middle[0] + away * (start[1] - end[1]) / (2 * half),
        middle[1] + away * (end[0] - start[0]) / (2 * half),
    )
    first = math.atan2(start[1] - centre[1], start[0] - centre[0])
    last = math.atan2(end[1] - centre[1], end[0] - centre[0])
    turn = last - first
    if is_right and turn <= 0:
        turn += 2 * math.pi
    if not is_right and turn >= 0:
        turn -= 2 * math.pi
    count = max(1, math.ceil(abs(turn) / (math.pi / 2) - 1e-9))
    step = turn / count
    reach = 4 / 3 * math.tan(step / 4) * radius
    for place in range(count):
        one, two = first + place * step, first + (place + 1) * step
        here = (centre[0] + radius * math.cos(one), centre[1] + radius * math.sin(one))
        there = (centre[0] + radius * math.cos(two), centre[1] + radius * math.sin(two))
        yield (
            "C",
            [
                here[0] - reach * math.sin(one),
                here[1] + reach * math.cos(one),
                there[0] + reach * math.sin(two),
                there[1] - reach * math.cos(two),
                *there,
            ],
        )


def _text(canvas: Canvas, element: ElementTree.Element, look: Look) -> None:
    colour = _colour(look, "fill", "black")
    if colour is None:
        return
    size = float(look.get("font-size", "11px").removesuffix("px"))
    font = "Helvetica-Bold" if look.get("font-weight") == "bold" else "Helvetica"
    canvas.setFillColor(colour)
    canvas.setFont(font, size)
    canvas.scale(1, -1)
    write = {"middle": canvas.drawCentredString, "end": canvas.drawRightString}.get(
        look.get("text-anchor", "start"), canvas.drawString
    )
    lines = [child for child in element if child.tag.endswith("tspan")] or [element]
    below = 0.0
    for line in lines:
        below += float(line.get("dy", 0)) if line is not element else 0
        write(0, -below, plain("".join(line.itertext())))


#: The standard fonts, which no file need carry, lack these.
_LACKING = str.maketrans({"−": "–", "→": "to", "≥": ">=", "≤": "<=", "⚖": ""})


def plain(text: str) -> str:
    """Write a text in the signs that the standard fonts of PDF have."""
    return text.translate(_LACKING)


def _colour(look: Look, name: str, otherwise: str) -> Color | None:
    said = look.get(name, otherwise)
    if said in {"none", "transparent"}:
        return None
    if said.startswith("#") and len(said) == len("#abc"):
        said = "#" + "".join(2 * digit for digit in said[1:])
    colour = toColor(said)
    alpha = float(look.get("opacity", 1)) * float(look.get(f"{name}-opacity", 1))
    return Color(colour.red, colour.green, colour.blue, alpha=alpha)


def _numbers(text: str) -> list[float]:
    return [float(each) for each in _NUMBER.findall(text)]
