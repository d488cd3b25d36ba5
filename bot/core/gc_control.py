"""What Python's collector of garbage need not look through: a full round takes a tenth of a second here."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Collect nothing meanwhile: for work that makes many objects and no cycles of garbage."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


@contextmanager
def lasting() -> Iterator[None]:
    """Collect nothing meanwhile, and never look again at what there is at the end: it lasts with the process."""
    with uncollected():
        yield
        gc.freeze()
