"""Chromium, and the try page as a process of its own."""

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from bot.config import Settings
from tests.command_line import RunningCommand
from tests.required import skip_or_fail

FLAGS = (
    "--no-sandbox",  # CI runs as root, where Chromium has no sandbox
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
expect.set_options(timeout=30_000)  # on a busy machine the page is slow, not wrong


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        skip_or_fail("Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def folder(settings: Settings) -> Path:
    """A data folder with the starter catalogue loaded for the page, as at every start but the first."""
    (settings.data_dir / "marquee.db").rename(settings.data_dir / "try.db")
    return settings.data_dir


@contextmanager
def marquee_try(folder: Path, *options: str) -> Iterator[str]:
    """Run the try page and yield its address."""
    arguments = ("try", "--port", "0", "--no-browser", *options)
    command = RunningCommand(*arguments, folder=folder.parent, MARQUEE_DATA_DIR=str(folder), LOG_LEVEL="ERROR")
    try:
        yield command.wait_for_output("\n").split("Marquee is at ")[1].strip()
    finally:
        command.send_signal(signal.SIGINT)
        command.wait()
