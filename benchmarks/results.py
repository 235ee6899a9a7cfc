"""Results of a comparison: all rounds of all servers, stored as JSON."""

import json
from pathlib import Path
from statistics import median
from typing import Any

from attrs import asdict, define, field, frozen

from benchmarks.load import Measurement

Rounds = list[Measurement]


@frozen
class Spread:
    """Median, minimum and maximum of some rounds."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        """Spread of one value per round."""
        return cls(median(values), min(values), max(values))

    def __format__(self, spec: str) -> str:
        return f"{self.median:{spec}} ({self.low:{spec}}–{self.high:{spec}})"


@define
class ScenarioResults:
    """Rounds by server and by setting of the load.

    Only rounds with the same number are compared: they ran within the same minute.
    """

    cells: dict[str, dict[str, Rounds]] = field(factory=dict)
    missing: dict[str, str] = field(factory=dict)
    versions: dict[str, str] = field(factory=dict)

    def add(self, peer: str, setting: str, measurement: Measurement) -> None:
        """Append a round."""
        self.cells.setdefault(peer, {}).setdefault(setting, []).append(measurement)

    def has(self, peer: str, setting: str) -> bool:
        """Whether the server was measured with this setting."""
        return setting in self.cells.get(peer, {})

    def spread(self, peer: str, setting: str, figure: str) -> Spread:
        """Spread of a field of `Measurement`."""
        return Spread.of([getattr(found, figure) for found in self.cells[peer][setting]])

    def ratio(
        self, peer: str, to: str, setting: str, to_setting: str, figure: str = "frames_per_s"
    ) -> Spread:
        """Spread of the ratio of two servers in each round."""
        rounds, to_rounds = self.cells[peer][setting], self.cells[to][to_setting]
        pairs = zip(rounds, to_rounds, strict=True)
        return Spread.of([getattr(one, figure) / getattr(other, figure) for one, other in pairs])

    def settings(self) -> list[str]:
        """All settings in the order of measurement."""
        return list(dict.fromkeys(name for cell in self.cells.values() for name in cell))


@define
class Results:
    """Results of one run."""

    machine: dict[str, str]
    options: dict[str, float]
    scenarios: dict[str, ScenarioResults] = field(factory=dict)

    def write(self, path: Path) -> None:
        """Write a JSON file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(_rounded(asdict(self)), separators=(",", ":")) + "\n")

    @classmethod
    def read(cls, path: Path) -> "Results":
        """Read a file written by `write`."""
        raw = json.loads(path.read_text())
        scenarios = {name: _scenario(found) for name, found in raw["scenarios"].items()}
        return cls(raw["machine"], raw["options"], scenarios)


def _scenario(raw: dict[str, Any]) -> ScenarioResults:
    cells = {
        peer: {
            setting: [Measurement(**found) for found in rounds]
            for setting, rounds in settings.items()
        }
        for peer, settings in raw["cells"].items()
    }
    return ScenarioResults(cells, raw["missing"], raw["versions"])


def _rounded(value: Any) -> Any:
    """Round to four significant digits; the noise is larger."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    return [_rounded(part) for part in value] if isinstance(value, list) else value
