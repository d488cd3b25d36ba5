"""Fail where a package that users install is under a licence that does not fit Marquee's own, MIT.

    python scripts/check_licences.py [requirements/app.lock]

Each package of the lock file that this system needs is looked up in the environment: the licence that it declares,
and the shared libraries that its wheel brings, which may be under others. The exit status is 1 where a licence is
not in `ALLOWED`, a library not in `LIBRARIES`, or a package not installed.
"""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ALLOWED = frozenset(
    {
        "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "ISC", "MIT", "MIT-CMU",
        "OFL-1.1", "PSF-2.0", "Zlib",
        "MPL-2.0",  # asks for the source of changed files of its own, and of nothing else
    }
)  # fmt: skip
"""SPDX identifiers of licences that put no condition on what uses the package."""
NAMES = {
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The MIT License (MIT)": "MIT",
}
"""Identifiers of the names in older metadata."""
LIBRARIES = frozenset(
    {
        # numpy and scipy: OpenBLAS (BSD), and GCC's run-time libraries: libgfortran with the exception for what
        # links to it, libquadmath (LGPL) as a file of its own that can be replaced.
        "libgfortran", "libquadmath", "libscipy_openblas", "libscipy_openblas64_",
        # pillow: image formats and fonts, all under licences like MIT.
        "libXau", "libavif", "libbrotlicommon", "libbrotlidec", "libfreetype", "libharfbuzz", "libjpeg",
        "liblcms2", "liblzma", "libopenjp2", "libpng16", "libsharpyuv", "libtiff", "libwebp", "libwebpdemux",
        "libwebpmux", "libxcb", "libzstd",
    }
)  # fmt: skip
"""Shared libraries that wheels may bring, without the hash and version in their names."""
_BUNDLED = re.compile(
    r"[^/]+(?:\.libs|/\.dylibs)/(lib[^/]+?)(?:-[0-9a-f]{8,})*(?:\.[0-9.]+)?\.(?:so|dylib)[0-9.]*"
)


def list_packages(lock: Path) -> list[str]:
    """Return the names of the packages that the lock file installs on this system."""
    lines = (line.rstrip("\\ ") for line in lock.read_text(encoding="utf-8").splitlines() if line[:1].isalnum())
    requirements = [Requirement(line) for line in lines]
    return [each.name for each in requirements if each.marker is None or each.marker.evaluate()]


def find_problems(package: Distribution) -> Iterator[str]:
    """Yield a sentence for each licence and library of the package that is not allowed."""
    name, licence = package.metadata["Name"], get_licence(package)
    if not is_allowed(licence):
        yield f"{name}: its licence is {licence or 'not declared'}"
    matches = (_BUNDLED.fullmatch(file.as_posix()) for file in package.files or ())
    for library in sorted({match[1] for match in matches if match is not None} - LIBRARIES):
        yield f"{name}: its wheel brings {library}"


def get_licence(package: Distribution) -> str:
    """Return the licence as an SPDX expression, "" where the package declares none."""
    metadata = package.metadata
    if expression := metadata.get("License-Expression"):
        return expression
    classifiers = [
        line.rpartition(" :: ")[2] for line in metadata.get_all("Classifier") or () if line.startswith("License")
    ]
    text = (metadata.get("License") or "").partition("\n")[0]
    declared = classifiers or [text]
    return " AND ".join(NAMES.get(each, each) for each in declared)


def is_allowed(expression: str) -> bool:
    """Return whether everything that must be accepted is allowed, and one of each choice."""
    parts = re.split(r"\s+AND\s+", expression.replace("(", " ").replace(")", " ").strip())
    return all(any(choice.strip() in ALLOWED for choice in re.split(r"\s+OR\s+", part)) for part in parts)


def main(lock: Path) -> int:
    """Print the problems of the lock file's packages and return the exit status."""
    packages, problems = list_packages(lock), []
    for name in packages:
        try:
            problems += find_problems(distribution(name))
        except PackageNotFoundError:
            problems.append(f"{name}: not installed")
    print(*problems, sep="\n", end="\n" if problems else "")
    print(f"{len(packages)} packages, {len(problems)} licences to look at")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "requirements/app.lock")))
