import pytest

from bot.core.paging import clamp_page, count_pages


@pytest.mark.parametrize(("items", "pages"), [(0, 1), (1, 1), (10, 1), (11, 2), (20, 2), (21, 3)])
def test_pages_of_ten(items: int, pages: int) -> None:
    assert count_pages(items, 10) == pages
    assert clamp_page(0, items, 10) == 0
    assert (
        clamp_page(pages - 1, items, 10) == clamp_page(pages, items, 10) == clamp_page(99, items, 10) == pages - 1
    )
