"""The machine that measures: its cores, its processes, what they use, and what is built on it."""

import os
import platform
import resource
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

HERE = Path(__file__).parent
BUILD = HERE / ".build"
"""What is compiled and installed for the benchmarks; git knows nothing of it."""

SERVER_CORE = 0
LOAD_CORE = 1
"""The load generator's, and that of brokers which a server needs."""

Process = subprocess.Popen[bytes]


class CannotRun(Exception):
    """Something is not installed; says what, and how to get it."""


def native(name: str) -> Path:
    """The program that `native/<name>.c` compiles to."""
    source, program = HERE / "native" / f"{name}.c", BUILD / name
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        if shutil.which("gcc") is None:
            raise CannotRun("gcc is missing: apt-get install gcc libc6-dev")
        BUILD.mkdir(exist_ok=True)
        flags = ["-O2", "-Wall", "-Wextra", "-Werror"]
        fresh = BUILD / f"{name}.{os.getpid()}"  # others may be compiling, or running the old one
        subprocess.run(["gcc", *flags, "-o", str(fresh), str(source)], check=True)
        fresh.replace(program)
    return program


def first_line(*command: str | Path) -> str:
    """Of what a program says."""
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    return (said.stdout + said.stderr).partition("\n")[0].strip()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def process(
    command: Sequence[str | Path],
    *,
    core: int = SERVER_CORE,
    listens: Sequence[int] = (),
    env: Mapping[str, str] | None = None,
) -> Iterator[Process]:
    """A process on one core that listens on these ports by now; ended with the context."""
    pinned = ["prlimit", f"--nofile={open_files()}", "taskset", "-c", str(core)]
    environment = os.environ | dict(env or {})
    running = subprocess.Popen([*pinned, *map(str, command)], env=environment, cwd=HERE.parent)
    try:
        for port in listens:
            wait_for(port, running)
        yield running
    finally:
        running.terminate()
        try:
            running.wait(20)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def open_files() -> int:
    """As many as this system lets a process open."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1]


def wait_for(port: int, running: Process) -> None:
    for _ in range(600):
        if running.poll() is not None:
            raise RuntimeError(f"{running.args!r} ended with {running.returncode}")
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{running.args!r} does not listen on {port}")


def family(pid: int) -> list[int]:
    """The process and all its descendants."""
    pids = [pid]
    for child in _children(pid):
        pids += family(child)
    return pids


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(child) for child in children.split()]
    return []


def cpu_seconds(pids: Sequence[int]) -> float:
    """Processor time that these processes have used, all threads, those that ended left out."""
    total = 0
    for pid in pids:
        for stat in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with suppress(OSError):
                total += int(stat.read_text().split()[0])
    return total / 1e9


def busy_seconds() -> float:
    """Processor time that anything at all has used on the two cores, in steps of 10 ms."""
    ticks = 0
    for line in Path("/proc/stat").read_text().splitlines():
        name, *counts = line.split()
        if name in {f"cpu{SERVER_CORE}", f"cpu{LOAD_CORE}"}:
            user, nice, system, _, _, irq, softirq, *_ = map(int, counts)
            ticks += user + nice + system + irq + softirq
    return ticks / os.sysconf("SC_CLK_TCK")


def rss_bytes(pids: Sequence[int]) -> int:
    """Resident memory of these processes; what they share counts for each."""
    pages = 0
    for pid in pids:
        with suppress(OSError):
            pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def description() -> dict[str, str]:
    """For the record."""
    info = Path("/proc/cpuinfo").read_text()
    models = [line.partition(":")[2].strip() for line in info.splitlines() if "model name" in line]
    memory = Path("/proc/meminfo").read_text().splitlines()[0].split()[1]
    return {
        "processor": models[0] if models else platform.processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{int(memory) / 2**20:.0f} GiB",
        "kernel": platform.release(),
        "python": platform.python_version(),
        "date": time.strftime("%Y-%m-%d"),
        "load": f"{os.getloadavg()[0]:.2f} at the start",
    }
