"""The documents of the contract in a folder, and what each of them describes."""

import json
from collections.abc import Mapping
from enum import Enum
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from tools.contract_gate.schema.errors import Unsupported

RELEASED = "released"
"""The subfolder with the documents of releases."""

Documents = Mapping[str, Any]
"""By their path in the folder."""


class Kind(Enum):
    """What a document describes."""

    SENT = "frames that we send"
    TAKEN = "messages that we take"
    OPENAPI = "calls"
    ASYNCAPI = "channels"


_FOLDERS = (
    ("sync.json", Kind.SENT),
    ("legacy.json", Kind.SENT),
    ("monitor.json", Kind.SENT),
    ("events/*", Kind.SENT),
    ("frames/*", Kind.SENT),
    ("messages/*", Kind.TAKEN),
)


def read_documents(folder: Path) -> dict[str, Any]:
    """All JSON documents of a folder except for those of releases."""
    paths = (path.relative_to(folder) for path in sorted(folder.rglob("*.json")))
    return {
        path.as_posix(): json.loads((folder / path).read_text("utf-8"))
        for path in paths
        if path.parts[0] != RELEASED
    }


def kind_of(name: str, document: Any) -> Kind:
    """Frames or messages are told by their place, or by `x-direction`: sent or taken."""
    if "openapi" in document:
        return Kind.OPENAPI
    if "asyncapi" in document:
        return Kind.ASYNCAPI
    if "x-direction" in document:
        return Kind[document["x-direction"].upper()]
    for pattern, kind in _FOLDERS:
        if fnmatch(name, pattern):
            return kind
    raise Unsupported(f"{name}: say by x-direction whether this is sent or taken")
