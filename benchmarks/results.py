"""What a comparison found: every round of every cell, as it is kept in JSON."""

import json
from pathlib import Path
from statistics import median
from typing import Any

from attrs import asdict, define, field, frozen

from benchmarks.load import Measured

Rounds = list[Measured]


@frozen
class Spread:
    """The median of some rounds, and the least and greatest of them."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        return cls(median(values), min(values), max(values))

    def __format__(self, spec: str) -> str:
        return f"{self.median:{spec}} ({self.low:{spec}}–{self.high:{spec}})"


@define
class Scenario:
    """Servers by settings (of the load, as text) by rounds. Round k of one cell ran within the same
    minute as round k of all others: only those are compared."""

    cells: dict[str, dict[str, Rounds]] = field(factory=dict)
    missing: dict[str, str] = field(factory=dict)
    versions: dict[str, str] = field(factory=dict)

    def add(self, peer: str, setting: str, measured: Measured) -> None:
        self.cells.setdefault(peer, {}).setdefault(setting, []).append(measured)

    def has(self, peer: str, setting: str) -> bool:
        return setting in self.cells.get(peer, {})

    def spread(self, peer: str, setting: str, figure: str) -> Spread:
        """Of one figure of Measured."""
        return Spread.of([getattr(found, figure) for found in self.cells[peer][setting]])

    def ratio(
        self, peer: str, to: str, setting: str, to_setting: str, figure: str = "frames_per_s"
    ) -> Spread:
        """Of a figure of one server to that of another, round by round."""
        ours, theirs = self.cells[peer][setting], self.cells[to][to_setting]
        pairs = zip(ours, theirs, strict=True)
        return Spread.of([getattr(mine, figure) / getattr(other, figure) for mine, other in pairs])

    def settings(self) -> list[str]:
        """All of them, in the order in which they were measured."""
        return list(dict.fromkeys(name for cell in self.cells.values() for name in cell))


@define
class Results:
    """Of one run."""

    machine: dict[str, str]
    options: dict[str, float]
    scenarios: dict[str, Scenario] = field(factory=dict)

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(_rounded(asdict(self)), separators=(",", ":")) + "\n")

    @classmethod
    def read(cls, path: Path) -> "Results":
        raw = json.loads(path.read_text())
        scenarios = {name: _scenario(found) for name, found in raw["scenarios"].items()}
        return cls(raw["machine"], raw["options"], scenarios)


def _scenario(raw: dict[str, Any]) -> Scenario:
    cells = {
        peer: {
            setting: [Measured(**found) for found in rounds] for setting, rounds in settings.items()
        }
        for peer, settings in raw["cells"].items()
    }
    return Scenario(cells, raw["missing"], raw["versions"])


def _rounded(value: Any) -> Any:
    """Four significant digits are more than the noise leaves."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    return [_rounded(part) for part in value] if isinstance(value, list) else value
