"""Statement compilation: SQLAlchemy Core statements as SQL text and parameter tuples.

SQLAlchemy generates our SQL for both dialects, but executing each statement through its engine
costs more CPU than the database needs to run it. So a statement is compiled once per set of
parameter names, and the result is cached: the SQL text, a function that makes the driver's
arguments from the parameters (order, types, constants), and one that makes named tuples from the
driver's rows. Afterwards, an execution is a cache lookup and a call of the driver. On SQLite every
connection has a cache of its own, because its connections run on different threads; PostgreSQL has
one cache.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, cast
from weakref import WeakKeyDictionary

from attrs import field, frozen
from sqlalchemy import Executable
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import ReturnsRows
from sqlalchemy.types import TypeEngine

Parameters = Mapping[str, Any]
Convert = Callable[[Any], Any]


class Rows(list[Any]):
    """The rows of a statement, as named tuples of its columns."""

    def one(self) -> Any:
        """The only row; ValueError if there are none or several."""
        (row,) = self
        return row

    def one_or_none(self) -> Any:
        """The only row, or None if there is none; ValueError if there are several."""
        return self.one() if self else None

    def scalar_one(self) -> Any:
        """The first column of the only row."""
        return self.one()[0]

    def scalars(self) -> list[Any]:
        """The first column of each row."""
        return [row[0] for row in self]


@frozen
class Compiled:
    """A statement, compiled for one dialect and one set of parameter names."""

    sql: str
    arguments: Callable[[Parameters], tuple[Any, ...]]
    rows: Callable[[Iterable[Sequence[Any]]], Rows]


@frozen
class Statements:
    """Compiles statements for one dialect and caches them, for as long as the statement exists.
    One thread at a time may use it."""

    dialect: Dialect
    _compiled: WeakKeyDictionary[Executable, dict[tuple[str, ...], Compiled]] = field(
        init=False, factory=WeakKeyDictionary
    )

    def compiled(self, statement: Executable, names: tuple[str, ...]) -> Compiled:
        """The compiled statement for parameters with these names."""
        known = self._compiled.get(statement)
        if known is None:
            known = self._compiled[statement] = {}
        if names not in known:
            known[names] = self._compile(statement, names)
        return known[names]

    def _compile(self, statement: Executable, names: tuple[str, ...]) -> Compiled:
        clause = cast("ClauseElement", statement)
        compiler = clause.compile(
            dialect=self.dialect,
            column_keys=list(names),
            for_executemany=True,  # else inserts get an implicit RETURNING of their keys
            compile_kwargs={"render_postcompile": True},
        )
        assert isinstance(compiler, SQLCompiler)
        return Compiled(compiler.string, _arguments(compiler, names), _rows(clause, self.dialect))


def _arguments(
    compiler: SQLCompiler, names: tuple[str, ...]
) -> Callable[[Parameters], tuple[Any, ...]]:
    """A function that makes the driver's arguments: positional, converted to the driver's types.
    Constants in the statement are bound here."""
    order = compiler.positiontup or []
    constants = {name: value for name, value in compiler.params.items() if name not in names}
    binds = [compiler.binds[name] for name in order]
    converts = [_to_driver(bind.type, compiler.dialect) for bind in binds]
    assert all(bind.key in names for bind in binds if bind.required), "a parameter is missing"
    if len(order) > 1 and not constants and not any(converts):
        return itemgetter(*order)

    def arguments(parameters: Parameters) -> tuple[Any, ...]:
        given = {**constants, **parameters} if constants else parameters
        return tuple(
            convert(given[name]) if convert else given[name]
            for name, convert in zip(order, converts, strict=True)
        )

    return arguments


def _rows(clause: ClauseElement, dialect: Dialect) -> Callable[[Iterable[Sequence[Any]]], Rows]:
    columns = list(clause.exported_columns) if isinstance(clause, ReturnsRows) else []
    row = namedtuple("Row", [str(column.key) for column in columns], rename=True)  # type: ignore[misc]
    converts = [_from_driver(column.type, dialect) for column in columns]
    if not any(converts):
        return lambda fetched: Rows(map(row._make, fetched))
    return lambda fetched: Rows(
        row._make(
            convert(value) if convert else value
            for value, convert in zip(values, converts, strict=True)
        )
        for values in fetched
    )


def _to_driver(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _from_driver(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
