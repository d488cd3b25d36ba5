"""What tests need of the machine: without it they are skipped, in CI they fail."""

import os

import pytest


def skip_or_fail(what: str) -> None:
    """Skip the test because `what` is not installed; fail it if MARQUEE_REQUIRE_ALL is set, as in CI."""
    if os.environ.get("MARQUEE_REQUIRE_ALL"):
        pytest.fail(f"{what} is missing, and MARQUEE_REQUIRE_ALL is set", pytrace=False)
    pytest.skip(f"{what} is not installed")
