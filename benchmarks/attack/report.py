"""The table of attacks."""

from collections.abc import Sequence

from benchmarks.attack.runner import Result

_COLUMNS = (
    f"{'attack':36} {'p50 ms':>12} {'p99 ms':>14} {'ratio':>6} {'sign-in s':>9} {'refused':>7} "
    f"{'lost':>4} {'MiB: before, peak, after':>24}  what the attacker got"
)


def header() -> str:
    """The names of the columns."""
    return _COLUMNS


def row(result: Result) -> str:
    """One attack."""
    memory = " ".join(f"{size / 2**20:7.1f}" for size in result.memory)
    sign_in = "" if result.sign_in is None else f"{result.sign_in:.2f}"
    p50 = [_percentile(times, 50) for times in (result.before, result.during)]
    p99 = [_percentile(times, 99) for times in (result.before, result.during)]
    return (
        f"{result.attack:36} {p50[0]:5.1f} {p50[1]:6.1f} {p99[0]:6.1f} {p99[1]:7.1f} "
        f"{p99[1] / p99[0]:6.1f} {sign_in:>9} {len(result.harm.refused):7} "
        f"{result.harm.lost_sockets:4} {memory:>24}  {_outcome(result)}"
    )


def summary(results: Sequence[Result]) -> str:
    """Which attacks were noticed, and how."""
    lines = [f"{len(results)} attacks"]
    for result in results:
        ratio = _percentile(result.during, 99) / _percentile(result.before, 99)
        faults = [
            *([f"p99 {ratio:.1f} times"] if ratio > 2 else []),
            *([f"refused {result.harm.refused[:3]}"] if result.harm.refused else []),
            *([f"{result.harm.lost_sockets} sockets lost"] if result.harm.lost_sockets else []),
            *([f"{result.harm.missing_events} gaps"] if result.harm.missing_events else []),
            *([f"undeclared {result.undeclared()}"] if result.undeclared() else []),
            *([f"{len(result.errors)} errors: {result.errors[0]}"] if result.errors else []),
        ]
        if faults:
            lines.append(f"{result.attack}: {'; '.join(faults)}")
    return "\n".join(lines)


def _percentile(times: Sequence[float], percent: int) -> float:
    """In milliseconds."""
    return 1000 * times[len(times) * percent // 100] if times else float("inf")


def _outcome(result: Result) -> str:
    return ", ".join(f"{name}: {count}" for name, count in result.seen.items())
