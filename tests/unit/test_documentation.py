"""The documentation is true: what it links to, names and lists is in the repository."""

import re
import tomllib
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from application.frames.close_codes import CloseCode
from application.frames.control_frames import NotRecovered
from application.monitoring.monitor_session import MonitorMode, MonitorModeChange
from application.sync.session import Mode, ModeChange
from bootstrap.__main__ import main
from bootstrap.container import build_container
from bootstrap.settings.settings import Settings
from bootstrap.settings.sources import OTHER_NAMES
from tests.support.documentation import (
    ROOT,
    Document,
    broken_links,
    defined_names,
    document,
    documents,
    may_import,
    missing_paths,
    packages,
    permitted,
    resolved,
    settings_of,
)

HISTORY = {Path("CHANGELOG.md")}
"""Names things by the names that they had."""

each_document = pytest.mark.parametrize("doc", documents(), ids=str)
each_present_document = pytest.mark.parametrize(
    "doc", [doc for doc in documents() if doc.path not in HISTORY], ids=str
)

NO_SETTINGS = OTHER_NAMES | {f"{name}_FILE" for name in settings_of(Settings)}
"""Other variables that are read."""


def sample(text: str) -> Document:
    """A document with this text, for the tests that a check can fail."""
    return Document(Path("docs/sample.md"), text)


def linter() -> dict[str, Any]:
    """import-linter's configuration."""
    tools: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    found: dict[str, Any] = tools["importlinter"]
    return found


def metrics() -> set[str]:
    """The names of all metrics, as `/metrics` shows them."""
    container = build_container(Settings())
    container.telemetry()  # counters are registered when it is made
    container.legacy_clients()  # so is theirs
    exposition = container.metrics().exposition().decode()
    return set(re.findall(r"^# TYPE (synchub_\w+)", exposition, re.MULTILINE))


def unknown_metrics(doc: Document) -> set[str]:
    """Return what looks like one of our metrics and is none."""
    return set(re.findall(r"\bsynchub_[a-z_]*[a-z]\b", doc.text)) - metrics()


def unknown_modes(doc: Document) -> set[str]:
    """Return values of the label `mode` that no connection has."""
    modes = {mode.name.lower() for mode in (*Mode, *MonitorMode)}
    return set(re.findall(r'mode="(\w+)"', doc.text)) - modes


def unknown_settings(doc: Document) -> set[str]:
    """Return what looks like one of our environment variables and is none."""
    named = set(re.findall(r"\bSYNCHUB_[A-Z0-9_]+\b", doc.text))
    return named - set(settings_of(Settings)) - NO_SETTINGS


def unknown_targets(doc: Document) -> set[str]:
    """Return what `make` is told to do and cannot."""
    targets = re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    named = {name for code in doc.code() for name in re.findall(r"\bmake ([a-z][a-z-]*)", code)}
    return named - set(targets)


def unknown_commands(doc: Document) -> set[str]:
    """Return what `synchub` is told to do and cannot."""
    named = {name for code in doc.code() for name in re.findall(r"\bsynchub ([a-z][a-z-]*)", code)}
    return named - set(main.commands)


def wrong_defaults(doc: Document) -> dict[str, str]:
    """Defaults in a table of settings that are not those of the code."""
    wrong = {}
    defaults = settings_of(Settings)
    for name, default, _ in doc.table("variable", "default", ""):
        stated = default.strip("`")
        value = defaults[name.strip("`")]
        if default.startswith("`") and stated != _as_text(value):
            wrong[name] = stated
    return wrong


def _as_text(value: object) -> str:
    match value:
        case Enum():
            return str(value.value)
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
    return str(value)


def wrong_terms(doc: Document) -> list[str]:
    """Terms of a glossary whose names are not defined in the file that they link to."""
    wrong = []
    for term, code, _ in doc.table("term", "in the code", "meaning"):
        name, path = re.fullmatch(r"\[`(.+)`\]\((.+)\)", code).groups()  # type: ignore[union-attr]
        if name not in defined_names((ROOT / doc.path).parent / path):
            wrong.append(term)
    return wrong


@each_document
def test_links_lead_to_files(doc: Document) -> None:
    """Every relative link, with its heading."""
    assert broken_links(doc) == []


@each_present_document
def test_paths_exist(doc: Document) -> None:
    """Every path that is set as code."""
    missing = missing_paths(doc)
    assert missing == []


def test_the_table_of_packages_is_what_the_linter_checks() -> None:
    """All packages, and exactly those imports that no contract forbids."""
    expected = permitted(linter(), packages(linter()))
    assert resolved(may_import(document("README.md"))) == expected


@each_present_document
def test_metrics_exist(doc: Document) -> None:
    """Every metric, and every mode of its label."""
    assert (unknown_metrics(doc), unknown_modes(doc)) == (set(), set())


