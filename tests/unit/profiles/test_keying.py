"""Keys in place of ids."""

import hashlib
import hmac

import pytest

from sidecar.domain.search import Shopper
from sidecar.profiles.keying import Keys, ShopperKeys

NEW, OLD = b"n" * 32, b"o" * 32


def test_a_key_is_hmac_sha256_of_kind_and_id() -> None:
    expected = hmac.new(NEW, b"client\0abc", hashlib.sha256).digest()[:16]
    assert Keys([NEW, OLD]).client("abc") == expected


def test_kinds_have_nothing_in_common() -> None:
    keys = Keys([NEW])
    assert len({keys.client("1"), keys.user("1"), keys.query("1")}) == 3


def test_older_secrets_come_after_the_current_one() -> None:
    both = Keys([NEW, OLD])
    assert both.all_clients("c") == [Keys([NEW]).client("c"), Keys([OLD]).client("c")]
    assert both.all_users("u") == [Keys([NEW]).user("u"), Keys([OLD]).user("u")]
    assert both.all_queries("q") == [Keys([NEW]).query("q"), Keys([OLD]).query("q")]


def test_a_shopper_is_known_by_the_user_before_the_client() -> None:
    keys = Keys([NEW, OLD])
    both = keys.shopper(Shopper(client_id="c", user_id="u"))
    assert both.main == keys.user("u")
    assert keys.shopper(Shopper(client_id="c")).main == keys.client("c")
    assert keys.shopper(Shopper(session_id="s")) == ShopperKeys()
    assert ShopperKeys().main == b""


def test_any_text_has_a_key() -> None:
    assert len({Keys([NEW]).client(text) for text in ("", "顾客", "\ud800", "a" * 10_000)}) == 4


@pytest.mark.parametrize("secrets", [[], [b""], [NEW, b""]])
def test_no_key_without_a_secret(secrets: list[bytes]) -> None:
    with pytest.raises(ValueError, match="secret"):
        Keys(secrets)


def test_it_does_not_show_its_secrets() -> None:
    assert repr(Keys([NEW, OLD])) == "Keys(2 secrets)"
