"""Bars and lines as SVG: as much of a plotting library as the comparison needs."""

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path

from attrs import field, frozen

WIDTH, HEIGHT = 760, 380
COLOURS = {
    "ours": "#d1495b",
    "ours, redis": "#edae49",
    "ours, redis, 2 nodes": "#8d5a97",
    "C, each": "#30638e",
    "C, joined": "#003d5b",
    "nchan": "#00798c",
    "ws": "#66a182",
}
OTHER = "#9aa5b1"
STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#333}.title{font-size:15px;font-weight:600}"
    ".note{fill:#777;font-size:11px}line.grid{stroke:#e4e7eb}"
    "@media(prefers-color-scheme:dark){rect.page{fill:#15181c}text{fill:#ddd}.note{fill:#999}"
    "line.grid{stroke:#333b44}}"
)


@frozen
class Bar:
    """`low` and `high` are the ends of the whisker."""

    name: str
    value: float
    low: float
    high: float
    text: str


def bars(title: str, unit: str, found: Sequence[Bar]) -> str:
    """One bar below the other, the longest first."""
    left, top, step = 150, 60, 30
    most = max(bar.high for bar in found)
    scale = (WIDTH - left - 120) / most
    body = []
    for index, bar in enumerate(sorted(found, key=lambda bar: -bar.value)):
        y = top + index * step
        length, low, high = (left + scale * x for x in (bar.value, bar.low, bar.high))
        colour = COLOURS.get(bar.name, OTHER)
        body.append(_text(left - 8, y + 14, bar.name, anchor="end"))
        body.append(
            f'<rect x="{left}" y="{y}" width="{length - left:.1f}" height="20" fill="{colour}"/>'
        )
        body.append(
            f'<path d="M{low:.1f} {y + 10}H{high:.1f}M{low:.1f} {y + 6}v8M{high:.1f} {y + 6}v8" '
            'stroke="#888" fill="none"/>'
        )
        body.append(_text(high + 8, y + 14, bar.text))
    return _page(title, unit, body, top + len(found) * step + 16)


@frozen(kw_only=True)
class Axis:
    """Logarithmic unless `linear`, which begins at 0."""

    title: str
    linear: bool = False
    ticks: Sequence[float] = field(factory=tuple)
    form: Callable[[float], str] = field(default=lambda value: f"{value:,g}")

    def place(self, value: float, low: float, high: float) -> float:
        """From 0 to 1."""
        if self.linear:
            return value / high
        return math.log(value / low) / math.log(high / low)


Points = Sequence[tuple[float, float]]


def lines(title: str, x_axis: Axis, y_axis: Axis, series: Mapping[str, Points]) -> str:
    """A line for each series, its name at its end."""
    left, right, top, bottom = 70, WIDTH - 150, 60, HEIGHT - 50
    xs = [x for points in series.values() for x, _ in points]
    ys = [y for points in series.values() for _, y in points]
    x_low, x_high = min(xs), max(xs)
    y_ticks = y_axis.ticks or (_linear_ticks(max(ys)) if y_axis.linear else _decades(ys))
    y_low, y_high = y_ticks[0], y_ticks[-1]

    def x_at(x: float) -> float:
        return left + (right - left) * (x_axis.place(x, x_low, x_high) if x_high > x_low else 0.5)

    def y_at(y: float) -> float:
        return bottom - (bottom - top) * y_axis.place(y, y_low, y_high)

    body = []
    for tick in y_ticks:
        y = y_at(tick)
        body.append(f'<line class="grid" x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        body.append(_text(left - 8, y + 4, y_axis.form(tick), anchor="end"))
    body += [
        _text(x_at(tick), bottom + 18, x_axis.form(tick), anchor="middle")
        for tick in sorted(set(xs))
    ]
    body.append(_text((left + right) / 2, bottom + 38, x_axis.title, anchor="middle"))
    ends: list[float] = []
    for name, points in sorted(series.items(), key=lambda item: item[1][-1][1]):
        colour = COLOURS.get(name, OTHER)
        places = [(x_at(x), y_at(y)) for x, y in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        body.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        body += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        end = min([places[-1][1], *(other - 15 for other in ends)])  # names do not overlap
        ends.append(end)
        body.append(_text(places[-1][0] + 10, end + 4, name, fill=colour))
    return _page(title, y_axis.title, body, HEIGHT)


def _linear_ticks(most: float) -> list[float]:
    step = 10 ** math.floor(math.log10(most))
    step = step / 5 if most / step < 2 else step / 2 if most / step < 5 else step
    return [number * step for number in range(math.ceil(most / step) + 1)]


def _decades(values: Sequence[float]) -> list[float]:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return [10.0**power for power in range(low, max(high, low + 1) + 1)]


def _text(x: float, y: float, text: str, anchor: str = "start", fill: str = "") -> str:
    style = f' style="fill:{fill}"' if fill else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{style}>{escape(text)}</text>'


def _page(title: str, unit: str, body: Sequence[str], height: int) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img"><title>{escape(title)}</title>'
        f'<style>{STYLE}</style><rect class="page" width="100%" height="100%" fill="#fff"/>'
        f'<text class="title" x="16" y="26">{escape(title)}</text>'
        f'<text class="note" x="16" y="44">{escape(unit)}</text>'
    )
    return "\n".join([head, *body, "</svg>\n"])


def write(folder: Path, name: str, svg: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.svg").write_text(svg)