@each_present_document
def test_settings_exist(doc: Document) -> None:
    """Every environment variable of ours."""
    assert unknown_settings(doc) == set()


def test_the_table_of_settings_is_complete() -> None:
    """Each setting once, with its default."""
    readme = document("README.md")
    rows = readme.table("variable", "default", "")
    assert [row[0].strip("`") for row in rows] == list(settings_of(Settings))
    assert wrong_defaults(readme) == {}


@each_document
def test_commands_exist(doc: Document) -> None:
    """Every make target and every command of `synchub`."""
    assert (unknown_targets(doc), unknown_commands(doc)) == (set(), set())


def test_the_glossary_names_what_there_is() -> None:
    """Each term's name is defined in its file, and the terms are in order."""
    glossary = document("docs/glossary.md")
    assert wrong_terms(glossary) == []
    terms = [row[0].lower() for row in glossary.table("term", "in the code", "meaning")]
    assert terms == sorted(set(terms))


def test_reasons_of_mode_changes_are_explained() -> None:
    """The guide on sessions that catch up has all of them, and no other."""
    rows = document("CONTRIBUTING.md").table("reason", "meaning")
    reasons = {*ModeChange, *NotRecovered, *MonitorModeChange}
    assert {row[0].strip("`") for row in rows} == {reason.value for reason in reasons}


def test_loggers_are_explained() -> None:
    """The guide to deploying has all of them, and no other."""
    files = [
        path for package in linter()["root_packages"] for path in (ROOT / package).rglob("*.py")
    ]
    source = "\n".join(path.read_text("utf-8") for path in files)
    loggers = set(re.findall(r'^logger = logging.getLogger\("(.+)"\)', source, re.MULTILINE))
    rows = document("docs/deploy.md").table("logger", "info and above", "debug")
    assert {name for row in rows for name in re.findall(r"`(.+?)`", row[0])} == loggers


def test_close_codes_are_explained() -> None:
    """All that the server closes with, but for the normal end."""
    rows = document("README.md").table("code", "meaning", "the client should")
    codes = {code.value for code in CloseCode} - {CloseCode.NORMAL}
    assert {int(row[0]) for row in rows} == codes


def test_points_of_the_rfc_are_tested() -> None:
    """Every test that the table of RFC 8725 names is there."""
    tests = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    rows = document("docs/tokens.md").table("section", "demand", "here", "test")
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row[3])]
    assert len(rows) == 12
    assert [name for name in named if f"def {name}(" not in tests] == []


def test_attacks_name_the_tests_that_show_their_outcomes() -> None:
    """Each row of the table, but for its headings, names a test that exists."""
    rows = document("docs/security.md").table("attack", "outcome", "shown by")
    shown = [(row[0], row[2]) for row in rows if not row[0].startswith("**")]
    assert len(shown) >= 30
    assert [row for row in shown if not _is_test(row[1])] == []


def _is_test(cell: str) -> bool:
    path, _, name = cell.strip("`").partition("::")
    return (ROOT / path).is_file() and (not name or name in defined_names(ROOT / path))


@pytest.mark.parametrize(
    "cell", ["", "`tests/unit/nothing.py`", "`tests/unit/test_documentation.py::test_nothing`"]
)
def test_a_missing_test_is_found(cell: str) -> None:
    """None at all, a file that is missing, a test that is missing."""
    assert not _is_test(cell)


def test_decisions_are_listed() -> None:
    """Each record once, under its number."""
    folder = ROOT / "docs" / "decisions"
    links = [target for _, target in document("docs/decisions/README.md").links()]
    assert links == sorted(path.name for path in folder.glob("[0-9]*.md"))
    for number, name in enumerate(links, start=1):
        assert (folder / name).read_text("utf-8").startswith(f"# {number}. ")
        assert int(name[:4]) == number


