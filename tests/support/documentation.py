"""What the documentation says, as values: links, paths, tables, and the names of things."""

import ast
import re
from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from typing import Any

import attrs
from attrs import frozen

ROOT = Path(__file__).parents[2]

_MEDIA_TYPES = {"application/json", "application/problem+json"}
_GENERATED = {"data", "dist", "node_modules", "__pycache__"}
_FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_ROW = re.compile(r"^\| *(.*?) *\|$", re.MULTILINE)


@frozen
class Document:
    """A Markdown file; `path` is relative to the root of the repository."""

    path: Path
    text: str

    def __str__(self) -> str:
        return str(self.path)

    @property
    def prose(self) -> str:
        """The text without fenced blocks."""
        return _FENCE.sub("", self.text)

    def code(self) -> list[str]:
        """Everything that is set as code: the fenced blocks, and the spans between backticks."""
        return _FENCE.findall(self.text) + _SPAN.findall(self.prose)

    def links(self) -> list[tuple[str, str]]:
        """Text and target of every link."""
        return _LINK.findall(self.prose)

    def anchors(self) -> set[str]:
        """The fragments that lead to a heading, as GitHub makes them."""
        return {_anchor(heading) for heading in _HEADING.findall(self.prose)}

    def table(self, *header: str) -> list[list[str]]:
        """The cells of the rows below this header."""
        rows = iter(self.text.splitlines())
        for line in rows:
            if _cells(line) == list(header):
                break
        else:
            raise LookupError(f"{self}: no table {header}")
        next(rows)
        found = []
        for line in rows:
            if not line.strip().startswith("|"):
                break
            found.append(_cells(line))
        return found


def _cells(line: str) -> list[str]:
    row = _ROW.match(line.strip())
    return re.split(r" *(?<!\\)\| *", row[1]) if row else []


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def document(path: str) -> Document:
    """The file at this path."""
    return Document(Path(path), (ROOT / path).read_text("utf-8"))


def documents() -> list[Document]:
    """Every Markdown file of the repository."""
    return [document(str(path.relative_to(ROOT))) for path in sorted(_markdown(ROOT))]


