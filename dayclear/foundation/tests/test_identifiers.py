"""Identity numbers, phones, and their keeping."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag

from dayclear.foundation.encryption import decrypt, encrypt, lookup_hash
from dayclear.foundation.identifiers import is_resident_id_number, masked, normal_id_number, normal_phone


@pytest.mark.parametrize(
    ("number", "sound"),
    [
        # The worked example of GB 11643-1999, annex.
        pytest.param("11010519491231002X", True, id="check character X"),
        pytest.param("440524188001010014", True, id="check character 4"),
        pytest.param("440524188001010015", False, id="check character off by one"),
        pytest.param("11010519491231002", False, id="one short"),
        pytest.param("1101051949123100XX", False, id="X before the end"),
    ],
)
def test_the_check_character_of_an_identity_number_is_computed(number: str, sound: bool) -> None:
    assert is_resident_id_number(number) is sound


def test_spellings_of_one_identifier_are_one() -> None:
    assert normal_id_number("110105 19491231-002x") == "11010519491231002X"
    assert normal_phone("+86 138-0013-8000") == normal_phone("13800138000") == "13800138000"


def test_a_masked_value_shows_at_most_its_end() -> None:
    assert masked("11010519491231002X") == "••••••••••••••002X"
    assert masked("12345") == "•••"


def test_what_is_encrypted_for_one_purpose_opens_for_no_other() -> None:
    sealed = encrypt(b"secret", purpose="person.phone")
    assert decrypt(sealed, purpose="person.phone") == b"secret"
    assert sealed != encrypt(b"secret", purpose="person.phone")
    with pytest.raises(InvalidTag):
        decrypt(sealed, purpose="person.id_number")


def test_a_lookup_hash_is_equal_for_equal_values_of_one_purpose_only() -> None:
    assert lookup_hash("1", purpose="a") == lookup_hash("1", purpose="a")
    assert lookup_hash("1", purpose="a") != lookup_hash("1", purpose="b")
    assert len(lookup_hash("1", purpose="a")) == 16
