"""Random schemas of the subset that the gate knows, changes of them, and valid values."""

from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

Schema = dict[str, Any]

NAMES = ["a", "b", "c"]
PATTERNS = ["^[a-c]*$", "^[a-e]*$", "^a", "^[0-9]{2}$"]
FORMATS = ["date", "uuid"]
LITERALS = [0, 1, 2, 1.5, "a", "ab", "x", None, True, False]

_bounds = st.integers(-2, 4)


@st.composite
def _numbers(draw: st.DrawFn) -> Schema:
    schema: Schema = {"type": draw(st.sampled_from(["integer", "number"]))}
    low = draw(_bounds)
    if draw(st.booleans()):
        schema[draw(st.sampled_from(["minimum", "exclusiveMinimum"]))] = low
    if draw(st.booleans()):
        high = low + draw(st.integers(2, 5))
        schema[draw(st.sampled_from(["maximum", "exclusiveMaximum"]))] = high
    if draw(st.integers(0, 5)) == 0:
        schema["multipleOf"] = draw(st.sampled_from([1, 2]))
    return schema


@st.composite
def _strings(draw: st.DrawFn) -> Schema:
    schema: Schema = {"type": "string"}
    match draw(st.integers(0, 5)):
        case 0:
            schema["pattern"] = draw(st.sampled_from(PATTERNS))
        case 1:
            schema["format"] = draw(st.sampled_from(FORMATS))
        case 2 | 3:
            schema["minLength"] = draw(st.integers(0, 2))
            schema["maxLength"] = schema["minLength"] + draw(st.integers(0, 3))
    return schema


_enums = st.lists(st.sampled_from(LITERALS), min_size=1, max_size=3).map(
    lambda values: {"enum": values}
)
_open_enums = st.lists(st.sampled_from(["a", "ab", "x"]), min_size=1, unique=True).map(
    lambda values: {"enum": values, "x-open": True}
)
_leaves = st.one_of(
    _numbers(),
    _strings(),
    _enums,
    _open_enums,
    st.just({"type": "boolean"}),
    st.just({"type": "null"}),
)


@st.composite
def _arrays(draw: st.DrawFn, parts: st.SearchStrategy[Schema]) -> Schema:
    schema: Schema = {"type": "array", "items": draw(parts)}
    if draw(st.booleans()):
        schema["minItems"] = draw(st.integers(0, 2))
    if draw(st.booleans()):
        schema["maxItems"] = schema.get("minItems", 0) + draw(st.integers(0, 2))
    if draw(st.integers(0, 3)) == 0:
        schema["prefixItems"] = [draw(parts)]
    return schema


@st.composite
def _objects(draw: st.DrawFn, parts: st.SearchStrategy[Schema]) -> Schema:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True))
    schema: Schema = {"type": "object", "properties": {name: draw(parts) for name in names}}
    schema["required"] = [name for name in names if draw(st.booleans())]
    match draw(st.integers(0, 5)):
        case 0:
            schema["additionalProperties"] = draw(parts)
        case 1:
            schema["additionalProperties"] = False
    return schema


@st.composite
def _tagged(draw: st.DrawFn, parts: st.SearchStrategy[Schema]) -> Schema:
    """A union of objects that are told apart by `type`, as frames are."""
    branches = []
    for tag in draw(st.lists(st.sampled_from("xyz"), min_size=1, max_size=3, unique=True)):
        branch = draw(_objects(parts))
        branch["properties"]["type"] = {"const": tag}
        branch["required"].append("type")
        branches.append(branch)
    return {"oneOf": branches}


