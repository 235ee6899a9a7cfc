"""The command `schemas`: write the documents of the published contract to files."""

import json
from pathlib import Path
from typing import Any

from adapters.wire.schemas.frame_schemas import schema_documents


def write_schemas(folder: Path, openapi: dict[str, Any]) -> list[Path]:
    """Write the schemas of frames and messages, and the OpenAPI document; return the paths."""
    paths = []
    for name, document in {**schema_documents(), "openapi.json": openapi}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
        paths.append(path)
    return paths
