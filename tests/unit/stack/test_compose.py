"""docker-compose.yml is what Compose understands, and does not say less than the local stack."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from sidecar.stack.endpoints import SIDECAR_PORTS, TRITON_PORTS
from sidecar.stack.opensearch_distribution import VERSION

ROOT = Path(__file__).resolve().parents[3]

# Compose's own Go library carries the schema; `go` checks what it gets against this sum.
SCHEMA_MODULE = "github.com/compose-spec/compose-go/v2@v2.6.0"
SCHEMA_SUM = "h1:/+oBD2ixSENOeN/TlJqWZmUak0xM8A7J08w/z661Wd4="


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@pytest.fixture(scope="module")
def compose_schema() -> dict[str, Any]:
    """Compose's JSON schema from the Go module proxy; nothing of it is kept in the repository."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("the compose schema comes from a Go module, and there is no `go` here")
    try:
        fetched = subprocess.run(
            [go, "mod", "download", "-json", SCHEMA_MODULE],
            capture_output=True, text=True, timeout=120, check=False, cwd=ROOT,
            env={**os.environ, "GOFLAGS": "-mod=mod"},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        pytest.skip("the compose schema cannot be had: the Go module proxy does not answer")
    answer = json.loads(fetched.stdout or "{}")
    if "Dir" not in answer:
        pytest.skip(f"the compose schema cannot be had: {answer.get('Error', fetched.stderr)[:200]}")
    assert answer["Sum"] == SCHEMA_SUM
    return json.loads((Path(answer["Dir"]) / "schema" / "compose-spec.json").read_text())


def test_it_fits_the_compose_schema(compose: dict[str, Any], compose_schema: dict[str, Any]) -> None:
    jsonschema.Draft7Validator(compose_schema).validate(compose)


def test_the_schema_would_notice_a_mistake(compose: dict[str, Any], compose_schema: dict[str, Any]) -> None:
    wrong = {**compose, "services": {**compose["services"], "sidecar": {"imagge": "x"}}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(compose_schema).validate(wrong)


def test_the_same_parts_as_the_local_stack(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"opensearch", "triton", "sidecar"}


@pytest.mark.parametrize("name", ["opensearch", "triton", "sidecar"])
def test_every_service_is_bounded_and_unprivileged(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]
    limits = service["deploy"]["resources"]["limits"]
    assert limits["memory"]
    assert float(limits["cpus"]) > 0
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service
    assert not service["image"].endswith(":latest")
    assert (ROOT / service["build"]["dockerfile"]).is_file()


def test_what_holds_no_data_cannot_write(compose: dict[str, Any]) -> None:
    assert all(compose["services"][name]["read_only"] for name in ("triton", "sidecar"))


def test_only_loopback_ports_are_published(compose: dict[str, Any]) -> None:
    published = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_triton_gets_shared_memory(compose: dict[str, Any]) -> None:
    assert compose["services"]["triton"]["shm_size"] == "512m"


def test_versions_and_addresses_agree_with_the_local_stack(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert f":{VERSION}-" in services["opensearch"]["image"]
    assert (
        services["opensearch"]["environment"]["reshelf.targets"] == f"sidecar:{SIDECAR_PORTS['sidecar_grpc']}"
    )
    address = services["sidecar"]["environment"]["RESHELF_SCORER__TRITON__ADDRESS"]
    assert address == f"triton:{TRITON_PORTS['triton_grpc']}"


def test_the_sidecar_accepts_what_compose_tells_it(
    compose: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sidecar.config.sidecar import load_settings

    for name, value in compose["services"]["sidecar"]["environment"].items():
        monkeypatch.setenv(name, str(value))
    settings = load_settings(ROOT / "plugin_config" / "sidecar.yml")
    assert settings.insecure_listen
    assert settings.grpc.host == settings.http.host == "0.0.0.0"
    assert settings.scorer.triton.address == "triton:8001"
    # The port and folder that the image's health check and mount rely on.
    assert settings.http.port == SIDECAR_PORTS["sidecar_http"]
    assert settings.profiles.folder == ROOT / "plugin_config" / "profiles"
