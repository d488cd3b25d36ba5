"""What the processes of a parallel run share: folders that the first one that needs them fills."""

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import postgres

FOLDER = pytest.StashKey[Path]()
"""The folder of the run, in the configuration's stash."""
BUILD_TIMEOUT = 120.0
"""Seconds that others wait for the process that fills a folder."""
_READY, _FAILED = ".ready", ".failed"


def open_folder(config: pytest.Config) -> None:
    """Create the run's folder, or take the one that the process which started this one has created."""
    inherited: dict[str, str] = getattr(config, "workerinput", {})
    if "shared_folder" in inherited:
        config.stash[FOLDER] = Path(inherited["shared_folder"])
        return
    folder = Path(tempfile.mkdtemp(prefix="marquee-tests-", dir=postgres.find_memory_folder()))
    folder.chmod(0o711)  # PostgreSQL's user reaches its own folder in it
    config.stash[FOLDER] = folder


def close_folder(config: pytest.Config) -> None:
    """Stop PostgreSQL if a test has started it and delete the folder; only the process that created it does so."""
    if hasattr(config, "workerinput") or FOLDER not in config.stash:
        return
    postgres.stop(config.stash[FOLDER] / "postgres")
    shutil.rmtree(config.stash[FOLDER], ignore_errors=True)


def build_once(config: pytest.Config, name: str, build: Callable[[Path], None]) -> Path:
    """Return the folder of that name, which `build` fills in the first process that asks for it."""
    folder = config.stash[FOLDER] / name
    state = config.stash[FOLDER] / f"{name}.state"
    try:
        state.mkdir()
    except FileExistsError:
        deadline = time.monotonic() + BUILD_TIMEOUT
        while not (state / _READY).exists():
            if (state / _FAILED).exists() or time.monotonic() > deadline:
                raise RuntimeError(f"another process could not build {name}") from None
            time.sleep(0.05)
        return folder
    try:
        folder.mkdir()
        build(folder)
    except BaseException:
        (state / _FAILED).touch()
        raise
    (state / _READY).touch()
    return folder
