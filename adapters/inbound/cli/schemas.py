"""The command `schemas`: write the documents of the published contract to files."""

import json
from pathlib import Path
from typing import Any

from adapters.wire.frame_schemas import frame_schemas


def write_schemas(folder: Path, openapi: dict[str, Any]) -> list[Path]:
    """Write one file of frames per endpoint, and the OpenAPI document; return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, document in {**frame_schemas(), "openapi": openapi}.items():
        path = folder / f"{name}.json"
        path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
        paths.append(path)
    return paths
