"""Longer timeouts: on a busy machine the page is slow, not wrong."""

from playwright.sync_api import expect

expect.set_options(timeout=30_000)
