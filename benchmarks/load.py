"""The load generator (`native/loadgen.c`) and its measurements."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from attrs import frozen

from benchmarks.machine import LOAD_CORE, busy_seconds, native_program, open_files_limit
from benchmarks.peer import RunningPeer

MIN_EVENTS_IN_FLIGHT = 24
"""At saturation. Enough that no server waits for the next event, and that Nagle's algorithm (which
nchan leaves enabled) does not make the load generator wait for a socket."""

MIN_BURSTS_IN_FLIGHT = 3
"""At saturation."""

MAX_BACKGROUND_SHARE = 0.1
"""Share of a core; a measurement with more background load counts as disturbed."""


@frozen(kw_only=True)
class Measurement:
    """Result of one phase of load. Times are in µs, except for `seconds`."""

    frames: int
    events: int
    seconds: float
    frames_per_s: float
    events_per_s: float
    cpu_us_per_frame: float
    """CPU time of the server, without brokers and publishers in processes of their own."""
    server_share: float
    """Cores used by the server."""
    load_share: float
    """Share of its core used by the load generator."""
    frames_per_read: float
    """Mean frames per `recv()` of the load generator; rises when the load generator is late."""
    p50: float
    p99: float
    p999: float
    max: float
    lost: int
    skipped: int
    """Events that were due but not published, since too many frames were in flight."""
    background_share: float
    """Cores used by processes that do not belong to the measurement."""
    rss_bytes: int
    responses: int
    rest_p50: float
    rest_p99: float


class LoadGenerator:
    """A process with open sockets to one server. It runs one phase at a time."""

    def __init__(self, running: RunningPeer, sockets: int, folder: Path) -> None:
        self._running = running
        self._folder = folder
        self._templates: dict[int, tuple[Path, int]] = {}
        self.sockets = sockets
        targets, hellos = folder / "targets", folder / "hellos"
        targets.write_text("".join(f"{path}\n" for path in running.paths))
        hellos.write_text("".join(f"{hello}\n" for hello in running.hellos))
        command = ["prlimit", f"--nofile={open_files_limit()}", "taskset", "-c", str(LOAD_CORE)]
        command += [str(native_program("loadgen")), "--sockets", str(sockets)]
        command += ["--targets", str(targets), "--ports", ",".join(map(str, running.ports))]
        command += ["--publish-port", str(running.publish_port), "--hello", str(hellos)]
        command += ["--hello-after", str(running.hello_after)]
        command += ["--ready", str(running.ready_frames)]
        if running.ping:
            command += ["--ping", running.ping, "--pong", running.pong]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._read_reply()["ready"] == sockets

    def saturate(self, burst: int, seconds: float) -> Measurement:
        """Publish bursts as fast as their frames arrive, with several bursts in flight."""
        window = max(MIN_BURSTS_IN_FLIGHT, -(-MIN_EVENTS_IN_FLIGHT // burst))
        return self._run_phase(burst, window, 0.0, seconds)

    def pace(self, rate: float, seconds: float, burst: int = 1) -> Measurement:
        """Publish `rate` events per second, independently of the arrival of frames."""
        return self._run_phase(burst, 1, rate, seconds)

    def spin(self, rate: float, seconds: float, requests: list[bytes]) -> Measurement:
        """Send REST requests, one template per group.

        `rate` requests per second; 0 sends the next request upon each response.
        """
        path = self._folder / "requests"
        path.write_bytes(b"".join(text.replace(b"\r\n", b"^M^J") + b"\n" for text in requests))
        return self._measure(f"spin {rate} {seconds} {path}")

    def _run_phase(self, burst: int, window: int, rate: float, seconds: float) -> Measurement:
        path, events = self._template(burst)
        return self._measure(f"phase {burst} {window} {rate} {seconds} {events} {path}")

    def _template(self, burst: int) -> tuple[Path, int]:
        if burst not in self._templates:
            request = self._running.request(burst)
            path = self._folder / f"burst-{burst}"
            path.write_bytes(request.text)
            self._templates[burst] = path, request.events
        return self._templates[burst]

    def _measure(self, command: str) -> Measurement:
        assert self._process.stdin is not None
        server_before, all_before, brokers_before = self._cpu_times()
        with suppress(BrokenPipeError):  # the load generator has exited: `_read_reply` reports it
            self._process.stdin.write(f"{command}\n")
            self._process.stdin.flush()
        reply = self._read_reply()
        server_after, all_after, brokers_after = self._cpu_times()
        server_cpu = server_after - server_before
        brokers_cpu = brokers_after - brokers_before
        background_cpu = all_after - all_before - server_cpu - reply["cpu"] - brokers_cpu
        assert reply["errors"] == 0, "the server rejected requests"
        assert reply["frames"] > 0, "no frame arrived"
        return Measurement(
            frames=int(reply["frames"]),
            events=int(reply["events"]),
            seconds=reply["seconds"],
            frames_per_s=reply["frames"] / reply["seconds"],
            events_per_s=reply["events"] / reply["seconds"],
            cpu_us_per_frame=server_cpu / reply["frames"] * 1e6,
            server_share=server_cpu / reply["wall"],
            load_share=reply["cpu"] / reply["wall"],
            frames_per_read=reply["frames"] / max(1, reply["reads"]),
            p50=reply["p50"],
            p99=reply["p99"],
            p999=reply["p999"],
            max=reply["max"],
            lost=int(reply["lost"]),
            skipped=int(reply["skipped"]),
            background_share=max(0.0, background_cpu / reply["wall"]),
            rss_bytes=self._running.rss_bytes(),
            responses=int(reply["responses"]),
            rest_p50=reply["rest_p50"],
            rest_p99=reply["rest_p99"],
        )

    def _cpu_times(self) -> tuple[float, float, float]:
        """Seconds used by the server, by all processes on the two cores, and by the brokers."""
        return self._running.cpu_seconds(), busy_seconds(), self._running.broker_cpu_seconds()

    def _read_reply(self) -> dict[str, float]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the load generator exited with code {self._process.wait()}")
        reply: dict[str, float] = json.loads(line)
        return reply

    def close(self) -> None:
        """Close all sockets and wait for the process to exit."""
        self._process.communicate()


@contextmanager
def open_load_generator(
    running: RunningPeer, sockets: int, folder: Path
) -> Iterator[LoadGenerator]:
    """Start a load generator with this number of sockets, ready when the context begins."""
    load = LoadGenerator(running, sockets, folder)
    try:
        yield load
    finally:
        load.close()
