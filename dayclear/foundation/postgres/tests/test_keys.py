"""Keys are made once and never again by themselves."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dayclear.foundation.postgres.errors import KeysError
from dayclear.foundation.postgres.keys import load_or_create_keys


def test_a_first_use_makes_a_private_file_and_later_ones_read_it(tmp_path: Path) -> None:
    made = load_or_create_keys(tmp_path / "home", {})
    assert (tmp_path / "home" / "keys.json").stat().st_mode & 0o777 == 0o600
    assert load_or_create_keys(tmp_path / "home", {}) == made
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["keys.json"]
    assert len({made.encryption_key, made.lookup_key, made.seal_key}) == 3
    assert len(made.encryption_key) == 32
    assert made.app_password not in repr(made)


def test_first_uses_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: load_or_create_keys(tmp_path, {}), range(8)))) == 1


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    key = bytes(range(32))
    env = {"DAYCLEAR_SEAL_KEY": base64.b64encode(key).decode(), "DAYCLEAR_APP_PASSWORD": "given"}
    keys = load_or_create_keys(tmp_path, env)
    assert (keys.seal_key, keys.app_password) == (key, "given")
    assert keys.fingerprint != load_or_create_keys(tmp_path, {}).fingerprint


def test_no_file_is_made_when_the_environment_gives_every_key(tmp_path: Path) -> None:
    load_or_create_keys(tmp_path / "a", {})
    stored = json.loads((tmp_path / "a" / "keys.json").read_text())
    env = {f"DAYCLEAR_{name.upper()}": value for name, value in stored.items()}
    assert load_or_create_keys(tmp_path / "b", env) == load_or_create_keys(tmp_path / "a", {})
    assert not (tmp_path / "b").exists()


def test_a_missing_file_beside_data_is_refused_and_not_made_anew(tmp_path: Path) -> None:
    (tmp_path / "postgres" / "data").mkdir(parents=True)
    with pytest.raises(KeysError, match="no new keys are made"):
        load_or_create_keys(tmp_path, {})
    assert not (tmp_path / "keys.json").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("", "damaged", id="empty"),
        pytest.param('{"secret_key": ', "damaged", id="cut_off"),
        pytest.param("[]", "damaged", id="a_list"),
        pytest.param('{"secret_key": 1}', "damaged", id="a_number"),
        pytest.param('{"secret_key": "x"}', "lacks app_password", id="keys_missing"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "keys.json").write_text(content)
    with pytest.raises(KeysError, match=message):
        load_or_create_keys(tmp_path, {})


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(base64.b64encode(bytes(31)).decode(), id="one_byte_short"),
        pytest.param(base64.b64encode(bytes(33)).decode(), id="one_byte_long"),
        pytest.param("no base64!", id="not_base64"),
    ],
)
def test_a_key_of_the_wrong_length_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(KeysError, match="not the base64 of 32 bytes"):
        load_or_create_keys(tmp_path, {"DAYCLEAR_ENCRYPTION_KEY": value})
