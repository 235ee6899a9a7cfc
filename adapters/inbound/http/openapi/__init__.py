"""The OpenAPI document: what Litestar generates from the handlers, completed from our classes."""
