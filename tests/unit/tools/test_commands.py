"""The commands of the gate, on a folder with documents."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tools.contract_gate.__main__ import main
from tools.contract_gate.releases import last_release

ROOT = Path(__file__).parents[3]


def frame(amount: Any) -> dict[str, Any]:
    """The schema of a frame with this `amount`."""
    fields = {"type": {"const": "bought"}, "v": {"const": 1}, "amount": amount}
    return {"type": "object", "properties": fields, "required": ["type", "v", "amount"]}


class Project:
    """A version, and a folder of schemas with one document."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.schemas = folder / "schemas"
        self.write({"type": "integer"})
        self.version("1.9.0")

    def write(self, amount: Any) -> None:
        path = self.schemas / "events" / "bought" / "1.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(frame(amount)), "utf-8")

    def version(self, version: str) -> None:
        text = f'[project]\nversion = "{version}"\n'
        (self.folder / "pyproject.toml").write_text(text, "utf-8")

    def check(self) -> Result:
        return CliRunner().invoke(main, ["check", "--schemas", str(self.schemas)])

    def release(self) -> Result:
        project = ["--project", str(self.folder / "pyproject.toml")]
        return CliRunner().invoke(main, ["release", "--schemas", str(self.schemas), *project])


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_releases_and_checks(project: Project) -> None:
    """From the first release on, breaking changes fail with a sentence and an example."""
    before = project.check()
    assert before.exit_code == 1
    assert "make release-contract" in before.output

    assert project.release().exit_code == 0
    assert project.check().output == "compatible with release 1.9.0\n"

    project.write({"type": "string"})
    failed = project.check()
    assert failed.exit_code == 1
    assert failed.output.splitlines() == [
        "events/bought/1.json: bought version 1: amount was integer; now it is string. Add version "
        "2 of bought and keep version 1 until its end (x-sunset).",
        "    Valid under the current contract, refused by the released one:",
        '    {"type": "bought", "v": 1, "amount": "text"}',
        "",
        "compared with release 1.9.0: 1 incompatible, 0 undecided; see docs/compatibility.md",
    ]


def test_a_release_is_compatible_and_written_once(project: Project) -> None:
    """The next one needs a higher version, and documents that do not break clients."""
    assert project.release().exit_code == 0
    again = project.release()
    assert again.exit_code == 1
    assert "raise the version" in again.output

    project.version("1.10.0")
    project.write({"type": "string"})
    assert project.release().exit_code == 1
    project.write({"enum": [1, 2]})
    assert project.release().exit_code == 0

    last = last_release(project.schemas)
    assert last is not None
    assert last.name == "1.10.0"
    released = json.loads((last / "events/bought/1.json").read_text("utf-8"))
    assert released == frame({"enum": [1, 2]})
    project.write({"enum": [1, 2, 3]})
    assert "released" not in project.check().output.partition("events")[0]
    assert project.check().exit_code == 1


def test_a_release_has_documents(project: Project) -> None:
    """A wrong folder does not become an empty release."""
    project.schemas = project.folder / "elsewhere"
    failed = project.release()
    assert failed.exit_code == 1
    assert "there are no documents" in failed.output


def test_unknown_keywords_and_folders_fail(project: Project) -> None:
    """Neither is passed over."""
    project.write({"type": "integer", "not": {"const": 1}})
    assert project.release().exit_code == 1
    project.write({"type": "integer"})
    assert project.release().exit_code == 0
    project.write({"type": "integer", "not": {"const": 1}})
    failed = project.check()
    assert failed.exit_code == 1
    assert "does not know the keyword not" in failed.output

    (project.schemas / "released" / "latest").mkdir()
    assert "not named after a version" in project.check().output
    assert project.check().exit_code == 1


def test_the_repository_is_compatible_with_its_last_release() -> None:
    """As `make compatibility` says."""
    result = CliRunner().invoke(main, ["check", "--schemas", str(ROOT / "schemas")])
    assert result.output.startswith("compatible with release ")
    assert result.exit_code == 0
