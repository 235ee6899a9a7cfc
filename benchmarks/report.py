"""Tables of a comparison in Markdown, aligned for the terminal.

    python -m benchmarks.report [FILE] [--plots FOLDER]

Prints the tables of stored results, and writes their plots.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path

from benchmarks.load import MAX_BACKGROUND_SHARE
from benchmarks.machine import ROOT
from benchmarks.peers.hub import Hub
from benchmarks.peers.reference import BatchedReference, Reference
from benchmarks.plots import write_plots
from benchmarks.results import Results, ScenarioResults

UNBATCHED, BATCHED, OURS = Reference.name, BatchedReference.name, Hub.name
ON_REDIS = Hub("redis").name

MIN_BOTTLENECK_SHARE = 0.9
"""Share of its core above which a process may be the bottleneck."""


def tables(results: Results) -> str:
    """All tables as Markdown."""
    parts = [_noise(results), _goals(results)]
    sections = {
        "fanout": _fanout,
        "latency": _latency,
        "rest": _rest,
        "sockets": _sockets,
        "rates": _rates,
        "nodes": _nodes,
    }
    for name, scenario in results.scenarios.items():
        parts.append(sections[name](scenario))
        parts += [f"Not measured: {peer} ({why})" for peer, why in scenario.missing.items()]
    versions = {k: v for s in results.scenarios.values() for k, v in s.versions.items()}
    parts.append("\n".join(f"- {peer}: {version}" for peer, version in versions.items()))
    return "\n\n".join(part for part in parts if part)


def _noise(results: Results) -> str:
    """Number of measurements with background load."""
    scenarios = results.scenarios.values()
    measurements = [
        measurement
        for scenario in scenarios
        for cell in scenario.cells.values()
        for rounds in cell.values()
        for measurement in rounds
    ]
    disturbed = sum(one.background_share > MAX_BACKGROUND_SHARE for one in measurements)
    return (
        f"{disturbed:,} of {len(measurements):,} measurements were disturbed: background load "
        f"above {MAX_BACKGROUND_SHARE:.0%} of a core."
    )


def _goals(results: Results) -> str:
    """Goals of docs/performance.md that the comparison measures."""
    rows: list[list[str]] = []
    fanout = results.scenarios.get("fanout", ScenarioResults())
    for burst, other, goal in (
        ("1", UNBATCHED, 0.8),
        ("1", "nchan", 1.0),
        ("1", "Centrifugo", 1.0),
        ("1", "Litestar channels", 3.0),
        ("8", "nchan", 5.0),
        ("16", "nchan", 5.0),
    ):
        label = f"fan-out, burst of {burst}, vs. {other}"
        if fanout.has(OURS, burst) and fanout.has(other, burst):
            found = fanout.ratio(OURS, other, burst, burst)
            by_cpu = fanout.ratio(other, OURS, burst, burst, "cpu_us_per_frame").median
            reached = _reached(found.median >= goal)
            rows.append([label, f"≥ {goal:g}", f"{found:.2f}", f"{by_cpu:.2f}", reached])
        elif fanout.has(OURS, burst):
            rows.append([label, f"≥ {goal:g}", "not measured", "", ""])
    for name, path in (("latency", "publish → frame"), ("rest", "REST request → frame")):
        scenario = results.scenarios.get(name, ScenarioResults())
        for figure, goal in (("p50", 2.0), ("p99", 10.0)):
            if scenario.has(OURS, "half"):
                found = scenario.spread(OURS, "half", figure)
                ms = found.median / 1e3
                label = f"{path}, half load, in memory, {figure}"
                rows.append([label, f"≤ {goal:g} ms", f"{ms:.2f} ms", "", _reached(ms <= goal)])
        if scenario.has(ON_REDIS, "half") and scenario.has(OURS, "half"):
            memory, redis = (scenario.spread(p, "half", "p50").median for p in (OURS, ON_REDIS))
            added = (redis - memory) / 1e3
            label = f"{path}, half load, p50 added by Redis"
            rows.append([label, "≤ 2 ms", f"{added:.2f} ms", "", _reached(added <= 2)])
    rows += _growth(results.scenarios.get("sockets", ScenarioResults()))
    return _table(["metric", "goal", "measured", "by CPU time", "reached"], rows) if rows else ""


def _growth(scenario: ScenarioResults) -> list[list[str]]:
    """Growth of the cost per delivery, also relative to that of the C reference."""
    sizes = [size for size in scenario.settings() if scenario.has(OURS, size)]
    if len(sizes) < 2:
        return []
    smallest, largest = sizes[0], sizes[-1]
    ours, reference = (
        scenario.ratio(peer, peer, largest, smallest, "cpu_us_per_frame").median
        for peer in (OURS, UNBATCHED)
    )
    label = f"cost per delivery, {largest} sockets vs. {smallest}"
    return [
        [label, "≤ 1.5", f"{ours:.2f}", "", _reached(ours <= 1.5)],
        [f"{label}, relative to C", "≤ 1.5", f"{ours / reference:.2f}", "", ""],
    ]


def _reached(yes: bool) -> str:
    return "yes" if yes else "no"


def _fanout(scenario: ScenarioResults) -> str:
    head = ["server", "burst", "frames/s", f"vs. {UNBATCHED}", f"vs. {BATCHED}", "vs. nchan"]
    head += ["CPU µs/frame", "vs. C by CPU time", "server core", "load core", "lost"]
    rows = []
    for setting in scenario.settings():
        for peer in scenario.cells:
            row = [peer, setting, _frames_per_s(scenario, peer, setting)]
            for other in (UNBATCHED, BATCHED, "nchan"):
                known = scenario.has(other, setting)
                row.append(f"{scenario.ratio(peer, other, setting, setting):.2f}" if known else "–")
            row += [_median(scenario, peer, setting, "cpu_us_per_frame", ".2f")]
            row += [_by_cpu(scenario, peer, setting)]
            row += [_median(scenario, peer, setting, "server_share", ".0%")]
            row += [_median(scenario, peer, setting, "load_share", ".0%")]
            row += [_lost(scenario, peer, setting)]
            rows.append(row)
    return _table(head, rows)


def _latency(scenario: ScenarioResults) -> str:
    head = ["server", "load", "events/s", "frames/s", "p50 ms", "p99 ms", "p99.9 ms"]
    head += ["server core", "load core", "lost"]
    return _table(head, list(_latency_rows(scenario)))


_rates = _latency


def _latency_rows(scenario: ScenarioResults) -> Iterable[list[str]]:
    for setting in scenario.settings():
        for peer in scenario.cells:
            yield [
                peer,
                setting,
                _median(scenario, peer, setting, "events_per_s", ",.0f"),
                _median(scenario, peer, setting, "frames_per_s", ",.0f"),
                *(_ms(scenario, peer, setting, figure) for figure in ("p50", "p99", "p999")),
                _median(scenario, peer, setting, "server_share", ".0%"),
                _median(scenario, peer, setting, "load_share", ".0%"),
                _lost(scenario, peer, setting),
            ]


def _rest(scenario: ScenarioResults) -> str:
    head = ["server", "load", "spins/s", "frames/s", "frame p50 ms", "frame p99 ms"]
    head += ["response p50 ms", "response p99 ms", "server core", "load core"]
    rows = []
    for setting in scenario.settings():
        for peer in scenario.cells:
            frames = ["–", "–"]  # frames cannot be attributed to back-to-back requests
            if setting == "half":
                frames = [_ms(scenario, peer, setting, figure) for figure in ("p50", "p99")]
            rows.append(
                [
                    peer,
                    setting,
                    _median(scenario, peer, setting, "events_per_s", ",.0f"),
                    _median(scenario, peer, setting, "frames_per_s", ",.0f"),
                    *frames,
                    _ms(scenario, peer, setting, "rest_p50"),
                    _ms(scenario, peer, setting, "rest_p99"),
                    _median(scenario, peer, setting, "server_share", ".0%"),
                    _median(scenario, peer, setting, "load_share", ".0%"),
                ]
            )
    return _table(head, rows)


def _sockets(scenario: ScenarioResults) -> str:
    head = ["server", "sockets", "frames/s", f"vs. {UNBATCHED}", "CPU µs/frame"]
    head += ["p50 ms", "p99 ms", "server core", "RSS MiB"]
    rows = []
    for setting in scenario.settings():
        for peer in scenario.cells:
            if not scenario.has(peer, setting):
                continue
            rss = scenario.spread(peer, setting, "rss_bytes").median / 2**20
            rows.append(
                [
                    peer,
                    setting,
                    _frames_per_s(scenario, peer, setting),
                    f"{scenario.ratio(peer, UNBATCHED, setting, setting):.2f}",
                    f"{scenario.spread(peer, setting, 'cpu_us_per_frame'):.2f}",
                    _ms(scenario, peer, setting, "p50"),
                    _ms(scenario, peer, setting, "p99"),
                    _median(scenario, peer, setting, "server_share", ".0%"),
                    f"{rss:.0f}",
                ]
            )
    return _table(head, rows)


def _nodes(scenario: ScenarioResults) -> str:
    head = ["server", "burst", "frames/s", f"vs. {ON_REDIS}", "CPU µs/frame", "server cores"]
    rows = []
    for setting in scenario.settings():
        for peer in scenario.cells:
            known = scenario.has(ON_REDIS, setting)
            rows.append(
                [
                    peer,
                    setting,
                    _frames_per_s(scenario, peer, setting),
                    f"{scenario.ratio(peer, ON_REDIS, setting, setting):.2f}" if known else "–",
                    _median(scenario, peer, setting, "cpu_us_per_frame", ".2f"),
                    _median(scenario, peer, setting, "server_share", ".2f"),
                ]
            )
    return _table(head, rows)


def _frames_per_s(scenario: ScenarioResults, peer: str, setting: str) -> str:
    """With `≥` where the load generator, not the server, was the bottleneck."""
    server, load = (
        scenario.spread(peer, setting, figure).median for figure in ("server_share", "load_share")
    )
    sign = "≥ " if load > MIN_BOTTLENECK_SHARE > server else ""
    return f"{sign}{scenario.spread(peer, setting, 'frames_per_s'):,.0f}"


def _median(scenario: ScenarioResults, peer: str, setting: str, figure: str, form: str) -> str:
    return format(scenario.spread(peer, setting, figure).median, form)


def _by_cpu(scenario: ScenarioResults, peer: str, setting: str) -> str:
    """CPU time per frame of the C reference, divided by that of the server."""
    if not scenario.has(UNBATCHED, setting):
        return "–"
    return f"{scenario.ratio(UNBATCHED, peer, setting, setting, 'cpu_us_per_frame').median:.2f}"


def _ms(scenario: ScenarioResults, peer: str, setting: str, figure: str) -> str:
    return f"{scenario.spread(peer, setting, figure).median / 1e3:.2f}"


def _lost(scenario: ScenarioResults, peer: str, setting: str) -> str:
    rounds = scenario.cells[peer][setting]
    lost = sum(found.lost for found in rounds)
    skipped = sum(found.skipped for found in rounds)
    return f"{lost:,}" + (f", {skipped:,} skipped" if skipped else "")


def _table(head: list[str], rows: list[list[str]]) -> str:
    """Markdown with padded columns, all but the first aligned to the right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]

    def line(cells: list[str]) -> str:
        first, *others = (
            cell.ljust(width) if index == 0 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return "| " + " | ".join([first, *others]) + " |"

    rule = "|".join(
        "-" * (width + 2) if index == 0 else "-" * (width + 1) + ":"
        for index, width in enumerate(widths)
    )
    return "\n".join([line(head), f"|{rule}|", *map(line, rows)])


def main() -> None:
    """Print the tables of the file of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", nargs="?", type=Path, default=ROOT / "results/latest.json")
    parser.add_argument("--plots", type=Path)
    arguments = parser.parse_args()
    results = Results.read(arguments.results)
    print(tables(results))
    if arguments.plots is not None:
        write_plots(results, arguments.plots)


if __name__ == "__main__":
    main()
