"""Requests whose end two readers may see at different places, and their clear relatives."""

from benchmarks.attack.wire import handshake

HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"
"""A request that hides where one reader sees a body, and another one the next request."""


def post(*headers: str, body: bytes = b"") -> bytes:
    lines = ["POST /api/auth/login HTTP/1.1", "Host: a", "Content-Type: application/json", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def chunked(body: bytes, name: str = "Transfer-Encoding", value: str = "chunked") -> bytes:
    return post(f"{name}: {value}", body=body)


LAST_CHUNK = b"0\r\n\r\n"

AMBIGUOUS = {
    "length and chunked": post(
        f"Content-Length: {len(LAST_CHUNK + HIDDEN)}",
        "Transfer-Encoding: chunked",
        body=LAST_CHUNK + HIDDEN,
    ),
    "chunked and length": post(
        "Transfer-Encoding: chunked", "Content-Length: 4", body=b"5c\r\n" + HIDDEN + LAST_CHUNK
    ),
    "two lengths": post("Content-Length: 0", f"Content-Length: {len(HIDDEN)}", body=HIDDEN),
    "two equal lengths": post("Content-Length: 2", "Content-Length: 2", body=b"{}" + HIDDEN),
    "list of lengths": post("Content-Length: 2, 2", body=b"{}" + HIDDEN),
    "signed length": post("Content-Length: +2", body=b"{}" + HIDDEN),
    "negative length": post("Content-Length: -1", body=HIDDEN),
    "hexadecimal length": post("Content-Length: 0x2", body=b"{}" + HIDDEN),
    "length with a tail": post("Content-Length: 2abc", body=b"{}" + HIDDEN),
    "length with a blank": post("Content-Length: 2 2", body=b"{}" + HIDDEN),
    "empty length": post("Content-Length:", body=HIDDEN),
    "huge length": post(f"Content-Length: {2**64 + 2}", body=b"{}" + HIDDEN),
    "blank before the colon": post("Content-Length : 2", body=b"{}" + HIDDEN),
    "blank before the colon of chunked": chunked(LAST_CHUNK + HIDDEN, "Transfer-Encoding "),
    "tab before the colon": chunked(LAST_CHUNK + HIDDEN, "Transfer-Encoding\t"),
    "blank before the name": post("X: y", " Transfer-Encoding: chunked", body=LAST_CHUNK + HIDDEN),
    "unknown coding": chunked(LAST_CHUNK + HIDDEN, value="xchunked"),
    "chunked is not the last coding": chunked(LAST_CHUNK + HIDDEN, value="chunked, identity"),
    "quoted coding": chunked(LAST_CHUNK + HIDDEN, value='"chunked"'),
    "coding with vertical tab": chunked(LAST_CHUNK + HIDDEN, value="\x0bchunked"),
    "two codings": post(
        "Transfer-Encoding: chunked", "Transfer-Encoding: identity", body=LAST_CHUNK + HIDDEN
    ),
    "folded header": post("X: y", " Content-Length: 2", body=b"{}" + HIDDEN),
    "carriage return in a header": post("X: y\rContent-Length: 2", body=b"{}" + HIDDEN),
    "line feed in a header": post("X: y\nContent-Length: 2", body=b"{}" + HIDDEN),
    "nul in a header": post("X: y\x00", "Content-Length: 2", body=b"{}" + HIDDEN),
    "nul in a name": post("X\x00: y", "Content-Length: 2", body=b"{}" + HIDDEN),
    "no name": post(": y", "Content-Length: 2", body=b"{}" + HIDDEN),
    "no colon": post("Content-Length 2", "Content-Length: 2", body=b"{}" + HIDDEN),
    "line feeds only": post("Content-Length: 2").replace(b"\r\n", b"\n") + b"{}" + HIDDEN,
    "chunk size with a sign": chunked(b"+2\r\n{}\r\n" + LAST_CHUNK + HIDDEN),
    "chunk size with 0x": chunked(b"0x2\r\n{}\r\n" + LAST_CHUNK + HIDDEN),
    "chunk size beyond 64 bits": chunked(b"10000000000000002\r\n{}\r\n" + LAST_CHUNK + HIDDEN),
    "no chunk size": chunked(b"\r\n{}\r\n" + LAST_CHUNK + HIDDEN),
    "chunk longer than announced": chunked(b"2\r\n{}{}\r\n" + LAST_CHUNK + HIDDEN),
    "chunk ends with a line feed": chunked(b"2\r\n{}\n" + LAST_CHUNK + HIDDEN),
    "chunk size ends with a line feed": chunked(b"2\n{}\r\n" + LAST_CHUNK + HIDDEN),
    "line feed in a chunk extension": chunked(b"2;a\nb\r\n{}\r\n" + LAST_CHUNK + HIDDEN),
    "version 1.2": b"GET /health/live HTTP/1.2\r\nHost: a\r\n\r\n" + HIDDEN,
    "blank in the path": b"GET /health/live /x HTTP/1.1\r\nHost: a\r\n\r\n" + HIDDEN,
    "odd method": b"G@T /health/live HTTP/1.1\r\nHost: a\r\n\r\n" + HIDDEN,
    "http2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + HIDDEN,
    "tls": bytes.fromhex("16030100050100000103") + HIDDEN,
    "handshake with a body": handshake(headers={"Content-Length": str(len(HIDDEN))}) + HIDDEN,
    "handshake with chunks": handshake(headers={"Transfer-Encoding": "chunked"})
    + LAST_CHUNK
    + HIDDEN,
}
"""Nothing of these is served: the one answer is an error, and the connection is closed."""

OTHER_VERSIONS = {
    "version 2.0": b"GET /health/live HTTP/2.0\r\nHost: a\r\n\r\n" + HIDDEN,
    "no version": b"GET /health/live\r\n\r\n" + HIDDEN,
}
"""Answered at most once, whatever the answer: the connection is closed after it."""

CLEAR = {
    "length": post("Content-Length: 2", body=b"{}"),
    "chunked": chunked(b"2\r\n{}\r\n" + LAST_CHUNK),
    "chunked in capitals": chunked(b"2\r\n{}\r\n" + LAST_CHUNK, "TRANSFER-ENCODING", "CHUNKED"),
    "chunk extension": chunked(b"2;name=value\r\n{}\r\n" + LAST_CHUNK),
    "trailer": chunked(b"2\r\n{}\r\n0\r\nX: y\r\n\r\n"),
    "leading zeros": chunked(b"0002\r\n{}\r\n" + LAST_CHUNK),
}
"""Right, if rarely seen: answered like any call, and the next request as well."""
