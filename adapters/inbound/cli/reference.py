"""The command `errors`: documentation that is generated from the code."""

from adapters.inbound.errors.error_table import ERROR_CODES


def error_reference() -> str:
    """The content of `docs/errors.md`: every error code with status, meaning and close code."""
    lines = [
        "# Errors",
        "",
        "Every refused request is answered with `application/problem+json` (RFC 9457). Its `code`",
        "is stable. Where a WebSocket is refused or ended for the same reason, it is closed with",
        "the close code. This page is made from `adapters/inbound/errors/error_table.py` by",
        "`synchub errors`.",
        "",
        "| status | code | meaning | close code |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {entry.row.status} | `{entry.code}` | {entry.meaning} | {int(entry.row.close_code)} |"
        for entry in sorted(ERROR_CODES, key=lambda entry: entry.row.status)
    ]
    return "\n".join(lines) + "\n"
