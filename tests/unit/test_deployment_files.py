"""The files for deployments keep what `docs/security.md` says, as far as text can show it."""

import re
from typing import Any

import pytest
import yaml

from tests.support.documentation import ROOT

LOGGED_QUERIES = {"%r", "%HU", "%HQ", "%[capture.req.uri]", "httplog", "%[url]", "%[query]"}


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    return loaded


def dockerfile() -> list[str]:
    return (ROOT / "Dockerfile").read_text("utf-8").splitlines()


@pytest.mark.parametrize("name", compose()["services"])
def test_containers_have_no_privileges(name: str) -> None:
    """No capability but those that are named, no way to more, never as the host."""
    service = compose()["services"][name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "pid", "network_mode", "devices"} & set(service)
    assert set(service.get("cap_add", ())) <= {
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "SETGID",
        "SETUID",
    }


@pytest.mark.parametrize("name", ["balancer", "node-a", "node-b", "redis"])
def test_containers_without_data_cannot_write(name: str) -> None:
    """Their file systems are read-only."""
    assert compose()["services"][name]["read_only"] is True


def test_only_the_balancer_can_be_reached() -> None:
    """On loopback; database and brokers are on a network without a way out, which it is not on."""
    services = compose()["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["balancer"]
    assert all(port.startswith("127.0.0.1:") for port in services["balancer"]["ports"])
    assert "back" not in services["balancer"]["networks"]
    for name in ("postgres", "redis", "kafka"):
        assert list(services[name]["networks"]) == ["back"]
    assert compose()["networks"]["back"]["internal"] is True


def test_compose_holds_no_secret() -> None:
    """Each comes from the environment, and compose fails without it."""
    text = (ROOT / "compose.yaml").read_text("utf-8")
    named = re.findall(r"^ +\w*(?:SECRET|PASSWORD|REDISCLI_AUTH): (.+)$", text, re.MULTILINE)
    assert len(named) >= 4
    assert all(value.startswith("${") and ":?" in value for value in named)


def test_the_image_runs_as_nobody_special() -> None:
    """As a user without a name on the host, from a base that is pinned to its patch release."""
    users = [line.split()[1] for line in dockerfile() if line.startswith("USER")]
    assert users == ["10001"]
    [base] = [line for line in dockerfile() if line.startswith("ARG PYTHON_IMAGE=")]
    assert re.fullmatch(r"ARG PYTHON_IMAGE=python:3\.11\.\d+-slim-\w+", base)
    sources = [line.split()[1] for line in dockerfile() if line.startswith("FROM")]
    assert sources == ["${PYTHON_IMAGE}"] * 2


def test_the_image_holds_no_secret() -> None:
    """None is set, and only what `.dockerignore` names reaches a layer."""
    assert not re.search(r"(SECRET|PASSWORD|TOKEN)\w*=", "\n".join(dockerfile()))
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert ignored[0] == "*"
    assert {line for line in ignored if line.startswith("!")} == {
        "!requirements/run.lock",
        "!pyproject.toml",
        "!README.md",
        "!LICENSE",
        "!domain",
        "!application",
        "!adapters",
        "!bootstrap",
    }


def test_the_balancer_logs_no_query_and_is_strict() -> None:
    """A query may hold a token; what two servers could read differently is refused."""
    lines = (ROOT / "deploy" / "haproxy.cfg").read_text("utf-8").splitlines()
    code = [line.strip() for line in lines if not line.strip().startswith("#")]
    [log_format] = [line for line in code if line.startswith("log-format")]
    assert not any(name in log_format for name in LOGGED_QUERIES)
    assert "option httplog" not in code
    for option in (
        "option http-restrict-req-hdr-names reject",
        "no option accept-invalid-http-request",
        "timeout http-request 10s",
    ):
        assert option in code
