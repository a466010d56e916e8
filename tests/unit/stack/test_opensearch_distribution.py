"""The distribution is checked before it is unpacked, unpacked whole or not at all, and never run in place."""

import hashlib
import os
import zipfile
from pathlib import Path

import pytest

from sidecar.stack import opensearch_distribution as distribution
from sidecar.stack.errors import StackError


@pytest.fixture
def maven_serves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Let Maven hand out a small archive, and let the cache be empty."""
    monkeypatch.setenv("RESHELF_CACHE", str(tmp_path / "cache"))
    calls: list[list[str]] = []

    def pretended_maven(arguments: list[str], *, folder: Path, log: Path) -> None:
        calls.append(arguments)
        output = next(part for part in arguments if part.startswith("-DoutputDirectory="))
        archive = Path(output.partition("=")[2]) / "opensearch-3.8.0.zip"
        with zipfile.ZipFile(archive, "w") as content:
            program = zipfile.ZipInfo("opensearch-3.8.0/bin/opensearch")
            program.external_attr = 0o755 << 16
            content.writestr(program, "#!/bin/sh\n")
            content.writestr("opensearch-3.8.0/config/opensearch.yml", "")

    monkeypatch.setattr(distribution, "maven", pretended_maven)
    return calls


def test_another_content_than_the_pinned_is_refused(maven_serves: list[list[str]], tmp_path: Path) -> None:
    with pytest.raises(StackError, match="not the pinned"):
        distribution.installation()
    left = [path.name for path in (tmp_path / "cache" / "opensearch").iterdir()]
    assert left == [], "half a distribution must not be taken for a whole one"


def test_it_is_got_once_and_keeps_its_permissions(
    maven_serves: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        distribution.hashlib, "file_digest", lambda content, name: hashlib.sha256(b"pinned"), raising=True
    )
    monkeypatch.setattr(distribution, "SHA256", hashlib.sha256(b"pinned").hexdigest())
    home = distribution.installation()
    assert os.access(home / "bin" / "opensearch", os.X_OK)
    assert (home / "config" / "opensearch.yml").read_text() == ""
    assert distribution.installation() == home
    assert len(maven_serves) == 1
    assert distribution.ARTIFACT in maven_serves[0][1]


def test_a_node_gets_links_and_no_second_copy(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "lib").mkdir(parents=True)
    (source / "lib" / "a.jar").write_bytes(b"jar")
    distribution.link_tree(source, tmp_path / "node")
    assert (tmp_path / "node" / "lib" / "a.jar").samefile(source / "lib" / "a.jar")


def test_what_cannot_be_linked_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("another file system")

    monkeypatch.setattr(distribution.os, "link", refuse)
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a.jar").write_bytes(b"jar")
    distribution.link_tree(tmp_path / "source", tmp_path / "node")
    assert (tmp_path / "node" / "a.jar").read_bytes() == b"jar"
    assert not (tmp_path / "node" / "a.jar").samefile(tmp_path / "source" / "a.jar")
