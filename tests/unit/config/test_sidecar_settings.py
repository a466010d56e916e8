"""The service's settings: one file, the environment above it, and refusals that say the fix."""

import os
from pathlib import Path

import pytest

from sidecar.config.errors import ConfigurationError
from sidecar.config.sidecar import SidecarSettings, load_settings

SAMPLE = Path(__file__).parents[3] / "plugin_config" / "sidecar.yml"


@pytest.fixture(autouse=True)
def no_settings_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("RESHELF_") and "__" in name:
            monkeypatch.delenv(name)


def write(folder: Path, text: str) -> Path:
    file = folder / "sidecar.yml"
    file.write_text(text)
    return file


def refusal(file: Path) -> str:
    with pytest.raises(ConfigurationError) as refused:
        load_settings(file)
    return str(refused.value)


def test_the_sample_is_the_defaults(tmp_path: Path) -> None:
    empty = write(tmp_path, "")
    here, there = load_settings(SAMPLE), load_settings(empty)
    assert here.profiles.folder == SAMPLE.parent / "profiles"
    assert there.profiles.folder == tmp_path / "profiles"
    assert here.vocabularies.folder == SAMPLE.parent / "vocabularies"
    assert there.vocabularies.folder == tmp_path / "vocabularies"
    assert here.state_folder == SAMPLE.parent / "../.reshelf/sidecar"
    relative = {
        "profiles": there.profiles,
        "vocabularies": there.vocabularies,
        "state_folder": there.state_folder,
    }
    assert here.model_copy(update=relative) == there


def test_the_sample_names_every_key() -> None:
    text = SAMPLE.read_text()

    def keys(model: type) -> set[str]:
        found = set()
        for name, field in model.model_fields.items():  # type: ignore[attr-defined]
            found.add(name)
            if hasattr(field.annotation, "model_fields"):
                found |= keys(field.annotation)
        return found

    assert not [name for name in keys(SidecarSettings) - {"token"} if f"{name}:" not in text]


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path, "grpc: {port: 1, reflection: false}\nscorer: {kind: triton}")
    monkeypatch.setenv("RESHELF_GRPC__PORT", "2")
    monkeypatch.setenv("RESHELF_SCORER__KIND", "order")
    monkeypatch.setenv("RESHELF_SCORER__TRITON__ADDRESS", "triton:8001")
    monkeypatch.setenv("RESHELF_INSECURE_LISTEN", "true")
    monkeypatch.setenv("RESHELF_CACHE", "/not/ours")
    settings = load_settings(file)
    assert (settings.grpc.port, settings.grpc.reflection) == (2, False)
    assert settings.scorer.kind == "order"
    assert settings.scorer.triton.address == "triton:8001"
    assert settings.insecure_listen


def test_an_unknown_key_of_the_file(tmp_path: Path) -> None:
    told = refusal(write(tmp_path, "grpc: {prot: 1}"))
    assert "`grpc.prot`" in told
    assert "Did you mean `port`?" in told
    assert "host, max_message_mib, port, reflection, tls" in told


def test_an_unknown_key_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path, "")
    monkeypatch.setenv("RESHELF_GRPC__PROT", "1")
    assert "`grpc.prot`" in refusal(file)
    monkeypatch.delenv("RESHELF_GRPC__PROT")
    monkeypatch.setenv("RESHELF_GRCP__PORT", "1")
    told = refusal(file)
    assert "RESHELF_GRCP__PORT" in told
    assert "Did you mean RESHELF_GRPC__" in told


def test_values_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "`grpc.port`" in refusal(write(tmp_path, "grpc: {port: 70000}"))
    assert "`scorer.kind`" in refusal(write(tmp_path, "scorer: {kind: magic}"))
    assert "`scorer.triton.address`" in refusal(write(tmp_path, "scorer: {triton: {address: triton}}"))
    monkeypatch.setenv("RESHELF_HTTP__PORT", "eighty")
    assert "`http.port`" in refusal(write(tmp_path, ""))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
def test_loopback_needs_no_protection(tmp_path: Path, host: str) -> None:
    load_settings(write(tmp_path, f"grpc: {{host: '{host}'}}\nhttp: {{host: '{host}'}}"))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.2.3", "sidecar.example"])
