"""What `make audit` makes of an advisory service's answers."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support import dependency_audit as audit
from tests.support.dependency_audit import ROOT, read_ignored, read_report, run_pip_audit

REPORT = {
    "dependencies": [
        {"name": "good", "version": "1", "vulns": []},
        {
            "name": "bad",
            "version": "2",
            "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["3"]}],
        },
        {"name": "unknown", "skip_reason": "Dependency not found on PyPI"},
    ],
    "fixes": [],
}


def test_a_finding_is_told_from_a_missing_answer() -> None:
    """Packages that the service does not know are counted, not taken for good ones."""
    read = read_report(REPORT)
    assert (read.audited, read.unanswered) == (2, 1)
    assert [str(finding) for finding in read.unexcused({})] == ["bad 2: PYSEC-1, fixed in 3"]


@pytest.mark.parametrize("name", ["PYSEC-1", "CVE-1"])
def test_a_finding_is_ignored_for_a_reason(name: str) -> None:
    """By any of its names."""
    ignored = read_ignored(f'[[ignored]]\nid = "{name}"\nreason = "we do not call it"')
    assert read_report(REPORT).unexcused(ignored) == []
    with pytest.raises(ValueError, match="without a reason"):
        read_ignored(f'[[ignored]]\nid = "{name}"\nreason = " "')


def test_the_list_of_the_ignored_is_readable() -> None:
    """Each with its reason."""
    read_ignored((ROOT / "requirements" / "advisories.toml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("stderr", "outage"),
    [("requests.exceptions.ConnectionError: Max retries", True), ("invalid requirement", False)],
)
def test_an_outage_is_no_finding(
    monkeypatch: pytest.MonkeyPatch, stderr: str, *, outage: bool
) -> None:
    """Without a report: a service that is away passes, anything else fails."""

    def ended(*_: Any, **__: Any) -> "subprocess.CompletedProcess[str]":
        return subprocess.CompletedProcess([], 1, "", stderr)

    monkeypatch.setattr(subprocess, "run", ended)
    if outage:
        assert run_pip_audit(Path("run.lock")) is None
    else:
        with pytest.raises(RuntimeError, match="invalid requirement"):
            run_pip_audit(Path("run.lock"))


@pytest.mark.parametrize(("found", "status"), [(True, 1), (False, 0)])
def test_a_finding_fails(monkeypatch: pytest.MonkeyPatch, *, found: bool, status: int) -> None:
    """The exit status is that of `make audit`."""
    answer = read_report(REPORT) if found else None
    monkeypatch.setattr(audit, "run_pip_audit", lambda lock: answer)
    assert audit.main() == status
