"""The files that operators start the bot with."""

import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.run import ANSWER_SECONDS

ROOT = Path(__file__).parent.parent
UNIT = ROOT / "deploy" / "marquee.service"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    program = tmp_path / "marquee"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / UNIT.name
    unit.write_text(re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={program}", UNIT.read_text()))
    done = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], check=False, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_container_runs_as_an_ordinary_user_and_gets_the_time_to_stop() -> None:
    dockerfile, compose = ((ROOT / name).read_text() for name in ("Dockerfile", "compose.yaml"))
    users = re.findall(r"(?m)^USER (\S+)", dockerfile)
    assert users
    assert users[-1].split(":")[0].isdecimal()
    assert int(users[-1].split(":")[0]) > 0
    assert "HEALTHCHECK" in dockerfile
    grace = re.search(r"stop_grace_period: (\d+)s", compose)
    stop = re.search(r"(?m)^TimeoutStopSec=(\d+)$", UNIT.read_text())
    assert grace is not None
    assert stop is not None
    assert min(int(grace[1]), int(stop[1])) > 2 * ANSWER_SECONDS
    assert "read_only: true" in compose


def test_the_image_is_built_with_the_locked_uv_and_without_faults() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    (version,) = re.findall(r"uv==(\S+)", dockerfile)
    assert f"\nuv=={version} " in (ROOT / "requirements" / "dev.lock").read_text()
    steps = runpy.run_path(str(ROOT / "scripts" / "build_like_image.py"))["read_steps"](dockerfile)
    assert {name for name, _ in steps} == {"ENV", "WORKDIR", "RUN", "COPY"}  # all that the script can do
    program = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("hadolint is not installed")
    done = subprocess.run([program, str(ROOT / "Dockerfile")], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_everything_that_an_image_is_made_of_gets_into_it() -> None:
    """`.dockerignore` leaves out all but what the Dockerfile copies, so that no secret gets into an image."""
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[0] == "*"
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    copied: set[str] = set()
    for sources in re.findall(r"(?m)^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text()):
        copied.update(sources.split())
    assert copied == allowed
    assert all((ROOT / name).exists() for name in copied)
