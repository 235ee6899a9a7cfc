"""The pictures of a comparison."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.load import Measured
from benchmarks.results import Results, Scenario, Spread
from benchmarks.svg import Axis, Bar, Points, bars, lines, write


def write_plots(results: Results, folder: Path) -> None:
    """One SVG for each question that was measured."""
    for name, scenario in results.scenarios.items():
        if scenario.cells:
            _WRITERS.get(name, _nothing)(scenario, folder)


def _nothing(scenario: Scenario, folder: Path) -> None:
    """A table says it all."""


def _fanout(scenario: Scenario, folder: Path) -> None:
    for burst in scenario.settings():
        waiting = "one event" if burst == "1" else f"{burst} events waiting"
        found = []
        for peer in scenario.cells:
            frames = scenario.spread(peer, burst, "frames_per_s")
            found.append(Bar(peer, frames.median, frames.low, frames.high, _short(frames.median)))
        title = f"Fan-out, {waiting}"
        write(folder, f"fanout-{burst}", bars(title, "frames per second on one core", found))


def _sockets(scenario: Scenario, folder: Path) -> None:
    sockets = Axis(title="sockets")
    _lines(
        scenario, folder, "cost", "Cost of a delivery as connections grow", sockets,
        Axis(title="CPU µs of the server per frame", linear=True),
        lambda found: found.cpu_us_per_frame,
    )  # fmt: skip
    _lines(
        scenario, folder, "memory", "Resident memory as connections grow", sockets,
        Axis(title="MiB", linear=True), lambda found: found.rss_bytes / 2**20,
    )  # fmt: skip


def _rates(scenario: Scenario, folder: Path) -> None:
    rate = Axis(title="events per second, each to two sockets")
    milliseconds = Axis(title="milliseconds")
    for figure in ("p50", "p99"):
        _lines(
            scenario, folder, f"latency-{figure}", f"Latency as events grow, {figure}", rate,
            milliseconds, partial(_milliseconds, figure),
        )  # fmt: skip
    _lines(
        scenario, folder, "cpu", "Processor time as events grow", rate,
        Axis(title="share of a core", linear=True), lambda found: found.server_share,
    )  # fmt: skip


def _milliseconds(figure: str, found: Measured) -> float:
    micros: float = getattr(found, figure)
    return micros / 1e3


def _lines(
    scenario: Scenario,
    folder: Path,
    name: str,
    title: str,
    x_axis: Axis,
    y_axis: Axis,
    figure: Callable[[Measured], float],
) -> None:
    series: dict[str, Points] = {
        peer: [
            (float(setting), Spread.of([figure(found) for found in rounds]).median)
            for setting, rounds in settings.items()
        ]
        for peer, settings in scenario.cells.items()
    }
    write(folder, name, lines(title, x_axis, y_axis, series))


def _short(number: float) -> str:
    return f"{number / 1e6:.2f} M" if number >= 1e6 else f"{number / 1e3:.0f} k"


_WRITERS = {"fanout": _fanout, "sockets": _sockets, "rates": _rates}
