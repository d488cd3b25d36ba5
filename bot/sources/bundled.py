"""Finds the data that ships with Marquee, from a checkout, an editable install or a wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def bundled(name: str) -> Path:
    """Give the path of the bundled data file of that name. It is only ever read.

    A checkout's own `data/` comes first, so that an editable install sees what is edited.
    """
    checkout = _PACKAGE.parent / "data" / name
    return checkout if (_PACKAGE.parent / "pyproject.toml").is_file() else _PACKAGE / "_data" / name
