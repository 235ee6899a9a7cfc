"""The documents of the contract: in the repository, at the service, and as a page for readers."""

import json
import re
from typing import Any

import httpx
import pytest
import pytest_asyncio
import yaml

from adapters.wire.schemas.asyncapi.document import asyncapi_document
from adapters.wire.schemas.frame_schemas import schema_documents
from application.frames.close_codes import CLOSINGS, CloseCode
from bootstrap.server.contract import contract_documents
from domain.events import EVENT_VERSIONS
from tests.support.contract import SCHEMAS
from tests.support.npm import COMMANDS, TOOLS, run_tool

TYPES = SCHEMAS.parent / "clients/typescript/src/generated/contract.ts"


@pytest.fixture(scope="module")
def asyncapi() -> Any:
    return json.loads((SCHEMAS / "asyncapi.json").read_text("utf-8"))


@pytest_asyncio.fixture(scope="module")
async def page(http: httpx.AsyncClient) -> str:
    return (await http.get("/schema/events")).text


async def parse(document: Any) -> Any:
    """What the official parser says about a document."""
    status, output = await run_tool("node", "asyncapi.mjs", stdin=json.dumps(document))
    assert status == 0, output
    return json.loads(output)


def test_all_files_are_of_documents() -> None:
    """Nothing in the folder is left over."""
    files = [path.relative_to(SCHEMAS) for path in SCHEMAS.rglob("*") if path.is_file()]
    present = {str(path) for path in files if path.parts[0] != "released"}
    assert present == contract_documents().keys()


@pytest.mark.parametrize("path", contract_documents())
async def test_each_document_is_served_as_it_is_published(
    http: httpx.AsyncClient, path: str
) -> None:
    """If this fails after a change, run `synchub schemas` and review what it changes."""
    answer = await http.get(f"/schema/{path}")
    kind = "yaml" if path.endswith(".yaml") else "json"
    assert answer.headers["content-type"] == f"application/{kind}"
    assert answer.text == (SCHEMAS / path).read_text("utf-8")


def test_schemas_name_their_address() -> None:
    """It is relative to the service."""
    for path, schema in schema_documents().items():
        assert schema["$id"] == f"/schema/{path}"


def test_asyncapi_in_yaml_is_the_same(asyncapi: Any) -> None:
    assert yaml.safe_load((SCHEMAS / "asyncapi.yaml").read_text("utf-8")) == asyncapi


async def test_asyncapi_passes_the_official_parser(asyncapi: Any) -> None:
    """No errors and no warnings."""
    result = await parse(asyncapi)
    assert result["parsed"]
    assert result["findings"] == []
    assert result["messages"] == len(asyncapi["components"]["messages"])


async def test_the_parser_finds_what_is_wrong(asyncapi: Any) -> None:
    """An example that its schema refuses, and a reference to nothing."""
    broken = json.loads(json.dumps(asyncapi))
    broken["components"]["messages"]["Pong"]["examples"][0]["payload"] = {"type": "pang"}
    broken["operations"]["sendSyncFrames"]["channel"]["$ref"] = "#/channels/nowhere"
    codes = {finding["code"] for finding in (await parse(broken))["findings"]}
    assert {"asyncapi3-message-examples-custom", "invalid-ref"} & codes, codes


def test_asyncapi_has_every_frame_version_and_code(asyncapi: Any) -> None:
    """Versions with their end, close codes with advice, the ways to carry a token."""
    payloads = [
        message["payload"]["$ref"] for message in asyncapi["components"]["messages"].values()
    ]
    events = {
        (schema["properties"]["type"]["const"], schema["properties"]["v"]["const"]): schema
        for schema in (
            asyncapi["components"]["schemas"][reference.rpartition("/")[2]]
            for reference in payloads
        )
        if "data" in schema["properties"] and "seq" in schema["properties"]
        if "ts" in schema["properties"]
    }
    served = {
        (cls.type, cls.version): cls for versions in EVENT_VERSIONS.values() for cls in versions
    }
    assert events.keys() == served.keys()
    for key, cls in served.items():
        assert events[key].get("x-sunset") == (cls.ends and cls.ends.isoformat())
    assert CLOSINGS.keys() == set(CloseCode)
    assert {entry["code"] for entry in asyncapi["x-close-codes"]} == {*map(int, CloseCode)}
    assert asyncapi["channels"].keys() == {"sync", "legacy", "monitor", "stream"}
    query = asyncapi["channels"]["sync"]["bindings"]["ws"]["query"]["properties"]
    assert query.keys() == {"since", "accept", "ticket", "token"}
    assert asyncapi == json.loads(json.dumps(asyncapi_document()))


async def test_the_page_shows_all_of_it(asyncapi: Any, page: str) -> None:
    """Each channel, message, field and close code; every link within it leads somewhere."""
    anchors = set(re.findall(r'id="([^"]+)"', page))
    assert anchors >= asyncapi["components"]["messages"].keys()
    assert set(re.findall(r'href="#([^"]+)"', page)) <= anchors
    for channel in asyncapi["channels"].values():
        assert f"<code>{channel['address']}</code>" in page
    for code in CloseCode:
        assert f"<td>{int(code)}</td>" in page
    for name in ("data.price", "session_id", "after_ms"):
        assert f"<code>{name}</code>" in page
    assert "deprecated, ends 2027-06-30" in page
    assert "<script" not in page


async def test_links_of_the_page_are_served(http: httpx.AsyncClient, page: str) -> None:
    """Also the style sheet; nothing is of another host."""
    targets = set(re.findall(r'(?:href|src)="([^"#][^"]*)"', page))
    assert len(targets) >= 4
    for target in targets:
        assert target.startswith("/")
        assert (await http.get(target)).status_code == 200


async def test_typescript_is_current(tmp_path: Any) -> None:
    """If this fails after a change, run `make typescript`."""
    made = tmp_path / "contract.ts"
    options = ("--root-types", "--root-types-no-schema-prefix", "--default-non-nullable=false")
    status, output = await run_tool(
        COMMANDS / "openapi-typescript", SCHEMAS / "openapi.json", "--output", made, *options
    )
    assert status == 0, output
    assert made.read_text("utf-8") == TYPES.read_text("utf-8")


async def test_typescript_compiles_strictly() -> None:
    """With a use of it that compiles only if versions are told apart and nothing is `any`."""
    status, output = await run_tool(COMMANDS / "tsc", "--project", TOOLS / "tsconfig.json")
    assert status == 0, output


def test_typescript_has_no_any_and_no_numbered_names() -> None:
    """Outside of comments and texts; versions of events are the only names with numbers."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*|\"[^\"\n]*\"", "", TYPES.read_text("utf-8"), flags=re.DOTALL)
    assert re.findall(r"\bany\b", text) == []
    names = re.findall(r"^export (?:type|interface) ([\w$]+)", text, re.MULTILINE)
    assert len(names) > 100
    assert len(names) == len(set(names))
    versioned = re.compile(r"\w+V[0-9]+(Data)?")
    assert [
        name for name in names if re.search("[0-9]", name) and not versioned.fullmatch(name)
    ] == []
