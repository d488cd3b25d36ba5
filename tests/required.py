"""What a test needs of the machine: where it is missing the test is skipped, in CI it fails."""

import os

import pytest


def missing(what: str) -> None:
    """Skip the test for want of `what`; fail it where MARQUEE_REQUIRE_ALL is set, as CI does."""
    if os.environ.get("MARQUEE_REQUIRE_ALL"):
        pytest.fail(f"{what} is missing, and MARQUEE_REQUIRE_ALL is set", pytrace=False)
    pytest.skip(f"{what} is not installed")
