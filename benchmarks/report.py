"""Tables of a comparison, for the terminal and for documents.

python -m benchmarks.report [FILE] [--plots FOLDER]     prints them again from the JSON
"""

import argparse
from collections.abc import Iterable
from pathlib import Path

from benchmarks.load import DISTURBED
from benchmarks.machine import HERE
from benchmarks.peers.hub import Hub
from benchmarks.peers.reference import JoinedReference, Reference
from benchmarks.plots import write_plots
from benchmarks.results import Results, Scenario

EACH, JOINED, OURS = Reference.name, JoinedReference.name, Hub.name
ON_REDIS = Hub("redis").name

LOADED = 0.9
"""The share of its core from which a process may be what limits."""


def tables(results: Results) -> str:
    """All that was measured, as Markdown."""
    parts = [_noise(results), _goals(results)]
    shows = {
        "fanout": _fanout,
        "latency": _latency,
        "rest": _rest,
        "sockets": _sockets,
        "rates": _rates,
        "nodes": _nodes,
    }
    for name, scenario in results.scenarios.items():
        parts.append(shows[name](scenario))
        parts += [f"Not measured: {peer} ({why})" for peer, why in scenario.missing.items()]
    versions = {k: v for s in results.scenarios.values() for k, v in s.versions.items()}
    parts.append("\n".join(f"- {peer}: {version}" for peer, version in versions.items()))
    return "\n\n".join(part for part in parts if part)


def _noise(results: Results) -> str:
    """How far the rest can be trusted."""
    scenarios = results.scenarios.values()
    found = [
        m for s in scenarios for c in s.cells.values() for rounds in c.values() for m in rounds
    ]
    disturbed = sum(measured.foreign_share > DISTURBED for measured in found)
    others = "other things ran on the two cores"
    return f"{disturbed:,} of {len(found):,} measurements were disturbed: {others}."


def _goals(results: Results) -> str:
    """The lines of the table of numbers that this comparison can answer."""
    rows: list[list[str]] = []
    fanout = results.scenarios.get("fanout", Scenario())
    for burst, other, goal in (
        ("1", EACH, 0.8),
        ("1", "nchan", 1.0),
        ("1", "Centrifugo", 1.0),
        ("1", "Litestar channels", 3.0),
        ("8", "nchan", 5.0),
        ("16", "nchan", 5.0),
    ):
        what = f"fan-out, {burst} event{'s' * (burst != '1')} waiting, to {other}"
        if fanout.has(OURS, burst) and fanout.has(other, burst):
            found = fanout.ratio(OURS, other, burst, burst)
            by_cpu = fanout.ratio(other, OURS, burst, burst, "cpu_us_per_frame").median
            reached = _reached(found.median >= goal)
            rows.append([what, f"≥ {goal:g}", f"{found:.2f}", f"{by_cpu:.2f}", reached])
        elif fanout.has(OURS, burst):
            rows.append([what, f"≥ {goal:g}", "not measured", "", ""])
    for name, label in (("latency", "publish → frame"), ("rest", "REST call → frame")):
        scenario = results.scenarios.get(name, Scenario())
        for figure, most in (("p50", 2.0), ("p99", 10.0)):
            if scenario.has(OURS, "half"):
                found = scenario.spread(OURS, "half", figure)
                ms = found.median / 1e3
                what = f"{label}, half load, in memory, {figure}"
                rows.append([what, f"≤ {most:g} ms", f"{ms:.2f} ms", "", _reached(ms <= most)])
        if scenario.has(ON_REDIS, "half") and scenario.has(OURS, "half"):
            here, there = (scenario.spread(p, "half", "p50").median for p in (OURS, ON_REDIS))
            more = (there - here) / 1e3
            what = f"{label}, half load: Redis adds to p50"
            rows.append([what, "≤ 2 ms", f"{more:.2f} ms", "", _reached(more <= 2)])
    rows += _growth(results.scenarios.get("sockets", Scenario()))
    return _table(["what", "goal", "measured", "by CPU time", "reached"], rows) if rows else ""


def _growth(scenario: Scenario) -> list[list[str]]:
    """Of the cost per delivery; the kernel's own grows too, as the C reference shows."""
    sizes = [size for size in scenario.settings() if scenario.has(OURS, size)]
    if len(sizes) < 2:
        return []
    least, most = sizes[0], sizes[-1]
    ours, kernel = (
        scenario.ratio(peer, peer, most, least, "cpu_us_per_frame").median for peer in (OURS, EACH)
    )
    what = f"cost per delivery, {most} sockets to {least}"
    return [
        [what, "≤ 1.5", f"{ours:.2f}", "", _reached(ours <= 1.5)],
        [f"{what}, beside that of C", "≤ 1.5", f"{ours / kernel:.2f}", "", ""],
    ]


