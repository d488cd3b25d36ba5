import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.search.candidates import SHORT_NAME, create_phonetic_keys, hash_letters, hash_name, hash_sounds

KEYS = st.lists(st.text("abcx19 ", min_size=1, max_size=14).map(lambda text: " ".join(text.split()) or "a"))


def share_a_hash(one: str, other: str) -> bool:
    first, second = (hash_name(key, key.replace(" ", "").replace("|", "")) for key in (one, other))
    return bool(first & second)


@pytest.mark.parametrize(
    ("key", "sound"),
    [
        ("le hobby", "lb"),
        ("amelie", "Aml"),
        ("yellow|day", "Ilvd"),
        ("rocky ii", "rs2"),
        ("phantom fantom", "fntmfntm"),
        ("quick", "s"),
    ],
)
def test_phonetic_keys_of_titles(key: str, sound: str) -> None:
    assert create_phonetic_keys(key) == [sound]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("strange love", "strainge luv"),
        ("rings the of lord", "lord of the rings"),
        ("amelie", "amelei"),
        ("jaws", "jws"),
        ("alien", "alxen"),
        ("alien", "aliien"),
        ("rocky two", "rocky 2"),
        ("doctor zhivago", "dr zhivago"),
        ("ceremony", "carimony"),
        ("physique", "fizeek"),
        ("rocks", "rox"),
    ],
)
def test_titles_that_sound_alike_or_differ_in_a_letter_share_a_hash(one: str, other: str) -> None:
    assert share_a_hash(one, other)


def test_titles_with_nothing_in_common_share_no_hash() -> None:
    assert not share_a_hash("jaws", "solaris")


@given(KEYS)
def test_hashes_of_many_names_at_once_are_those_of_each_alone(keys: list[str]) -> None:
    if not keys:
        return
    compact = [key.replace(" ", "") for key in keys]
    any_order, in_order, owners = hash_letters("\n".join(compact))
    phonetic = hash_sounds("\n".join(keys))
    assert len(any_order) == len(phonetic) == len(keys)
    for position, key in enumerate(keys):
        own = np.concatenate(
            (phonetic[position : position + 1], any_order[position : position + 1], in_order[owners == position])
        )
        assert set(own.tolist()) == hash_name(key, compact[position])
        assert len(own) == 2 + (len(compact[position]) + 1 if len(compact[position]) <= SHORT_NAME else 0)
