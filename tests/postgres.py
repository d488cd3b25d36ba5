"""A real PostgreSQL server for the tests: created by initdb, run by an ordinary user, on a free loopback port."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MEMORY, MEMORY_ENOUGH = Path("/dev/shm"), 2 << 30  # noqa: S108 - a folder of our own is made in it
ORDINARY_USER = "postgres"
"""The user that Debian's package creates; PostgreSQL refuses to run as root."""


def find_binaries() -> Path | None:
    """Return the folder with initdb and pg_ctl of the newest version, or None if no server is installed."""
    found = shutil.which("initdb")
    if found and Path(found).with_name("pg_ctl").exists():
        return Path(found).parent
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(folders, key=lambda path: int(path.parent.name), default=None)


def find_memory_folder() -> Path | None:
    """Return a folder in memory, where files are created and flushed quickly; None if it is too small."""
    with suppress(OSError):
        if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_ENOUGH:
            return MEMORY
    return None


def find_pgbouncer() -> str | None:
    """Return the path of PgBouncer, or None if it is not installed."""
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def find_free_port() -> int:
    """Return a port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ordinary_user() -> dict[str, str]:
    """Return what `subprocess` needs to run a program that refuses to run as root."""
    return {"user": ORDINARY_USER, "group": ORDINARY_USER} if os.geteuid() == 0 else {}


def start(folder: Path, *, durable: bool = False) -> str:
    """Run a server with its data in the folder; return the URL of its superuser's database."""
    tools = find_binaries()
    assert tools is not None
    port = find_free_port()
    if ordinary_user():
        shutil.chown(folder, ORDINARY_USER, ORDINARY_USER)
    data = folder / "data"
    _run(str(tools / "initdb"), "-D", str(data), "-U", "marquee", "-A", "trust", "-E", "UTF8", "--no-sync")
    # The tests don't test PostgreSQL's durability; without it they are several times as quick.
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=300"
    if not durable:
        options += " -c fsync=off -c full_page_writes=off -c autovacuum=off -c jit=off"
    _run(str(tools / "pg_ctl"), "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
    return f"postgresql+asyncpg://marquee@127.0.0.1:{port}/postgres"


def stop(folder: Path) -> None:
    """Stop the server with its data in the folder, if there is one."""
    tools, data = find_binaries(), folder / "data"
    if tools is not None and (data / "postmaster.pid").exists():
        _run(str(tools / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")


def _run(*command: str) -> None:
    done = subprocess.run(
        command,
        cwd="/",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **ordinary_user(),
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stdout}")


@contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """Run a server and yield the URL of its superuser's database; `durable` for benchmarks of commits."""
    folder = Path(tempfile.mkdtemp(prefix="marquee-postgres-", dir=None if durable else find_memory_folder()))
    try:
        yield start(folder, durable=durable)
    finally:
        stop(folder)
        shutil.rmtree(folder, ignore_errors=True)
