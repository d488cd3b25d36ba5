import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.search.prefix_index import SAMPLE_STRIDE, find_prefix_range, pack_prefix

LETTERS = st.text("ab9z", max_size=16)


@given(st.lists(LETTERS, max_size=400), st.text("ab9z", min_size=1, max_size=15))
def test_a_prefix_range_has_all_entries_with_the_prefix(entries: list[str], prefix: str) -> None:
    entries = sorted(entries * 3)
    prefixes = np.array([pack_prefix(entry) for entry in entries[::SAMPLE_STRIDE]], np.uint64)
    low, high = find_prefix_range(prefix, prefixes, len(entries), entries.__getitem__)
    assert entries[low:high] == [entry for entry in entries if entry.startswith(prefix)]


@given(LETTERS, LETTERS)
def test_packed_prefixes_sort_as_the_letters_do(one: str, other: str) -> None:
    first, second = sorted((one, other))
    assert pack_prefix(first) <= pack_prefix(second) < 2**64
