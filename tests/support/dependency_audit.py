"""`make audit`: are there advisories against what the lock files pin?

A finding fails, unless `requirements/advisories.toml` gives a reason to ignore it. pip-audit passes
packages that the advisory service gives no answer for; we say how many those were, and do not fail
for them: a service that is away is no finding.
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

ROOT = Path(__file__).parents[2]
LOCKS = ("run.lock", "dev.lock")
LIMIT_S = 300
OUTAGES = ("ConnectionError", "ConnectTimeout", "ReadTimeout", "Max retries", "ServiceError")


@frozen
class Finding:
    """An advisory against a pinned package."""

    package: str
    advisory: str
    names: frozenset[str]
    fixed_in: str

    def __str__(self) -> str:
        return f"{self.package}: {self.advisory}, fixed in {self.fixed_in or 'no version yet'}"


@frozen
class Audit:
    """What the advisory service said about one lock file."""

    audited: int
    unanswered: int
    findings: Sequence[Finding]

    def unexcused(self, ignored: Mapping[str, str]) -> list[Finding]:
        """Findings that nobody has given a reason for, under any name of the advisory."""
        return [finding for finding in self.findings if not finding.names & set(ignored)]


def read_report(report: Mapping[str, Any]) -> Audit:
    """pip-audit's JSON."""
    packages = report["dependencies"]
    answered = [package for package in packages if "skip_reason" not in package]
    findings = [
        Finding(
            f"{package['name']} {package['version']}",
            advisory["id"],
            frozenset({advisory["id"], *advisory.get("aliases", ())}),
            ", ".join(advisory.get("fix_versions", ())),
        )
        for package in answered
        for advisory in package["vulns"]
    ]
    return Audit(len(answered), len(packages) - len(answered), findings)


def read_ignored(text: str) -> dict[str, str]:
    """The reasons by advisory; ValueError where one is missing."""
    ignored = {}
    for entry in tomllib.loads(text).get("ignored", ()):
        if not str(entry.get("reason", "")).strip():
            raise ValueError(f"{entry['id']} is ignored without a reason")
        ignored[entry["id"]] = entry["reason"]
    return ignored


def run_pip_audit(lock: Path) -> Audit | None:
    """None if the service cannot be reached."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock)]
        command += ["--require-hashes", "--disable-pip", "--progress-spinner", "off"]
        command += ["--timeout", "5", "--format", "json", "--output", str(output)]
        try:
            ended = subprocess.run(
                command, capture_output=True, text=True, timeout=LIMIT_S, check=False
            )
        except subprocess.TimeoutExpired:
            return None
        if output.exists() and output.stat().st_size:
            return read_report(json.loads(output.read_text("utf-8")))
    if any(outage in ended.stderr for outage in OUTAGES):
        return None
    raise RuntimeError(f"pip-audit failed: {ended.stderr.strip()[-2000:]}")


def main() -> int:
    """Audit all lock files; returns the exit status."""
    ignored = read_ignored((ROOT / "requirements" / "advisories.toml").read_text("utf-8"))
    status = 0
    for name in LOCKS:
        audit = run_pip_audit(ROOT / "requirements" / name)
        if audit is None:
            print(f"{name}: NOT AUDITED, the advisory service cannot be reached")
            continue
        bad = audit.unexcused(ignored)
        note = f", {audit.unanswered} NOT AUDITED (no answer for them)" * bool(audit.unanswered)
        print(f"{name}: {audit.audited} packages audited{note}, {len(bad)} findings")
        for finding in bad:
            print(f"  {finding}")
        status |= bool(bad)
    return status


if __name__ == "__main__":
    sys.exit(main())