def _nested(parts: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    unions = st.lists(parts, min_size=1, max_size=3).map(lambda branches: {"anyOf": branches})
    return st.one_of(_arrays(parts), _objects(parts), unions, _tagged(parts))


schemas = st.recursive(_leaves, _nested, max_leaves=6)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Schema, Schema]:
    """Two schemas; mostly the second one is the first with a change somewhere."""
    old = draw(schemas)
    if draw(st.integers(0, 4)) == 0:
        return old, draw(schemas)
    new = deepcopy(old)
    for _ in range(draw(st.integers(1, 2))):
        place = draw(st.sampled_from(_places(new)))
        if draw(st.booleans()) and "properties" in place:
            _change_fields(draw, place)
        else:
            # The mark stands beside nothing but an enum.
            kept = {key: value for key, value in place.items() if key != "x-open"}
            replacement = draw(st.one_of(_leaves, st.just({**kept, **draw(_leaves)})))
            place.clear()
            place.update(replacement if "oneOf" not in place else {})
    return (old, new) if draw(st.booleans()) else (new, old)


def _change_fields(draw: st.DrawFn, schema: Schema) -> None:
    name = draw(st.sampled_from(NAMES))
    required = schema.setdefault("required", [])
    if name in required and draw(st.booleans()):
        required.remove(name)
    elif name in schema["properties"] and name not in required and draw(st.booleans()):
        required.append(name)
    elif name in schema["properties"]:
        del schema["properties"][name]
    else:
        schema["properties"][name] = draw(_leaves)


def _places(schema: Any) -> list[Schema]:
    """The schema and all that are in it."""
    if not isinstance(schema, dict):
        return []
    inside = [*schema.get("properties", {}).values(), *schema.get("prefixItems", [])]
    inside += [*schema.get("anyOf", []), *schema.get("oneOf", [])]
    inside += [schema.get("items"), schema.get("additionalProperties")]
    return [schema, *(place for each in inside for place in _places(each))]


def values_of(schema: Any) -> st.SearchStrategy[Any]:
    """Values that are likely to be valid: by the type of each schema, not by all of its limits."""
    if schema is True or schema == {}:
        return st.sampled_from(LITERALS)
    if schema is False:
        return st.nothing()
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "const" in schema:
        return st.just(schema["const"])
    if branches := schema.get("anyOf") or schema.get("oneOf"):
        return st.one_of([values_of(branch) for branch in branches])
    return _of_type(schema)


def _of_type(schema: Schema) -> st.SearchStrategy[Any]:
    plain = {
        "null": st.none(),
        "boolean": st.booleans(),
        "integer": st.integers(-8, 12),
        "number": st.integers(-16, 24).map(lambda half: half / 2),
    }
    nested = {"string": _texts, "array": _lists, "object": _dicts}
    kind = schema.get("type")
    if kind in nested:
        return nested[kind](schema)
    return plain.get(str(kind), st.sampled_from(LITERALS))


def _texts(schema: Schema) -> st.SearchStrategy[Any]:
    if "pattern" in schema:
        return st.from_regex(schema["pattern"])
    if schema.get("format") == "date":
        return st.dates().map(str)
    if schema.get("format") == "uuid":
        return st.uuids().map(str)
    return st.text("abx01", max_size=6)


def _lists(schema: Schema) -> st.SearchStrategy[list[Any]]:
    items = values_of(schema.get("items", True))
    low, high = schema.get("minItems", 0), schema.get("maxItems", 4)
    lists = st.lists(items, min_size=low, max_size=max(high, low))
    if "prefixItems" not in schema:
        return lists
    first = values_of(schema["prefixItems"][0])
    return st.tuples(first, lists).map(lambda both: [both[0], *both[1]][: max(high, 1)])


def _dicts(schema: Schema) -> st.SearchStrategy[dict[str, Any]]:
    fields = {name: values_of(part) for name, part in schema.get("properties", {}).items()}
    additional = values_of(schema.get("additionalProperties", True))
    required = {name: fields.get(name, additional) for name in schema.get("required", [])}
    optional = {name: part for name, part in fields.items() if name not in required}
    known = st.fixed_dictionaries(required, optional=optional)
    more = st.dictionaries(st.sampled_from(["d", "e"]), additional, max_size=1)
    return st.tuples(more, known).map(lambda both: {**both[0], **both[1]})
