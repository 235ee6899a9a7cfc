"""OpenAPI 3.1: requests are what we take, responses are what we send."""
