"""Run the steps of the Dockerfile's first stage in a plain folder, and then the bot that they made.

    python scripts/build_like_image.py

For machines without a container engine. What `COPY` names is copied into an empty folder, each `RUN` runs there
with the paths of the image replaced, and `marquee --version` and `marquee find` run as the last stage would run
them. The exit status is 1 where a step fails, or where a step is of a kind that this script doesn't know.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
INSTALLED = "/opt/marquee"
"""Where the image has the environment."""


def read_steps(dockerfile: str) -> Iterator[tuple[str, str]]:
    """Yield the first stage's instructions by name and arguments, without the base image."""
    text = re.sub(r"\\\n\s*", "", re.sub(r"(?m)^#.*\n", "", dockerfile)).strip()
    stage = text.split("\nFROM ")[0]
    for line in stage.splitlines()[1:]:
        name, _, arguments = line.partition(" ")
        if name:
            yield name, arguments.strip()


def run_steps(work: Path, installed: Path) -> None:
    """Run the steps in the folder `work`; the environment comes to be at `installed`.

    Raises CalledProcessError where a step fails, ValueError for one that is not known.
    """
    environ = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for name, arguments in read_steps((ROOT / "Dockerfile").read_text(encoding="utf-8")):
        started = time.monotonic()
        match name:
            case "ENV":
                environ |= dict(pair.split("=", 1) for pair in shlex.split(arguments))
                # The image keeps nothing that it need not; here the cache spares the network.
                environ.pop("UV_NO_CACHE", None)
            case "WORKDIR":
                work.mkdir(exist_ok=True)
            case "COPY":
                *sources, target = shlex.split(arguments)
                for source in sources:
                    _copy(ROOT / source, work / source if target == "./" else work / target)
            case "RUN":
                # uv is beside this script's Python already.
                command = re.sub(r"^pip install \S+ uv==\S+ && ", "", arguments).replace(INSTALLED, str(installed))
                subprocess.run(command, shell=True, cwd=work, env=environ, check=True)  # noqa: S602
            case _:
                raise ValueError(f"{name} is not known here")
        print(f"{time.monotonic() - started:5.1f} s  {name} {arguments}", flush=True)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def main() -> int:
    """Run the steps and the bot; return the exit status."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        installed = folder / "installed"
        try:
            run_steps(folder / "src", installed)
            shutil.rmtree(folder / "src")  # the last stage has nothing of it
            environ = {"PATH": f"{installed / 'bin'}:/usr/bin:/bin", "MARQUEE_DATA_DIR": str(folder / "data")}
            for arguments in (["--version"], ["find", "ballerina"]):
                subprocess.run(["marquee", *arguments], cwd=folder, env=environ, check=True)  # noqa: S607
        except (subprocess.CalledProcessError, ValueError) as error:
            print(f"build_like_image: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
