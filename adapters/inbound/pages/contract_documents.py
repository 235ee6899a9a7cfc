"""Serves the documents of the contract below `/schema`."""

from collections.abc import Callable
from typing import Any

from litestar import Litestar, MediaType, Request
from litestar.openapi.plugins import OpenAPIRenderPlugin

YAML = "application/yaml"


class ContractDocument(OpenAPIRenderPlugin):
    """One document. It is made at the first request for it."""

    def __init__(self, path: str, render: Callable[[Litestar], str]) -> None:
        is_yaml = path.endswith(".yaml")
        media_type: Any = YAML if is_yaml else MediaType.JSON  # Litestar takes any text
        super().__init__(path=f"/{path}", media_type=media_type)
        self._render = render
        self._rendered: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        if self._rendered is None:
            self._rendered = self._render(request.app).encode()
        return self._rendered
