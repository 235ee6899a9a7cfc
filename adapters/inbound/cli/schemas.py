"""The command `schemas`: write the published JSON Schemas to files."""

import json
from pathlib import Path

from adapters.wire.schemas.frame_schemas import schema_documents


def write_schemas(folder: Path) -> list[Path]:
    """Write every document; return the paths."""
    paths = []
    for name, schema in schema_documents().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n", "utf-8")
        paths.append(path)
    return paths
