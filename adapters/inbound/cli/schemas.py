"""The command `schemas`: write the published JSON Schemas to files."""

import json
from pathlib import Path

from adapters.wire.frame_schemas import frame_schemas


def write_schemas(folder: Path) -> list[Path]:
    """Write one file per endpoint; return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for endpoint, schema in frame_schemas().items():
        path = folder / f"{endpoint}.json"
        path.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n", "utf-8")
        paths.append(path)
    return paths
