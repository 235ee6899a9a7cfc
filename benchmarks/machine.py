"""Cores, processes, CPU time and memory of this machine; compilation of the C programs."""

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

ROOT = Path(__file__).parent
BUILD = ROOT / ".build"
"""Compiled and installed programs, ignored by git."""

SERVER_CORE = 0
LOAD_CORE = 1
"""Core of the load generator and of the brokers."""

Process = subprocess.Popen[bytes]


class MissingProgram(Exception):
    """A program is not installed. The message says how to install it."""


def native_program(name: str) -> Path:
    """Path of the program compiled from `native/<name>.c`; compiles it if necessary."""
    source, program = ROOT / "native" / f"{name}.c", BUILD / name
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        if shutil.which("gcc") is None:
            raise MissingProgram("gcc is missing: apt-get install gcc libc6-dev")
        BUILD.mkdir(exist_ok=True)
        flags = ["-O2", "-Wall", "-Wextra", "-Werror"]
        # Another process may compile at the same time, or run the old program.
        temporary = BUILD / f"{name}.{os.getpid()}"
        subprocess.run(["gcc", *flags, "-o", str(temporary), str(source)], check=True)
        temporary.replace(program)
    return program


def first_line(*command: str | Path) -> str:
    """First line of the output of a command."""
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return (result.stdout + result.stderr).partition("\n")[0].strip()


def free_port() -> int:
    """Number of an unused TCP port on the loopback interface."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def pinned_process(
    command: Sequence[str | Path],
    *,
    core: int = SERVER_CORE,
    listens: Sequence[int] = (),
    env: Mapping[str, str] | None = None,
) -> Iterator[Process]:
    """Run a process on one core; the context begins when it listens on the given ports."""
    pinned = ["prlimit", f"--nofile={open_files_limit()}", "taskset", "-c", str(core)]
    environment = os.environ | dict(env or {})
    running = subprocess.Popen([*pinned, *map(str, command)], env=environment, cwd=ROOT.parent)
    try:
        for port in listens:
            wait_for_port(port, running)
        yield running
    finally:
        running.terminate()
        try:
            running.wait(20)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def open_files_limit() -> int:
    """Hard limit of open files per process."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1]


def wait_for_port(port: int, running: Process) -> None:
    """Return when the process listens on the port; raise if it exits or takes too long."""
    for _ in range(600):
        if running.poll() is not None:
            raise RuntimeError(f"{running.args!r} exited with code {running.returncode}")
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{running.args!r} does not listen on port {port}")


def process_tree(pid: int) -> list[int]:
    """Ids of the process and of all its descendants."""
    pids = [pid]
    for child in _children(pid):
        pids += process_tree(child)
    return pids


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(child) for child in children.split()]
    return []


def cpu_seconds(pids: Sequence[int]) -> float:
    """CPU time that the live threads of these processes have used."""
    total = 0
    for pid in pids:
        for stat in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with suppress(OSError):
                total += int(stat.read_text().split()[0])
    return total / 1e9


def busy_seconds() -> float:
    """CPU time that all processes have used on the two cores, with a resolution of 10 ms."""
    ticks = 0
    for line in Path("/proc/stat").read_text().splitlines():
        name, *counts = line.split()
        if name in {f"cpu{SERVER_CORE}", f"cpu{LOAD_CORE}"}:
            user, nice, system, _, _, irq, softirq, *_ = map(int, counts)
            ticks += user + nice + system + irq + softirq
    return ticks / os.sysconf("SC_CLK_TCK")


def rss_bytes(pids: Sequence[int]) -> int:
    """Resident memory of these processes; shared pages count for each process."""
    pages = 0
    for pid in pids:
        with suppress(OSError):
            pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def describe_machine() -> dict[str, str]:
    """Hardware, kernel, Python version, date and load average, for the results."""
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
