"""Plots of a comparison as SVG files, drawn by matplotlib.

The background is transparent; text and lines have a contrast of at least 4:1 to both the white and
the dark page of GitHub. The same results give the same bytes.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import frozen
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, FixedLocator, NullLocator, StrMethodFormatter
from matplotlib.typing import RcKeyType

from benchmarks.load import Measurement
from benchmarks.results import Results, ScenarioResults, Spread

NEUTRAL = "#757d86"
ACCENT = "#d1495b"
REFERENCE = "#3b82c4"

STYLE: dict[RcKeyType, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "benchmarks",
    "font.family": "sans-serif",
    "font.size": 11,
    "text.color": NEUTRAL,
    "axes.edgecolor": NEUTRAL,
    "axes.labelcolor": NEUTRAL,
    "axes.titlelocation": "left",
    "axes.titlesize": 14,
    "axes.titleweight": "bold",
    "axes.titlepad": 14,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": NEUTRAL,
    "grid.alpha": 0.3,
    "xtick.color": NEUTRAL,
    "xtick.labelsize": 9.5,
    "ytick.color": NEUTRAL,
    "ytick.labelsize": 9.5,
    "legend.frameon": False,
}


@frozen
class LineStyle:
    """Colour and marker of a server in every line plot."""

    colour: str
    marker: str


LINE_STYLES = {
    "ours": LineStyle(ACCENT, "o"),
    "C, unbatched": LineStyle(REFERENCE, "s"),
    "nchan": LineStyle("#2b8a3e", "^"),
    "ws": LineStyle("#a8710c", "D"),
}
OTHER = LineStyle(NEUTRAL, "v")


@frozen(kw_only=True)
class LinePlot:
    """One figure of each server over the settings of a scenario."""

    name: str
    title: str
    x_label: str
    y_label: str
    figure: Callable[[Measurement], float]
    y_log: bool = False


PLOTS = {
    "sockets": (
        LinePlot(
            name="cost",
            title="Cost of a delivery by number of connections",
            x_label="open sockets",
            y_label="server CPU time per frame, µs",
            figure=lambda measurement: measurement.cpu_us_per_frame,
        ),
        LinePlot(
            name="memory",
            title="Resident memory by number of connections",
            x_label="open sockets",
            y_label="resident memory, MiB",
            figure=lambda measurement: measurement.rss_bytes / 2**20,
        ),
    ),
    "rates": (
        LinePlot(
            name="latency-p50",
            title="Median latency by event rate",
            x_label="events per second, each to two sockets",
            y_label="p50 latency, ms",
            figure=lambda measurement: measurement.p50 / 1e3,
            y_log=True,
        ),
        LinePlot(
            name="latency-p99",
            title="99th percentile of latency by event rate",
            x_label="events per second, each to two sockets",
            y_label="p99 latency, ms",
            figure=lambda measurement: measurement.p99 / 1e3,
            y_log=True,
        ),
        LinePlot(
            name="cpu",
            title="Server CPU time by event rate",
            x_label="events per second, each to two sockets",
            y_label="share of one core",
            figure=lambda measurement: measurement.server_share,
        ),
    ),
}


def write_plots(results: Results, folder: Path) -> None:
    """Write one SVG file per burst size of the fan-out, and per entry of `PLOTS`."""
    folder.mkdir(parents=True, exist_ok=True)
    with rc_context(STYLE):
        for name, scenario in results.scenarios.items():
            if not scenario.cells:
                continue
            if name == "fanout":
                for burst in scenario.settings():
                    _save(_fanout(scenario, burst), folder / f"fanout-{burst}.svg")
            for plot in PLOTS.get(name, ()):
                _save(_lines(scenario, plot), folder / f"{plot.name}.svg")


def _fanout(scenario: ScenarioResults, burst: str) -> Figure:
    """Bars of the medians, with whiskers from the minimum to the maximum."""
    spreads = {peer: scenario.spread(peer, burst, "frames_per_s") for peer in scenario.cells}
    peers = sorted(spreads, key=lambda peer: spreads[peer].median)
    medians = [spreads[peer].median for peer in peers]
    below = [spreads[peer].median - spreads[peer].low for peer in peers]
    above = [spreads[peer].high - spreads[peer].median for peer in peers]
    title = "Fan-out of single events" if burst == "1" else f"Fan-out of bursts of {burst} events"
    figure, axes = _canvas(title, height=0.9 + 0.36 * len(peers))
    axes.barh(
        peers,
        medians,
        height=0.66,
        color=[(_bar_colour(peer), 0.6) for peer in peers],
        xerr=(below, above),
        error_kw={"ecolor": NEUTRAL, "elinewidth": 1.5, "capsize": 4},
    )
    short = EngFormatter(sep=" ")
    for row, peer in enumerate(peers):
        axes.annotate(
            short(float(f"{spreads[peer].median:.3g}")),
            (spreads[peer].high, row),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
        )
    axes.margins(x=0.12, y=0.02)
    axes.set_xlim(left=0)
    axes.xaxis.set_major_formatter(short)
    axes.set_xlabel("frames per second on one core: median, minimum and maximum")
    axes.tick_params(length=0)
    axes.tick_params(axis="y", labelsize=11)
    return figure


def _bar_colour(peer: str) -> str:
    if peer.startswith("C, "):
        return REFERENCE
    return ACCENT if peer == "ours" else NEUTRAL


def _lines(scenario: ScenarioResults, plot: LinePlot) -> Figure:
    """A line of medians for each server, in the legend in the order of their right ends."""
    figure, axes = _canvas(plot.title, height=3.8)
    medians = {
        peer: {
            float(setting): Spread.of([plot.figure(measurement) for measurement in rounds]).median
            for setting, rounds in settings.items()
        }
        for peer, settings in scenario.cells.items()
    }
    for peer in sorted(medians, key=lambda peer: -list(medians[peer].values())[-1]):
        style = LINE_STYLES.get(peer, OTHER)
        axes.plot(
            list(medians[peer]),
            list(medians[peer].values()),
            label=peer,
            color=style.colour,
            marker=style.marker,
            linewidth=2,
            markersize=6,
        )
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator([float(name) for name in scenario.settings()]))
    axes.xaxis.set_minor_locator(NullLocator())
    if plot.y_log:
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    axes.set_xlabel(plot.x_label)
    axes.set_ylabel(plot.y_label)
    axes.grid()
    axes.tick_params(which="both", length=0)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def _canvas(title: str, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(8, height), layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title)
    return figure, axes


def _save(figure: Figure, path: Path) -> None:
    """Without the date and the version of matplotlib: they would change the bytes."""
    metadata = {"Title": figure.axes[0].get_title(loc="left"), "Date": None, "Creator": None}
    figure.savefig(path, format="svg", transparent=True, metadata=metadata)