def _markdown(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        hidden = path.name.startswith(".") and path.name != ".github"
        if path.is_dir() and not hidden and path.name not in _GENERATED:
            yield from _markdown(path)
        elif path.suffix == ".md":
            yield path


def broken_links(doc: Document) -> list[str]:
    """Relative links that lead to no file, or to no heading of it."""
    broken = []
    for _, target in doc.links():
        if re.match(r"[a-z]+:", target):
            continue
        path, _, fragment = target.partition("#")
        there = (ROOT / doc.path).parent / path
        if path and not there.exists():
            broken.append(target)
        elif fragment:
            other = Document(there, there.read_text("utf-8")) if path else doc
            if fragment not in other.anchors():
                broken.append(target)
    return broken


def missing_paths(doc: Document) -> list[str]:
    """Paths of the repository, set as code, that do not exist. `<name>` stands for any name, so
    only the folder before it is looked for; the text of a link may be the end of its target."""
    links = [(span, to) for text, to in doc.links() for span in _SPAN.findall(text)]
    short = {span for span, to in links if to.endswith(span)}
    tokens = [token for code in doc.code() if code not in short for token in code.split()]
    return [token for token in tokens if _is_path(token) and not _exists(doc, token)]


def _is_path(token: str) -> bool:
    if "/" not in token or token.startswith(("/", ".venv", "$", '"', "'")) or "://" in token:
        return False
    if token in _MEDIA_TYPES:
        return False
    first = token.partition("/")[0]
    return token.endswith((".py", ".md", ".toml")) or first in _top_level()


def _top_level() -> set[str]:
    return {
        path.name
        for path in ROOT.iterdir()
        if path.is_dir() and path.name not in _GENERATED and not path.name.startswith(".")
    }


def _exists(doc: Document, token: str) -> bool:
    path = token.strip(",;.()").partition("::")[0]
    if "<" in path:
        path = path.partition("<")[0].rpartition("/")[0]
    folders = (ROOT, (ROOT / doc.path).parent)
    if "*" in path:
        return any(True for folder in folders for _ in folder.glob(path))
    return any((folder / path).exists() for folder in folders)


def may_import(text: Document) -> dict[str, set[str]]:
    """The table of packages: which names each may import, as they stand there."""
    rows = text.table("package", "contents", "may import")
    return {_SPAN.findall(row[0])[0]: set(_SPAN.findall(row[2])) for row in rows}


def resolved(table: Mapping[str, Set[str]]) -> dict[str, set[str]]:
    """The same with packages of the table only: a short name means the sibling or the sibling of a
    parent, a package that is not in the table stands for all of it."""
    return {
        package: {found for name in names for found in _resolve(name, package, table)}
        for package, names in table.items()
    }


def _resolve(name: str, package: str, table: Mapping[str, Set[str]]) -> set[str]:
    parents = package.split(".")[:-1]
    for depth in range(len(parents), -1, -1):
        full = ".".join([*parents[:depth], name])
        if found := {other for other in table if f"{other}.".startswith(f"{full}.")}:
            return found
    raise LookupError(f"{package} may import {name}, which is no package")


def packages(linter: Mapping[str, Any], root: Path = ROOT) -> set[str]:
    """The packages that there are; one whose layers the linter checks is divided into them."""
    of_contracts = [contract.get("containers", []) for contract in linter["contracts"]]
    containers = {name for names in of_contracts for name in names}

    def divided(package: str) -> set[str]:
        if package not in containers:
            return {package}
        folder = root.joinpath(*package.split("."))
        names = [path.parent.name for path in folder.glob("*/__init__.py")]
        return {found for name in names for found in divided(f"{package}.{name}")}

    return {found for package in linter["root_packages"] for found in divided(package)}


def permitted(linter: Mapping[str, Any], names: Set[str]) -> dict[str, set[str]]:
    """What import-linter's contracts let each of these packages import of the others."""
    rules = [_rule(contract) for contract in linter["contracts"]]
    return {
        importer: {
            imported
            for imported in names - {importer}
            if not any(forbids(importer, imported) for forbids in rules)
        }
        for importer in names
    }


def _rule(contract: Mapping[str, Any]) -> Any:
    """Whether a contract forbids that one package imports another."""
    if contract["type"] == "acyclic_siblings":
        return lambda importer, imported: False
    if contract["type"] == "forbidden":
        sources, targets = contract["source_modules"], contract["forbidden_modules"]
        return lambda importer, imported: (
            any(_within(importer, source) for source in sources)
            and any(_within(imported, target) for target in targets)
        )
    if contract["type"] == "layers":
        return lambda importer, imported: any(
            _against_layers(contract["layers"], container, importer, imported)
            for container in contract.get("containers", [""])
        )
    raise NotImplementedError(f"a contract of type {contract['type']}")


def _within(package: str, ancestor: str) -> bool:
    return f"{package}.".startswith(f"{ancestor}.")


def _against_layers(layers: list[str], container: str, importer: str, imported: str) -> bool:
    places: dict[str, tuple[int, str]] = {}
    for depth, layer in enumerate(layers):
        for name in re.split(r"[|:]", layer):
            module = f"{container}.{name.strip(' ()')}".lstrip(".")
            for package in (importer, imported):
                if _within(package, module):
                    places[package] = depth, module
    if len(places) < 2 or places[importer] == places[imported]:
        return False
    above, below = places[importer][0], places[imported][0]
    return above > below or (above == below and "|" in layers[above])


def settings_of(cls: type[Any], prefix: str = "SYNCHUB_") -> dict[str, Any]:
    """The default of each setting by the name of its environment variable."""
    found = {}
    for option in attrs.fields(cls):
        name = f"{prefix}{option.name.upper()}"
        if isinstance(option.type, type) and attrs.has(option.type):
            found.update(settings_of(option.type, f"{name}_"))
        else:
            found[name] = option.default
    return found


def defined_names(path: Path) -> set[str]:
    """What a module defines at its top, and `Class.member` for the members of its classes."""
    names = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        for name in _names(node):
            names.add(name)
            if isinstance(node, ast.ClassDef):
                names |= {f"{name}.{member}" for part in node.body for member in _names(part)}
    return names


def _names(node: ast.stmt) -> list[str]:
    match node:
        case ast.ClassDef(name) | ast.FunctionDef(name) | ast.AsyncFunctionDef(name):
            return [name]
        case ast.AnnAssign(ast.Name(name)):
            return [name]
        case ast.Assign(targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
    return []
