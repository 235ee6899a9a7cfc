"""Scenarios of the comparison.

All servers of a scenario run and hold their sockets at the same time. Each round measures one
server after the other, and each round starts with a different server.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from attrs import frozen

from benchmarks.load import (
    MAX_BACKGROUND_SHARE,
    LoadGenerator,
    Measurement,
    open_load_generator,
)
from benchmarks.machine import open_files_limit
from benchmarks.peer import Peer, RunningPeer
from benchmarks.peers.centrifugo import Centrifugo
from benchmarks.peers.django import DjangoChannels
from benchmarks.peers.hub import Hub, spin_requests
from benchmarks.peers.litestar import LitestarChannels
from benchmarks.peers.nchan import Nchan
from benchmarks.peers.node import SocketIo, Ws
from benchmarks.peers.reference import BatchedReference, Reference
from benchmarks.results import ScenarioResults

BURSTS = (1, 8, 16)
DEVICES = 2
"""Sockets per player in the scenarios with many players."""
PLAYERS = 32
"""Players in the scenario `rest`."""
SIZES = (100, 1_000, 5_000, 10_000)
AUDIENCE = 100
"""Sockets per event in the scenario `sockets`."""
RATES = (100, 1_000, 5_000, 10_000, 20_000, 50_000)


@frozen(kw_only=True)
class Options:
    """Options of a run. A disturbed measurement is repeated, with at most `tries` in all."""

    rounds: int
    seconds: float
    sockets: int
    max_sockets: int
    tries: int


@frozen
class Bench:
    """A running server with its load generator."""

    peer: Peer
    running: RunningPeer
    load: LoadGenerator


Measure = Callable[[Bench], Measurement]


@contextmanager
def running_benches(
    results: ScenarioResults, peers: Sequence[Peer], groups: int, sockets: int
) -> Iterator[list[Bench]]:
    """Start all servers that are installed; record the versions and the missing servers."""
    with ExitStack() as stack:
        benches = []
        for peer in peers:
            if (missing := peer.missing()) is not None:
                results.missing[peer.name] = missing
                print(f"  {peer.name}: not measured ({missing})", flush=True)
                continue
            results.versions[peer.name] = peer.version()
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            running = stack.enter_context(peer.run(groups, folder))
            load = stack.enter_context(open_load_generator(running, sockets, folder))
            benches.append(Bench(peer, running, load))
        yield benches


def interleave(
    results: ScenarioResults,
    benches: list[Bench],
    options: Options,
    measures: dict[str, Measure],
) -> None:
    """After a warm-up, run rounds of every measure on every server."""
    for bench in benches:
        next(iter(measures.values()))(bench)
    for number in range(options.rounds):
        first = number % len(benches)
        for setting, measure in measures.items():
            for bench in benches[first:] + benches[:first]:
                measurement = _least_disturbed(measure, bench, options.tries)
                results.add(bench.peer.name, setting, measurement)
                print(_line(bench.peer.name, setting, measurement), flush=True)


def _least_disturbed(measure: Measure, bench: Bench, max_tries: int) -> Measurement:
    """Repeat a disturbed measurement; returns the one with the least background load."""
    tries: list[Measurement] = []
    while len(tries) < max_tries:
        tries.append(measure(bench))
        if tries[-1].background_share <= MAX_BACKGROUND_SHARE:
            break
    return min(tries, key=lambda measurement: measurement.background_share)


def _line(name: str, setting: str, measurement: Measurement) -> str:
    remarks = f", {measurement.lost} lost" if measurement.lost else ""
    if measurement.background_share > MAX_BACKGROUND_SHARE:
        remarks += f", {measurement.background_share:.0%} of a core in the background"
    return (
        f"  {name:20} {setting:>12} {measurement.frames_per_s:10,.0f} frames/s,"
        f" {measurement.cpu_us_per_frame:8.2f} µs CPU/frame,"
        f" p50 {measurement.p50 / 1e3:8.2f} ms, p99 {measurement.p99 / 1e3:8.2f} ms,"
        f" load generator {measurement.load_share:4.0%}{remarks}"
    )


def _saturate(options: Options, burst: int, bench: Bench) -> Measurement:
    return bench.load.saturate(burst, options.seconds)


def _pace(options: Options, rate: float, bench: Bench) -> Measurement:
    return bench.load.pace(rate, options.seconds)


def fanout(options: Options) -> ScenarioResults:
    """Fan-out of single events and of bursts to all sockets, at saturation."""
    results = ScenarioResults()
    peers = [
        Reference(),
        BatchedReference(),
        Hub(),
        Nchan(),
        Centrifugo(),
        Ws(),
        SocketIo(),
        LitestarChannels(),
        DjangoChannels(),
    ]
    with running_benches(results, peers, 1, options.sockets) as benches:
        measures: dict[str, Measure] = {
            str(burst): partial(_saturate, options, burst) for burst in BURSTS
        }
        interleave(results, benches, options, measures)
    return results


def latency(options: Options) -> ScenarioResults:
    """Latency at saturation and at half of that rate, for many players with two devices each."""
    results = ScenarioResults()
    peers = [Reference(), Hub(), Hub("redis"), Nchan(), Centrifugo(), Ws(), LitestarChannels()]

    def half(bench: Bench) -> Measurement:
        saturated = results.cells[bench.peer.name]["saturated"][-1]
        return bench.load.pace(saturated.events_per_s / 2, options.seconds)

    sockets = options.sockets
    with running_benches(results, peers, sockets // DEVICES, sockets) as benches:
        measures: dict[str, Measure] = {"saturated": partial(_saturate, options, 1), "half": half}
        interleave(results, benches, options, measures)
    return results


def rest(options: Options) -> ScenarioResults:
    """Spins over REST, from the request to the frames on the player's socket."""
    results = ScenarioResults()

    def saturated(bench: Bench) -> Measurement:
        return bench.load.spin(0, options.seconds, spin_requests(bench.running))

    def half(bench: Bench) -> Measurement:
        saturated = results.cells[bench.peer.name]["saturated"][-1]
        spins_per_s = saturated.responses / saturated.seconds
        return bench.load.spin(spins_per_s / 2, options.seconds, spin_requests(bench.running))

    with running_benches(results, [Hub(), Hub("redis")], PLAYERS, PLAYERS) as benches:
        interleave(results, benches, options, {"saturated": saturated, "half": half})
    return results


