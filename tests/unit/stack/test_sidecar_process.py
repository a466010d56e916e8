"""How a sidecar of the stack is told what to do: the command, and settings as a container would get them."""

from pathlib import Path

from sidecar.config.sidecar import load_settings
from sidecar.stack.paths import project_root
from sidecar.stack.sidecar_process import SidecarProcess


def test_settings_travel_as_the_environment_variables_that_the_sidecar_reads(
    tmp_path: Path, monkeypatch
) -> None:
    settings = {
        "scorer": {"kind": "onnx", "onnx": {"folder": tmp_path, "threads": 2}},
        "http": {"max_body_mib": 1},
        "grpc": {"reflection": False},
    }
    sidecar = SidecarProcess(tmp_path, settings=settings, grpc_port=20001, http_port=20002)
    for name, value in sidecar.service.environment.items():
        monkeypatch.setenv(name, value)
    read = load_settings(project_root() / "plugin_config" / "sidecar.yml")
    assert (read.grpc.port, read.http.port) == (20001, 20002)
    assert read.scorer.kind == "onnx"
    assert (read.scorer.onnx.folder, read.scorer.onnx.threads) == (tmp_path, 2)
    assert read.http.max_body_mib == 1
    assert read.grpc.reflection is False


def test_addresses(tmp_path: Path) -> None:
    sidecar = SidecarProcess(tmp_path, grpc_port=20001, http_port=20002)
    assert sidecar.grpc_address == "127.0.0.1:20001"
    assert sidecar.http_url == "http://127.0.0.1:20002"
    assert sidecar.service.ready_urls == ["http://127.0.0.1:20002/health/ready"]


def test_two_sidecars_do_not_share_ports(tmp_path: Path) -> None:
    one, other = SidecarProcess(tmp_path), SidecarProcess(tmp_path)
    ports = {one.grpc_port, one.http_port, other.grpc_port, other.http_port}
    assert len(ports) == 4
