"""The load generator (`native/loadgen.c`), driven from Python."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from attrs import frozen

from benchmarks.machine import LOAD_CORE, busy_seconds, native, open_files
from benchmarks.peer import Running

UNDER_WAY = 24
"""Enough that no server waits for the next event, and that a socket on which the system waits for
a confirmation before it sends more (Nagle's algorithm, which nchan leaves on) holds nobody up."""

LEAST_BURSTS = 3


DISTURBED = 0.1
"""Of a core, used by others: what is measured meanwhile is not worth much."""


@frozen(kw_only=True)
class Measured:
    """One phase. Times are in µs, except for `seconds`."""

    frames: int
    events: int
    seconds: float
    frames_per_s: float
    events_per_s: float
    cpu_us_per_frame: float
    """Of the server; publishing and brokers in processes of their own are not in it."""
    server_share: float
    """Of a core, used by the server."""
    load_share: float
    """Of its core, used by the load generator."""
    frames_per_read: float
    """That one `recv()` of the load generator brought: it grows when the load falls behind."""
    p50: float
    p99: float
    p999: float
    worst: float
    lost: int
    skipped: int
    """Events that were due, but too many were on their way."""
    foreign_share: float
    """Of a core, used by what has nothing to do with the measurement."""
    rss_bytes: int
    answers: int
    rest_p50: float
    rest_p99: float


class Load:
    """Sockets that are open and ready. One phase at a time."""

    def __init__(self, running: Running, sockets: int, folder: Path) -> None:
        self._running = running
        self._folder = folder
        self._templates: dict[int, tuple[Path, int]] = {}
        self.sockets = sockets
        targets, hellos = folder / "targets", folder / "hellos"
        targets.write_text("".join(f"{path}\n" for path in running.paths))
        hellos.write_text("".join(f"{hello}\n" for hello in running.hellos))
        command = ["prlimit", f"--nofile={open_files()}", "taskset", "-c", str(LOAD_CORE)]
        command += [str(native("loadgen")), "--sockets", str(sockets), "--targets", str(targets)]
        command += ["--ports", ",".join(map(str, running.ports))]
        command += ["--publish-port", str(running.publish_port), "--hello", str(hellos)]
        command += ["--hello-after", str(running.hello_after)]
        command += ["--ready", str(running.ready_frames)]
        if running.ping:
            command += ["--ping", running.ping, "--pong", running.pong]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._answer()["ready"] == sockets

    def saturate(self, burst: int, seconds: float) -> Measured:
        """Bursts as fast as they arrive; at least `UNDER_WAY` events may be under way."""
        window = max(LEAST_BURSTS, -(-UNDER_WAY // burst))
        return self._phase(burst, window, 0.0, seconds)

    def pace(self, rate: float, seconds: float, burst: int = 1) -> Measured:
        """So many events a second."""
        return self._phase(burst, 1, rate, seconds)

    def spin(self, rate: float, seconds: float, requests: list[bytes]) -> Measured:
        """REST calls, `rate` a second or (0) as fast as they are answered; a request per group."""
        path = self._folder / "requests"
        path.write_bytes(b"".join(text.replace(b"\r\n", b"^M^J") + b"\n" for text in requests))
        return self._measure(f"spin {rate} {seconds} {path}")

    def _phase(self, burst: int, window: int, rate: float, seconds: float) -> Measured:
        path, events = self._template(burst)
        return self._measure(f"phase {burst} {window} {rate} {seconds} {events} {path}")

    def _template(self, burst: int) -> tuple[Path, int]:
        if burst not in self._templates:
            request = self._running.request(burst)
            path = self._folder / f"burst-{burst}"
            path.write_bytes(request.text)
            self._templates[burst] = path, request.events
        return self._templates[burst]

    def _measure(self, command: str) -> Measured:
        assert self._process.stdin is not None
        before, busy, brokers = self._used()
        with suppress(BrokenPipeError):  # the load generator has ended: `_answer` reports it
            self._process.stdin.write(f"{command}\n")
            self._process.stdin.flush()
        found = self._answer()
        after, busy_after, brokers_after = self._used()
        used = after - before
        foreign = busy_after - busy - used - found["cpu"] - (brokers_after - brokers)
        assert found["errors"] == 0, "publishing was refused"
        assert found["frames"] > 0, "no frame arrived"
        return Measured(
            frames=int(found["frames"]),
            events=int(found["events"]),
            seconds=found["seconds"],
            frames_per_s=found["frames"] / found["seconds"],
            events_per_s=found["events"] / found["seconds"],
            cpu_us_per_frame=used / found["frames"] * 1e6,
            server_share=used / found["wall"],
            load_share=found["cpu"] / found["wall"],
            frames_per_read=found["frames"] / max(1, found["reads"]),
            p50=found["p50"],
            p99=found["p99"],
            p999=found["p999"],
            worst=found["max"],
            lost=int(found["lost"]),
            skipped=int(found["skipped"]),
            foreign_share=max(0.0, foreign / found["wall"]),
            rss_bytes=self._running.rss_bytes(),
            answers=int(found["answers"]),
            rest_p50=found["rest_p50"],
            rest_p99=found["rest_p99"],
        )

    def _used(self) -> tuple[float, float, float]:
        """Seconds of the server, of everything, of the brokers."""
        return self._running.cpu_seconds(), busy_seconds(), self._running.broker_seconds()

    def _answer(self) -> dict[str, float]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the load generator ended with {self._process.wait()}")
        answer: dict[str, float] = json.loads(line)
        return answer

    def close(self) -> None:
        self._process.communicate()


@contextmanager
def open_load(running: Running, sockets: int, folder: Path) -> Iterator[Load]:
    """So many sockets of this server."""
    load = Load(running, sockets, folder)
    try:
        yield load
    finally:
        load.close()