def sockets(options: Options) -> ScenarioResults:
    """Cost per delivery and memory by number of open sockets; each event goes to 100 of them."""
    results = ScenarioResults()
    for size in SIZES:
        limit = min(options.max_sockets, open_files_limit() - 200)
        if size > limit:
            results.missing[f"{size} sockets"] = (
                f"the limit is {limit}, with these options and {open_files_limit()} open files"
            )
            continue
        peers = [Reference(), Hub(), Nchan(), Ws()]
        with running_benches(results, peers, size // AUDIENCE, size) as benches:
            interleave(results, benches, options, {str(size): partial(_saturate, options, 1)})
    return results


def rates(options: Options) -> ScenarioResults:
    """Latency and CPU time by event rate; each event goes to the two devices of a player."""
    results = ScenarioResults()
    peers = [Reference(), Hub(), Nchan(), Ws()]
    with running_benches(results, peers, options.sockets // DEVICES, options.sockets) as benches:
        measures: dict[str, Measure] = {str(rate): partial(_pace, options, rate) for rate in RATES}
        interleave(results, benches, options, measures)
    return results


def nodes(options: Options) -> ScenarioResults:
    """Fan-out to the sockets of one player with two nodes on Redis, compared to one node."""
    results = ScenarioResults()
    peers = [Hub(), Hub("redis"), Hub("redis", nodes=2)]
    with running_benches(results, peers, 1, options.sockets) as benches:
        measures: dict[str, Measure] = {
            str(burst): partial(_saturate, options, burst) for burst in (1, 8)
        }
        interleave(results, benches, options, measures)
    return results


SCENARIOS: dict[str, Callable[[Options], ScenarioResults]] = {
    "fanout": fanout,
    "latency": latency,
    "rest": rest,
    "sockets": sockets,
    "rates": rates,
    "nodes": nodes,
}
