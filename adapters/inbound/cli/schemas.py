"""The command `schemas`: write the documents of the published contract to files."""

from collections.abc import Mapping
from pathlib import Path


def write_schemas(folder: Path, documents: Mapping[str, str]) -> list[Path]:
    """Write every document; return the paths."""
    paths = []
    for name, text in documents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        paths.append(path)
    return paths
