"""The documents of releases: one folder each, written once."""

import shutil
from pathlib import Path

from tools.contract_gate.documents import RELEASED, read_documents
from tools.contract_gate.schema.errors import GateError


def last_release(schemas: Path) -> Path | None:
    """The folder of the highest version; None before the first release."""
    folder = schemas / RELEASED
    releases = [path for path in folder.iterdir() if path.is_dir()] if folder.exists() else []
    return max(releases, key=lambda path: _version(path.name), default=None)


def _version(name: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in name.split("."))
    except ValueError as error:
        raise GateError(f"{RELEASED}/{name} is not named after a version") from error


def release(schemas: Path, version: str) -> Path:
    """Copy the current documents; GateError if there is such a release, or a higher one."""
    _version(version)
    last = last_release(schemas)
    if last is not None and _version(last.name) >= _version(version):
        raise GateError(f"{last.name} has been released: raise the version in pyproject.toml")
    documents = read_documents(schemas)
    if not documents:
        raise GateError(f"there are no documents in {schemas}")
    target = schemas / RELEASED / version
    for name in documents:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(schemas / name, target / name)
    return target