def test_other_addresses_are_refused_with_the_fix(tmp_path: Path, host: str) -> None:
    told = refusal(write(tmp_path, f"grpc: {{host: '{host}'}}\nhttp: {{host: '{host}'}}"))
    for fix in ("grpc.tls.client_ca", "http.tls.certificate", "http.token_file", "insecure_listen: true"):
        assert fix in told
    load_settings(
        write(tmp_path, f"insecure_listen: true\ngrpc: {{host: '{host}'}}\nhttp: {{host: '{host}'}}")
    )


def test_other_addresses_with_protection(tmp_path: Path) -> None:
    for name in ("s.crt", "s.key", "ca.crt"):
        (tmp_path / name).write_text("x")
    (tmp_path / "token").write_text("a token of the tests\n")
    tls = "tls: {certificate: s.crt, key: s.key, client_ca: ca.crt}"
    one_sided = "tls: {certificate: s.crt, key: s.key}"
    file = write(
        tmp_path,
        f"grpc: {{host: 0.0.0.0, {tls}}}\nhttp: {{host: 0.0.0.0, {one_sided}, token_file: token}}",
    )
    settings = load_settings(file)
    assert settings.http_token() == "a token of the tests"
    assert settings.grpc.tls is not None
    assert settings.grpc.tls.certificate == tmp_path / "s.crt"
    told = refusal(write(tmp_path, f"grpc: {{host: 0.0.0.0, {one_sided}}}"))
    assert "client_ca" in told, "gRPC wants it mutual"


def test_files_that_are_not_there(tmp_path: Path) -> None:
    told = refusal(write(tmp_path, "http: {token_file: nowhere}"))
    assert "`http.token_file`" in told
    assert str(tmp_path / "nowhere") in told
    assert "no such file" in refusal(tmp_path / "absent.yml")


def test_a_short_token_is_refused_and_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path, "")
    monkeypatch.setenv("RESHELF_HTTP__TOKEN", "hush")
    told = refusal(file)
    assert "http.token" in told
    assert "16 characters" in told
    assert "hush" not in told
    monkeypatch.setenv("RESHELF_HTTP__TOKEN", "a token of the tests")
    assert "a token" not in repr(load_settings(file))
    monkeypatch.setenv("RESHELF_HTTP__TOKEN_FILE", str(file))
    told = refusal(file)
    assert "keep one" in told
    assert "a token of" not in told


def test_onnx_needs_a_folder(tmp_path: Path) -> None:
    assert "scorer.onnx.folder" in refusal(write(tmp_path, "scorer: {kind: onnx}"))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("store: {kind: redis, redis: {password_file: absent}}", "store.redis.password_file"),
        ("store: {kind: redis, redis: {tls: {ca: absent}}}", "store.redis.tls.ca"),
        ("privacy: {key_files: [absent]}", "privacy.key_files.0"),
    ],
)
def test_files_of_stores_and_secrets_must_be_there(text: str, key: str, tmp_path: Path) -> None:
    assert f"`{key}`: {tmp_path / 'absent'} is not a file" in refusal(write(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("store: {kind: lmdb}", "'memory', 'sqlite' or 'redis'"),
        ("store: {redis: {addresses: [localhost]}}", "store.redis.addresses.0"),
        ("store: {redis: {mode: cluster, database: 3}}", "a cluster has only `database: 0`"),
        ("store: {redis: {tls: {key: k}}}", "`certificate` and `key` go together"),
        ("privacy: {consent: maybe}", "'assumed' or 'required'"),
        ("privacy: {profile_days: 0}", "privacy.profile_days"),
    ],
)
def test_stores_and_privacy_that_cannot_be(text: str, told: str, tmp_path: Path) -> None:
    assert told in refusal(write(tmp_path, text))


@pytest.mark.parametrize("text", ["events: {max_age_days: 500}", "served: {days: 401}"])
def test_nothing_may_outlive_a_tombstone(text: str, tmp_path: Path) -> None:
    assert "`privacy.forgotten_days` is 400" in refusal(write(tmp_path, text))


def test_paths_in_lists_are_seen_from_the_files_folder(tmp_path: Path) -> None:
    (tmp_path / "one.key").write_text("x" * 32)
    settings = load_settings(write(tmp_path, "privacy: {key_files: [one.key]}\nstate_folder: state"))
    assert settings.privacy.key_files == [tmp_path / "one.key"]
    assert settings.state_folder == tmp_path / "state"
