"""The secrets that keys are made with."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sidecar.config.errors import ConfigurationError
from sidecar.config.privacy import Privacy
from sidecar.profiles.secret_files import load_keys


def secret(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text)
    return file


def test_the_first_start_makes_one_for_its_owner_only(tmp_path: Path) -> None:
    state = tmp_path / "state"
    made = load_keys(Privacy(), state).client("c")
    file = state / "shopper.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in state.iterdir()] == ["shopper.key"]
    assert load_keys(Privacy(), state).client("c") == made


def test_of_several_that_start_at_once_one_makes_it_for_all(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = list(pool.map(lambda _: load_keys(Privacy(), tmp_path).client("c"), range(16)))
    assert len(set(keys)) == 1


def test_configured_files_in_their_order(tmp_path: Path) -> None:
    new, old = secret(tmp_path, "new", "n" * 32 + "\n"), secret(tmp_path, "old", "o" * 32)
    both = load_keys(Privacy(key_files=[new, old]), tmp_path)
    assert both.all_clients("c")[1] == load_keys(Privacy(key_files=[old]), tmp_path).client("c")
    assert not (tmp_path / "shopper.key").exists()


def test_refusals_name_the_file_and_the_fix(tmp_path: Path) -> None:
    short = secret(tmp_path, "short", "too short")
    with pytest.raises(ConfigurationError, match=r"short.*at least 32.*token_hex"):
        load_keys(Privacy(key_files=[short]), tmp_path)
    one, same = secret(tmp_path, "one", "s" * 32), secret(tmp_path, "same", "s" * 32)
    with pytest.raises(ConfigurationError, match="same secret"):
        load_keys(Privacy(key_files=[one, same]), tmp_path)
    with pytest.raises(ConfigurationError, match=r"absent.*cannot be read"):
        load_keys(Privacy(key_files=[tmp_path / "absent"]), tmp_path)
    with pytest.raises(ValueError, match="twice"):
        Privacy(key_files=[one, one])


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="state_folder"):
        load_keys(Privacy(), tmp_path / "file" / "state")
