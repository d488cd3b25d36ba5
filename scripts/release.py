"""Make a release: version, changelog, checks, package, commit and tag.

    python scripts/release.py 0.2.0        (or `make release VERSION=0.2.0`)

Writes the version into pyproject.toml, gives the changelog's and docs/upgrading.md's news their version, runs
`make check` and `make test`, builds dist/*.whl and *.tar.gz, commits all that and tags it `v0.2.0` with the
changelog's text. Nothing is published: it prints how. Where anything fails, the files are as they were before.
"""

import argparse
import re
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).parents[1]
CHECKS = (("make", "check"), ("make", "test"))
BUILD = (sys.executable, "-m", "hatchling", "build", "-d")
BRANCH = "main"
PROJECT, CHANGELOG, UPGRADING = "pyproject.toml", "CHANGELOG.md", "docs/upgrading.md"
_VERSION = re.compile(r'(?m)^version = "([^"]+)"$')
_UNRELEASED = re.compile(r"(?ms)^## Unreleased\n(.*?)(?=^## |\Z)")
_NEXT = re.compile(r"(?m)^## (\S+) to the next release$")


class ReleaseError(Exception):
    """What keeps the release from being made, in a sentence."""


@dataclass(frozen=True)
class Release:
    """What is written: the files by their path, and the tag's text."""

    version: Version
    files: dict[str, str]
    tag_text: str


def plan_release(root: Path, version_text: str, day: date) -> Release:
    """Return the release of that version. Raises ReleaseError where the files don't fit it."""
    texts = {name: (root / name).read_text(encoding="utf-8") for name in (PROJECT, CHANGELOG, UPGRADING)}
    current = _VERSION.search(texts[PROJECT])
    news = _UNRELEASED.search(texts[CHANGELOG])
    upgrade = _NEXT.search(texts[UPGRADING])
    try:
        version = Version(version_text)
    except InvalidVersion as error:
        raise ReleaseError(f"{version_text} isn't a version such as 0.2.0.") from error
    if current is None or version <= Version(current[1]):
        raise ReleaseError(f"{version} must be newer than the version in {PROJECT}.")
    if news is None or not news[1].strip():
        raise ReleaseError(f"{CHANGELOG} has nothing under “Unreleased”.")
    if upgrade is None or upgrade[1] != current[1]:
        raise ReleaseError(f"{UPGRADING} has no section “{current[1]} to the next release”.")
    heading = f"## {version} ({day.isoformat()})"
    return Release(
        version,
        {
            PROJECT: _VERSION.sub(f'version = "{version}"', texts[PROJECT], count=1),
            CHANGELOG: _UNRELEASED.sub(
                lambda match: f"## Unreleased\n\n{heading}\n{match[1]}", texts[CHANGELOG], count=1
            ),
            UPGRADING: _NEXT.sub(f"## {current[1]} to {version}", texts[UPGRADING], count=1),
        },
        f"Marquee {version}\n\n{news[1].strip()}\n",
    )


def make_release(root: Path, version_text: str, day: date, checks: Sequence[Sequence[str]] = CHECKS) -> str:
    """Make the release and return its tag. Raises ReleaseError, and leaves the files as they were."""
    if _git(root, "status", "--porcelain"):
        raise ReleaseError("There are changes that aren't committed. Commit them first.")
    if (branch := _git(root, "branch", "--show-current")) != BRANCH:
        raise ReleaseError(f"Releases are made on the branch {BRANCH}, not on {branch or 'none'}.")
    release = plan_release(root, version_text, day)
    tag = f"v{release.version}"
    if _git(root, "tag", "--list", tag):
        raise ReleaseError(f"There's a tag {tag} already.")
    try:
        for name, text in release.files.items():
            (root / name).write_text(text, encoding="utf-8")
        for command in checks:
            _run(root, command)
        _build(root, release.version)
        _git(root, "add", *release.files)
        _git(root, "commit", "--quiet", "--message", f"Release {release.version}")
    except BaseException:
        _git(root, "checkout", "--quiet", "HEAD", "--", *release.files)
        raise
    # Verbatim, since lines that begin with # are the changelog's headings.
    _git(root, "tag", "--annotate", "--cleanup=verbatim", "--message", release.tag_text, tag)
    return tag


def _build(root: Path, version: Version) -> None:
    """Build the wheel and the archive of sources, and look that the wheel is of that version."""
    folder = root / "dist"
    _run(root, (*BUILD, str(folder)))
    wheels = list(folder.glob(f"*-{version}-*.whl"))
    if len(wheels) != 1 or not list(folder.glob(f"*-{version}.tar.gz")):
        raise ReleaseError(f"dist/ has no package of version {version}.")
    with zipfile.ZipFile(wheels[0]) as wheel:
        if problem := wheel.testzip():
            raise ReleaseError(f"{problem} in the package is damaged.")


def _run(root: Path, command: Sequence[str]) -> None:
    print("$", *command, flush=True)
    if subprocess.run(command, cwd=root, check=False).returncode:
        raise ReleaseError(f"{' '.join(command)} failed.")


def _git(root: Path, *arguments: str) -> str:
    command = ("git", *arguments)
    done = subprocess.run(command, cwd=root, check=False, capture_output=True, text=True)
    if done.returncode:
        raise ReleaseError(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout.strip()


def main(root: Path = ROOT) -> int:
    """Make the release that the command line names and return the exit status."""
    parser = argparse.ArgumentParser(description="Make a release: version, changelog, checks, package, tag.")
    parser.add_argument("version", help="the new version, such as 0.2.0")
    arguments = parser.parse_args()
    try:
        tag = make_release(root, arguments.version, datetime.now(UTC).date())
    except ReleaseError as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    print(f"{tag} is made. Look at it with `git show {tag}`, then publish it:")
    print(f"    git push origin {BRANCH} {tag}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
