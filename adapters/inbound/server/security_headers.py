"""The headers of every HTTP response, whatever it answers: uvicorn adds them, so that no handler
can forget them. Each costs half a microsecond per response: so they are few, and what
`frame-ancestors` says is not repeated as `X-Frame-Options`."""

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
"""Content Security Policy Level 3. Pages have neither inline scripts nor inline styles; Swagger UI
has its icons in `data:` addresses of its style sheet."""

_UNUSED_FEATURES = ("camera", "geolocation", "microphone", "payment", "usb")


def security_headers(hsts_s: int) -> list[tuple[str, str]]:
    """Name and value of each; with `hsts_s`, browsers insist on TLS for so many seconds."""
    headers = [
        ("Content-Security-Policy", "; ".join(map(" ".join, _POLICY.items()))),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Permissions-Policy", ", ".join(f"{feature}=()" for feature in _UNUSED_FEATURES)),
    ]
    if hsts_s:
        headers.append(("Strict-Transport-Security", f"max-age={hsts_s}"))
    return headers
