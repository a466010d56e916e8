"""The habits that a Dockerfile linter asks for, checked without one."""

import json
import re
from pathlib import Path

import pytest

from sidecar.stack.opensearch_distribution import VERSION

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted((ROOT / "docker").glob("*.Dockerfile"))

Instruction = tuple[str, str]


def instructions(file: Path) -> list[Instruction]:
    """(keyword, rest) of each instruction, with continued lines put together and comments left out."""
    lines = [line for line in file.read_text().splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\s*\n\s*", " ", "\n".join(lines))
    return [tuple(line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


def last_stage(file: Path) -> list[Instruction]:
    """What ends up in the image."""
    found = instructions(file)
    start = max(index for index, (keyword, _) in enumerate(found) if keyword == "FROM")
    return found[start:]


def test_there_is_one_for_each_part() -> None:
    assert [file.name.split(".")[0] for file in FILES] == ["opensearch", "sidecar", "triton"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
class TestEach:
    def test_images_are_pinned(self, file: Path) -> None:
        stages = [rest for keyword, rest in instructions(file) if keyword == "FROM"]
        for stage in stages:
            tag = stage.split()[0].rpartition(":")[2]
            assert re.search(r"\d+\.\d+", tag), f"{stage}: name a version"

    def test_it_does_not_run_as_root(self, file: Path) -> None:
        users = [rest for keyword, rest in last_stage(file) if keyword == "USER"]
        assert users
        assert users[-1].split(":")[0] not in ("root", "0")

    def test_it_tells_its_health(self, file: Path) -> None:
        (health,) = [rest for keyword, rest in last_stage(file) if keyword == "HEALTHCHECK"]
        assert "--start-period=" in health
        command = json.loads(health.partition("CMD ")[2])
        assert command[0] in ("curl", "python")
        assert any("http://127.0.0.1:" in part for part in command)

    def test_commands_are_lists_and_not_shell_lines(self, file: Path) -> None:
        # A shell as the first process swallows SIGTERM.
        for keyword, rest in last_stage(file):
            if keyword in ("ENTRYPOINT", "CMD"):
                assert isinstance(json.loads(rest), list)

    def test_nothing_is_added_by_address_or_secret(self, file: Path) -> None:
        for keyword, rest in instructions(file):
            assert keyword != "ADD", "COPY what is here; let package managers get what is elsewhere"
            assert not re.search(r"(?i)(password|token|secret)=", rest)
            assert "sudo" not in rest

    def test_what_it_copies_is_here_and_gets_into_the_build(self, file: Path) -> None:
        allowed = [
            line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
        ]
        for keyword, rest in instructions(file):
            if keyword != "COPY" or "--from=" in rest:
                continue
            *sources, _ = [part for part in rest.split() if not part.startswith("--")]
            for source in sources:
                assert (ROOT / source).exists(), source
                assert any(source == name or source.startswith(f"{name}/") for name in allowed), source


def test_opensearch_is_the_version_that_the_stack_runs() -> None:
    base = last_stage(ROOT / "docker" / "opensearch.Dockerfile")[0][1]
    assert base == f"opensearchproject/opensearch:{VERSION}"


def test_triton_is_started_as_the_local_stack_does(tmp_path: Path) -> None:
    from sidecar.stack.triton import TritonInstall, triton_command

    local, _ = triton_command(TritonInstall(tmp_path, tmp_path), Path("/models"), 8001, 8000, 8002)
    (entry,) = [
        rest for keyword, rest in last_stage(ROOT / "docker" / "triton.Dockerfile") if keyword == "ENTRYPOINT"
    ]
    # What differs is where things are on this machine.
    machine = re.compile(
        r"--(grpc|http|metrics)-(address|port)=|--backend-directory=|--allow-gpu-metrics=|.*shm-region-prefix"
    )
    assert json.loads(entry)[1:] == [option for option in local[1:] if not machine.match(option)]
