"""Charts of the report as inline SVG: no library, no network, the same bytes for the same findings."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, LEFT, RIGHT = 720, 230, 70  # pixels: of the chart, of its labels, of its figures
ROW = 26
BLUE, GREY, LIGHT, AMBER, RED = "#1f5a96", "#8a8f98", "#dfe3e8", "#b87503", "#b3261e"


@dataclass(frozen=True)
class Span:
    """A figure with its interval, on a line of its own: ``figure`` is what is written at the end of the line."""

    label: str
    value: float
    low: float
    high: float
    figure: str
    colour: str = BLUE


@dataclass(frozen=True)
class Stack:
    """A bar of shares that add up to 1 or less, and what is written at its end."""

    label: str
    shares: Sequence[float]
    figure: str


@dataclass(frozen=True)
class Limit:
    """A line across all rows, and what it is called."""

    at: float
    label: str


def spans(rows: Sequence[Span], limits: Sequence[Limit] = (), *, most: float | None = None) -> str:
    """Return dots with whiskers, a row each, from 0 to ``most`` or to the longest whisker.

    Examples
    --------
    >>> spans([Span("a<b", 0.5, 0.4, 0.6, "50 %")], most=1.0).count("&lt;")
    1
    """
    top = most or max([row.high for row in rows] + [row.value for row in rows] + [limit.at for limit in limits]) * 1.05
    drawn = [_limit(limit, top, len(rows)) for limit in limits]
    for i, row in enumerate(rows):
        y = _middle(i)
        drawn.append(_label(row.label, y))
        drawn.append(f'<line x1="{_x(row.low, top):.1f}" x2="{_x(row.high, top):.1f}" y1="{y}" y2="{y}" '
                     f'stroke="{row.colour}" stroke-width="2"/>')  # fmt: skip
        drawn.append(f'<circle cx="{_x(row.value, top):.1f}" cy="{y}" r="4.5" fill="{row.colour}"/>')
        drawn.append(_figure(row.figure, y))
    return _framed(drawn, len(rows), foot=bool(limits))


def stacks(rows: Sequence[Stack], parts: Sequence[tuple[str, str]]) -> str:
    """Return bars cut into parts, each of a name and a colour, under a key of them."""
    drawn = [_key(parts)]
    for i, row in enumerate(rows):
        y, begin = _middle(i + 1), 0.0
        drawn.append(_label(row.label, y))
        for share, (_, colour) in zip(row.shares, parts, strict=True):
            x, wide = _x(begin, 1.0), share * (WIDTH - LEFT - RIGHT)
            drawn.append(f'<rect x="{x:.1f}" y="{y - 8}" width="{wide:.1f}" height="16" fill="{colour}"/>')
            begin += share
        drawn.append(_figure(row.figure, y))
    return _framed(drawn, len(rows) + 1)


def pairs(rows: Sequence[tuple[str, Span, float]], names: tuple[str, str]) -> str:
    """Return what came, with its interval, and a diamond where it was said to come; a row each, from 0 to 1."""
    drawn = [_key(((names[0], BLUE), (names[1], AMBER)))]
    for i, (label, came, said) in enumerate(rows):
        y, at = _middle(i + 1), _x(said, 1.0)
        drawn.append(_label(label, y))
        drawn.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" stroke="{LIGHT}"/>')
        drawn.append(f'<line x1="{_x(came.low, 1.0):.1f}" x2="{_x(came.high, 1.0):.1f}" y1="{y}" y2="{y}" '
                     f'stroke="{BLUE}" stroke-width="2"/>')  # fmt: skip
        drawn.append(f'<circle cx="{_x(came.value, 1.0):.1f}" cy="{y}" r="4.5" fill="{BLUE}"/>')
        drawn.append(f'<path d="M{at:.1f} {y - 6}l6 6l-6 6l-6 -6z" fill="{AMBER}"/>')
        drawn.append(_figure(came.figure, y))
    return _framed(drawn, len(rows) + 1)


def _x(value: float, top: float) -> float:
    return LEFT + min(max(value / top if top > 0 else 0.0, 0.0), 1.0) * (WIDTH - LEFT - RIGHT)


def _middle(row: int) -> int:
    return row * ROW + ROW // 2


def _label(text: str, y: int) -> str:
    return f'<text x="{LEFT - 10}" y="{y + 4}" text-anchor="end">{escape(_fitting(text))}</text>'


def _figure(text: str, y: int) -> str:
    return f'<text x="{WIDTH - RIGHT + 8}" y="{y + 4}" class="figure">{escape(text)}</text>'


def _fitting(text: str) -> str:
    """Return a label that fits its room: a Chinese character is about twice as wide as a Latin letter.

    Examples
    --------
    >>> _fitting("水"), len(_fitting("历" * 40)), len(_fitting("a" * 80))
    ('水', 17, 34)
    """
    room, kept = 34.0, ""
    for letter in text:
        room -= 2 if ord(letter) > 0x2E80 else 1
        if room < 0:
            return kept[:-1] + "…"
        kept += letter
    return kept


def _limit(limit: Limit, top: float, rows: int) -> str:
    x, foot = _x(limit.at, top), rows * ROW
    line = f'<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{foot}" stroke="{GREY}" stroke-dasharray="4 3"/>'
    return f'{line}<text x="{x:.1f}" y="{foot + 15}" text-anchor="middle" class="faint">{escape(limit.label)}</text>'


def _key(parts: Sequence[tuple[str, str]]) -> str:
    drawn, x = [], LEFT
    for name, colour in parts:
        drawn.append(f'<rect x="{x}" y="7" width="12" height="12" fill="{colour}"/>')
        drawn.append(f'<text x="{x + 18}" y="17" class="faint">{escape(name)}</text>')
        x += 40 + sum(13 if ord(letter) > 0x2E80 else 7 for letter in name)
    return "".join(drawn)


def _framed(drawn: Sequence[str], rows: int, *, foot: bool = False) -> str:
    height = rows * ROW + (22 if foot else 4)
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img">{"".join(drawn)}</svg>'