def _reached(yes: bool) -> str:
    return "yes" if yes else "no"


def _fanout(scenario: Scenario) -> str:
    head = ["server", "events waiting", "frames/s", "to C, each", "to C, joined", "to nchan"]
    head += ["CPU µs/frame", "to C by CPU", "server core", "load core", "lost"]
    rows = []
    for setting in scenario.settings():
        for peer in scenario.cells:
            row = [peer, setting, _frames_per_s(scenario, peer, setting)]
            for other in (EACH, JOINED, "nchan"):
                known = scenario.has(other, setting)
                row.append(f"{scenario.ratio(peer, other, setting, setting):.2f}" if known else "–")
            row += [_median(scenario, peer, setting, "cpu_us_per_frame", ".2f")]
            row += [_by_cpu(scenario, peer, setting)]
            row += [_median(scenario, peer, setting, "server_share", ".0%")]
            row += [_median(scenario, peer, setting, "load_share", ".0%")]
            row += [_lost(scenario, peer, setting)]
            rows.append(row)
    return _table(head, rows)


def _latency(scenario: Scenario) -> str:
    head = ["server", "load", "events/s", "frames/s", "p50 ms", "p99 ms", "p99.9 ms"]
    head += ["server core", "load core", "lost"]
    return _table(head, list(_latency_rows(scenario)))


_rates = _latency


def _latency_rows(scenario: Scenario) -> Iterable[list[str]]:
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


def _rest(scenario: Scenario) -> str:
    head = ["server", "load", "spins/s", "frames/s", "frame p50 ms", "frame p99 ms"]
    head += ["answer p50 ms", "answer p99 ms", "server core", "load core"]
    rows = []
    for setting in scenario.settings():
        for peer in scenario.cells:
            frames = ["–", "–"]  # whose they are is not known if one request follows the other
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


def _sockets(scenario: Scenario) -> str:
    head = ["server", "sockets", "frames/s", "to C, each", "CPU µs/frame", "p50 ms", "p99 ms"]
    head += ["server core", "RSS MiB"]
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
                    f"{scenario.ratio(peer, EACH, setting, setting):.2f}",
                    f"{scenario.spread(peer, setting, 'cpu_us_per_frame'):.2f}",
                    _ms(scenario, peer, setting, "p50"),
                    _ms(scenario, peer, setting, "p99"),
                    _median(scenario, peer, setting, "server_share", ".0%"),
                    f"{rss:.0f}",
                ]
            )
    return _table(head, rows)


def _nodes(scenario: Scenario) -> str:
    head = ["server", "events waiting", "frames/s", f"to {ON_REDIS}", "CPU µs/frame", "cores used"]
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


def _frames_per_s(scenario: Scenario, peer: str, setting: str) -> str:
    """With a sign where the load generator, not the server, was at its limit."""
    server, load = (
        scenario.spread(peer, setting, figure).median for figure in ("server_share", "load_share")
    )
    sign = "≥ " if load > LOADED > server else ""
    return f"{sign}{scenario.spread(peer, setting, 'frames_per_s'):,.0f}"


def _median(scenario: Scenario, peer: str, setting: str, figure: str, form: str) -> str:
    return format(scenario.spread(peer, setting, figure).median, form)


def _by_cpu(scenario: Scenario, peer: str, setting: str) -> str:
    """How many frames it makes of the processor time in which C makes one."""
    if not scenario.has(EACH, setting):
        return "–"
    return f"{scenario.ratio(EACH, peer, setting, setting, 'cpu_us_per_frame').median:.2f}"


def _ms(scenario: Scenario, peer: str, setting: str, figure: str) -> str:
    return f"{scenario.spread(peer, setting, figure).median / 1e3:.2f}"


def _lost(scenario: Scenario, peer: str, setting: str) -> str:
    rounds = scenario.cells[peer][setting]
    lost = sum(found.lost for found in rounds)
    skipped = sum(found.skipped for found in rounds)
    return f"{lost:,}" + (f", {skipped:,} not sent" if skipped else "")


def _table(head: list[str], rows: list[list[str]]) -> str:
    """Markdown that is also aligned for the eye; numbers to the right."""
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
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("results", nargs="?", type=Path, default=HERE / "results/latest.json")
    options.add_argument("--plots", type=Path)
    arguments = options.parse_args()
    results = Results.read(arguments.results)
    print(tables(results))
    if arguments.plots is not None:
        write_plots(results, arguments.plots)


if __name__ == "__main__":
    main()
