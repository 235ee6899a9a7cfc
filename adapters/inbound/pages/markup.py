"""HTML of the few forms that descriptions have: paragraphs, lists, `code`, tables."""

import re
from collections.abc import Iterable, Sequence
from html import escape

_CODE = re.compile(r"`([^`]+)`")


def element(name: str, text: str) -> str:
    """An element with text."""
    return f"<{name}>{escape(text)}</{name}>"


def words(text: str) -> str:
    """Text in which backticks mark code."""
    return _CODE.sub(r"<code>\1</code>", escape(text, quote=False))


def prose(text: str) -> str:
    """Paragraphs, and lists whose items begin with a dash."""
    return "".join(map(_block, text.strip().split("\n\n")))


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the cells are HTML. It scrolls by itself where it is too wide."""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>\n" for row in rows)
    return (
        f'<div class="wide" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>\n{body}</tbody></table></div>\n"
    )


def _block(block: str) -> str:
    if not block.startswith("- "):
        return f"<p>{words(block)}</p>\n"
    items = re.split(r"^- ", block, flags=re.MULTILINE)[1:]
    return f"<ul>{''.join(f'<li>{words(item.strip())}</li>' for item in items)}</ul>\n"