def test_the_present_version_is_in_the_changelog() -> None:
    """What is not released yet stands above it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    titles = re.findall(r"^## (\S+)", document("CHANGELOG.md").text, re.MULTILINE)
    assert titles[:2] == ["Unreleased", project["version"]]


# Each check can fail.


@pytest.mark.parametrize(
    "link",
    ["nowhere.md", "../README.md#no-such-heading", "#no-such-heading", "decisions/nothing/"],
)
def test_a_broken_link_is_found(link: str) -> None:
    """To a file, a folder, or a heading."""
    text = f"# A heading\n[good](#a-heading) [good](glossary.md) [bad]({link})"
    assert broken_links(sample(text)) == [link]


@pytest.mark.parametrize(
    "path",
    [
        "domain/nothing.py",
        "application/realtime/",
        "tests/unit/*.rs",
        "nowhere/<name>.py",
        "migrations/nothing.toml",
    ],
)
def test_a_missing_path_is_found(path: str) -> None:
    """A file, a package, a pattern, or the folder of a new file."""
    good = (
        "`domain/events.py` `domain/<game>.py` `tests/unit/*.py` `decisions/README.md` `/api/x.md`"
    )
    assert missing_paths(sample(f"{good} `{path}`")) == [path]
    assert missing_paths(sample(f"```sh\ncat {path}\n```")) == [path]


def test_the_text_of_a_link_may_be_short() -> None:
    """But not another path than its target's."""
    assert missing_paths(sample("[`sync/session.py`](../application/sync/session.py)")) == []
    assert missing_paths(sample("[`sync/hub.py`](../application/sync/session.py)")) == [
        "sync/hub.py"
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("| `ports`, `frames`, `domain` |", "| `frames`, `domain` |"),
        ("| `frames`, `domain` |", "| `frames`, `ports`, `hub`, `domain` |"),
        ("| `adapters`, `application`, `domain` |", "| `application`, `domain` |"),
        ("| `adapters.outbound.system` |", "| `adapters.outbound.clock` |"),
    ],
)
def test_a_wrong_table_of_packages_is_found(before: str, after: str) -> None:
    """One import less, one more, a package that is missing."""
    text = document("README.md").text
    assert before in text
    wrong = sample(text.replace(before, after, 1))
    assert resolved(may_import(wrong)) != permitted(linter(), packages(linter()))


def test_a_package_that_does_not_exist_is_found() -> None:
    """Nothing is matched by accident."""
    with pytest.raises(LookupError):
        resolved({"domain": {"nothing"}})


def test_contracts_are_understood() -> None:
    """Layers, independent and dependent siblings, containers, and forbidden packages."""
    rules = {
        "root_packages": ["a", "b"],
        "contracts": [
            {"type": "layers", "layers": ["a", "b"]},
            {"type": "layers", "containers": ["a"], "layers": ["x | y", "z : w"]},
            {"type": "forbidden", "source_modules": ["a.x"], "forbidden_modules": ["a.w"]},
            {"type": "acyclic_siblings"},
        ],
    }
    assert permitted(rules, {"a.x", "a.y", "a.z", "a.w", "b"}) == {
        "a.x": {"a.z", "b"},
        "a.y": {"a.z", "a.w", "b"},
        "a.z": {"a.w", "b"},
        "a.w": {"a.z", "b"},
        "b": set(),
    }
    with pytest.raises(NotImplementedError):
        permitted({"contracts": [{"type": "independence"}]}, {"a", "b"})


def test_packages_are_found_on_disk(tmp_path: Path) -> None:
    """Those that the linter divides, and no folder that is no package."""
    for name in ("a/x", "a/y/deep", "a/data", "b"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("a", "a/x", "a/y", "a/y/deep", "b"):
        (tmp_path / name / "__init__.py").touch()
    rules = {"root_packages": ["a", "b"], "contracts": [{"type": "layers", "containers": ["a"]}]}
    assert packages(rules, tmp_path) == {"a.x", "a.y", "b"}


def test_unknown_names_are_found() -> None:
    """Metrics, modes, settings, make targets, commands."""
    text = """`synchub_repairs_total` `synchub_announcements_total` `{mode="behind"}` `SYNCHUB_PORT`
    `SYNCHUB_PORTS` `make run` `make coffee`, make sure, `synchub serve` `synchub sing`"""
    doc = sample(text)
    assert unknown_metrics(doc) == {"synchub_announcements_total"}
    assert unknown_modes(doc) == {"behind"}
    assert unknown_settings(doc) == {"SYNCHUB_PORTS"}
    assert unknown_targets(doc) == {"coffee"}
    assert unknown_commands(doc) == {"sing"}


def test_wrong_defaults_are_found() -> None:
    """Numbers, names and switches."""
    table = """| variable | default | |
|---|---|---|
| `SYNCHUB_PORT` | `80` | |
| `SYNCHUB_ENV` | `prod` | |
| `SYNCHUB_LEGACY_ENABLED` | `false` | |
| `SYNCHUB_REALTIME_STALL_S` | `30` | |"""
    assert len(wrong_defaults(sample(table))) == 3


@pytest.mark.parametrize("name", ["Session.no_such_member", "Hub", "JsonCodec"])
def test_wrong_terms_are_found(name: str) -> None:
    """A member that is missing, and classes that are elsewhere."""
    good = "| session | [`Session.deliver`](../application/sync/session.py) | |"
    bad = f"| wrong | [`{name}`](../application/sync/session.py) | |"
    table = f"| term | in the code | meaning |\n|---|---|---|\n{good}\n{bad}"
    assert wrong_terms(sample(table)) == ["wrong"]


def test_a_table_that_is_missing_is_found() -> None:
    """So that a renamed column does not switch a check off."""
    with pytest.raises(LookupError):
        sample("| other | table |\n|---|---|\n").table("package", "contents", "may import")
