"""The API docs at `/schema`: Swagger UI without inline scripts, which our policy forbids."""

from typing import Any

from litestar import Request
from litestar.openapi.plugins import OpenAPIRenderPlugin

from adapters.inbound.pages.page import API_DOCS_PATH

_PAGE = f"""<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Unified Sync Hub: API</title>
  <link rel="icon" href="{API_DOCS_PATH}/favicon-32x32.png" type="image/png">
  <link rel="stylesheet" href="{API_DOCS_PATH}/swagger-ui.css">
  <script src="{API_DOCS_PATH}/swagger-ui-bundle.js" defer></script>
  <script src="{API_DOCS_PATH}/api-docs.js" defer></script>
</head>
<body>
  <div id="api-docs" data-document="/schema/openapi.json"></div>
</body>
</html>
"""


class ApiDocsPage(OpenAPIRenderPlugin):
    """A static page; its script loads the document."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return _PAGE.encode()
