import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.search.sounds import SHORT, filed_under, letter_hashes, sound_hashes, sounds

KEYS = st.lists(st.text("abcx19 ", min_size=1, max_size=14).map(lambda text: " ".join(text.split()) or "a"))


def meet(one: str, other: str) -> bool:
    first, second = (filed_under(key, key.replace(" ", "").replace("|", "")) for key in (one, other))
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
def test_what_is_heard_of_a_title(key: str, sound: str) -> None:
    assert sounds(key) == [sound]


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
def test_titles_meet_that_sound_alike_or_differ_in_a_letter(one: str, other: str) -> None:
    assert meet(one, other)


def test_titles_that_have_nothing_in_common_do_not_meet() -> None:
    assert not meet("jaws", "solaris")


@given(KEYS)
def test_many_names_at_once_are_filed_as_each_alone(keys: list[str]) -> None:
    if not keys:
        return
    joined = [key.replace(" ", "") for key in keys]
    in_any_order, letters, owners = letter_hashes("\n".join(joined))
    heard = sound_hashes("\n".join(keys))
    assert len(in_any_order) == len(heard) == len(keys)
    for at, key in enumerate(keys):
        own = np.concatenate((heard[at : at + 1], in_any_order[at : at + 1], letters[owners == at]))
        assert set(own.tolist()) == filed_under(key, joined[at])
        assert len(own) == 2 + (len(joined[at]) + 1 if len(joined[at]) <= SHORT else 0)
