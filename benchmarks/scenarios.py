"""What is measured. All servers of a scenario run and hold their sockets at the same time; each
round measures one after the other, the next round begins with another one."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from attrs import frozen

from benchmarks.load import DISTURBED, Load, Measured, open_load
from benchmarks.machine import open_files
from benchmarks.peer import Peer, Running
from benchmarks.peers.centrifugo import Centrifugo
from benchmarks.peers.django import DjangoChannels
from benchmarks.peers.hub import Hub, spin_requests
from benchmarks.peers.litestar import LitestarChannels
from benchmarks.peers.nchan import Nchan
from benchmarks.peers.node import SocketIo, Ws
from benchmarks.peers.reference import JoinedReference, Reference
from benchmarks.results import Scenario


@frozen(kw_only=True)
class Options:
    """`sockets` is how many a fan-out goes to; the rest of the sizes is part of the scenarios.
    A measurement during which other things ran is made up to `tries` times."""

    rounds: int
    seconds: float
    sockets: int
    most_sockets: int
    tries: int


@frozen
class Bench:
    """A server with its sockets."""

    peer: Peer
    running: Running
    load: Load


@contextmanager
def benches(
    scenario: Scenario, peers: Sequence[Peer], groups: int, sockets: int
) -> Iterator[list[Bench]]:
    """All that can run; the others are noted."""
    with ExitStack() as stack:
        ready = []
        for peer in peers:
            if (missing := peer.missing()) is not None:
                scenario.missing[peer.name] = missing
                print(f"  {peer.name}: not measured ({missing})", flush=True)
                continue
            scenario.versions[peer.name] = peer.version()
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            running = stack.enter_context(peer.run(groups, folder))
            load = stack.enter_context(open_load(running, sockets, folder))
            ready.append(Bench(peer, running, load))
        yield ready


Measure = Callable[[Bench], Measured]


def interleave(
    scenario: Scenario, ready: list[Bench], options: Options, measures: dict[str, Measure]
) -> None:
    """A round is every measure on every server."""
    for bench in ready:  # warm up; nothing is kept
        next(iter(measures.values()))(bench)
    for number in range(options.rounds):
        first = number % len(ready)
        for setting, measure in measures.items():
            for bench in ready[first:] + ready[:first]:
                measured = _undisturbed(measure, bench, options.tries)
                scenario.add(bench.peer.name, setting, measured)
                print(_line(bench.peer.name, setting, measured), flush=True)


def _undisturbed(measure: Measure, bench: Bench, most: int) -> Measured:
    """A measurement during which nothing else ran, or the least disturbed of a few."""
    tries: list[Measured] = []
    while len(tries) < most:
        tries.append(measure(bench))
        if tries[-1].foreign_share <= DISTURBED:
            break
    return min(tries, key=lambda found: found.foreign_share)


def _line(name: str, setting: str, found: Measured) -> str:
    lost = f", {found.lost} lost" if found.lost else ""
    if found.foreign_share > DISTURBED:
        lost += f", disturbed {found.foreign_share:.0%}"
    return (
        f"  {name:20} {setting:>12} {found.frames_per_s:10,.0f} frames/s"
        f" {found.cpu_us_per_frame:8.2f} µs CPU each, p50 {found.p50 / 1e3:8.2f} ms,"
        f" p99 {found.p99 / 1e3:8.2f} ms, load {found.load_share:4.0%}{lost}"
    )


def _saturate(options: Options, burst: int, bench: Bench) -> Measured:
    return bench.load.saturate(burst, options.seconds)


def _pace(options: Options, rate: float, bench: Bench) -> Measured:
    return bench.load.pace(rate, options.seconds)


BURSTS = (1, 8, 16)


def fanout(options: Options) -> Scenario:
    """One event, or 8 or 16 that wait, to all sockets, as fast as they go."""
    scenario = Scenario()
    peers = [
        Reference(),
        JoinedReference(),
        Hub(),
        Nchan(),
        Centrifugo(),
        Ws(),
        SocketIo(),
        LitestarChannels(),
        DjangoChannels(),
    ]
    with benches(scenario, peers, 1, options.sockets) as ready:
        measures: dict[str, Measure] = {
            str(burst): partial(_saturate, options, burst) for burst in BURSTS
        }
        interleave(scenario, ready, options, measures)
    return scenario


DEVICES = 2
"""Of a player, where there are many players."""


def latency(options: Options) -> Scenario:
    """Events of many players, each with two devices, at half of what the server can do."""
    scenario = Scenario()
    peers = [Reference(), Hub(), Hub("redis"), Nchan(), Centrifugo(), Ws(), LitestarChannels()]
    sockets = options.sockets
    with benches(scenario, peers, sockets // DEVICES, sockets) as ready:
        _saturated_and_half(scenario, ready, options)
    return scenario


def _saturated_and_half(scenario: Scenario, ready: list[Bench], options: Options) -> None:
    def saturated(bench: Bench) -> Measured:
        return bench.load.saturate(1, options.seconds)

    def half(bench: Bench) -> Measured:
        latest = scenario.cells[bench.peer.name]["saturated"][-1]
        return bench.load.pace(latest.events_per_s / 2, options.seconds)

    interleave(scenario, ready, options, {"saturated": saturated, "half": half})


PLAYERS = 32


def rest(options: Options) -> Scenario:
    """The whole path: spins over REST until their frames are on the socket."""
    scenario = Scenario()

    def saturated(bench: Bench) -> Measured:
        return bench.load.spin(0, options.seconds, spin_requests(bench.running))

    def half(bench: Bench) -> Measured:
        latest = scenario.cells[bench.peer.name]["saturated"][-1]
        spins_per_s = latest.answers / latest.seconds
        return bench.load.spin(spins_per_s / 2, options.seconds, spin_requests(bench.running))

    with benches(scenario, [Hub(), Hub("redis")], PLAYERS, PLAYERS) as ready:
        interleave(scenario, ready, options, {"saturated": saturated, "half": half})
    return scenario


SIZES = (100, 1_000, 5_000, 10_000)
AUDIENCE = 100
"""Sockets that an event goes to while the number of all sockets grows."""


def sockets(options: Options) -> Scenario:
    """The cost of a delivery as connections grow; every event goes to 100 sockets."""
    scenario = Scenario()
    for size in SIZES:
        most = min(options.most_sockets, open_files() - 200)
        if size > most:
            scenario.missing[f"{size} sockets"] = (
                f"at most {most} with these options, {open_files()} open files"
            )
            continue
        peers = [Reference(), Hub(), Nchan(), Ws()]
        with benches(scenario, peers, size // AUDIENCE, size) as ready:
            measures: dict[str, Measure] = {
                str(size): lambda bench: bench.load.saturate(1, options.seconds)
            }
            interleave(scenario, ready, options, measures)
    return scenario


RATES = (100, 1_000, 5_000, 10_000, 20_000, 50_000)


def rates(options: Options) -> Scenario:
    """Latency and cost as events per second grow; every event goes to a player's two devices."""
    scenario = Scenario()
    peers = [Reference(), Hub(), Nchan(), Ws()]
    with benches(scenario, peers, options.sockets // DEVICES, options.sockets) as ready:
        measures: dict[str, Measure] = {str(rate): partial(_pace, options, rate) for rate in RATES}
        interleave(scenario, ready, options, measures)
    return scenario


def nodes(options: Options) -> Scenario:
    """Two nodes on Redis against one: the same sockets, the same player, twice the processes."""
    scenario = Scenario()
    peers = [Hub(), Hub("redis"), Hub("redis", nodes=2)]
    with benches(scenario, peers, 1, options.sockets) as ready:
        measures: dict[str, Measure] = {
            str(burst): partial(_saturate, options, burst) for burst in (1, 8)
        }
        interleave(scenario, ready, options, measures)
    return scenario


SCENARIOS: dict[str, Callable[[Options], Scenario]] = {
    "fanout": fanout,
    "latency": latency,
    "rest": rest,
    "sockets": sockets,
    "rates": rates,
    "nodes": nodes,
}
