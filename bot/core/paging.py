"""Pages of a list: how many there are, and the last one in place of one past the end."""


def count_pages(item_count: int, page_size: int) -> int:
    """Return how many pages so many items take, at least one."""
    return max(1, -(-item_count // page_size))


def clamp_page(page: int, item_count: int, page_size: int) -> int:
    """Return the page, counted from 0, or the last one if there are not so many."""
    return min(page, count_pages(item_count, page_size) - 1)
