"""Addresses of PostgreSQL as providers give them, and a real PgBouncer in front of a real server."""

import asyncio
import logging
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, make_url, select, text

from bot.core.database.engine import Database
from bot.core.database.key_value import KeyValueRepository, key_values
from bot.core.database.postgres_url import build_connect_arguments
from bot.core.errors import StorageUnavailableError
from tests.postgres import find_free_port, find_pgbouncer, ordinary_user
from tests.required import skip_or_fail

WRITERS = 160


def test_libpqs_options_become_asyncpgs(caplog: pytest.LogCaptureFixture) -> None:
    url = make_url(
        "postgresql+asyncpg://u:hush@h/d?sslmode=require&channel_binding=require&connect_timeout=7&gssencmode=disable"
        "&application_name=films&options=-c%20statement_timeout%3D5s%20--lock-timeout%3D2s&target_session_attrs=primary"
    )
    stripped, arguments = build_connect_arguments(url)
    assert not stripped.query
    assert stripped.render_as_string(hide_password=False).endswith("://u:hush@h/d")
    assert arguments == {
        "ssl": "require",
        "timeout": 7.0,
        "target_session_attrs": "primary",
        "server_settings": {"application_name": "films", "statement_timeout": "5s", "lock_timeout": "2s"},
    }
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage().endswith("left out: channel_binding, gssencmode")


@pytest.mark.parametrize(
    ("options", "is_verified", "has_hostname"),
    [
        ("sslrootcert=system", True, True),
        ("sslmode=verify-full&sslrootcert={file}", True, True),
        ("sslmode=verify-ca&sslrootcert={file}", True, False),
        ("sslmode=require&sslrootcert={file}", True, False),
    ],
)
def test_a_root_certificate_is_checked_as_libpq_does(
    tmp_path: Path, options: str, is_verified: bool, has_hostname: bool
) -> None:
    file = tmp_path / "root.pem"
    trusted = ssl.create_default_context().get_ca_certs(binary_form=True)
    file.write_text(ssl.DER_cert_to_PEM_cert(trusted[0]) if trusted else "")
    if not trusted:
        pytest.skip("the system trusts no certificate authority")
    _, arguments = build_connect_arguments(make_url(f"postgresql+asyncpg://h/d?{options.format(file=file)}"))
    context = arguments["ssl"]
    assert (context.verify_mode is ssl.CERT_REQUIRED, context.check_hostname) == (is_verified, has_hostname)


@pytest.mark.parametrize(
    "options",
    ["sslmode=maybe", "connect_timeout=soon", "options=nonsense", "sslmode=require&sslrootcert=/nowhere/root.pem"],
)
def test_a_value_that_cannot_be_used_is_one_sentence(options: str) -> None:
    with pytest.raises(StorageUnavailableError, match="DATABASE_URL") as caught:
        build_connect_arguments(make_url(f"postgresql+asyncpg://u:hush@h/d?{options}"))
    assert "hush" not in str(caught.value)


@pytest.fixture
def pgbouncer_url(postgres_url: str, tmp_path: Path) -> Iterator[str]:
    """The same database behind PgBouncer in transaction mode, with three connections of its own."""
    if (program := find_pgbouncer()) is None:
        skip_or_fail("PgBouncer")
    url, port = make_url(postgres_url), find_free_port()
    settings = tmp_path / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\n* = host=127.0.0.1 port={url.port} user={url.username}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = any\npool_mode = transaction\ndefault_pool_size = 3\nmax_client_conn = 500\n"
    )
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(folder.stat().st_mode | 0o055)
    process = subprocess.Popen([program, str(settings)], stderr=subprocess.PIPE, text=True, **ordinary_user())
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if "process up" in line:
                break
        yield f"{url.set(port=port).render_as_string(hide_password=False)}?pgbouncer=true"
    finally:
        process.terminate()
        process.communicate()


@pytest.mark.postgres
async def test_a_burst_of_writers_behind_pgbouncer_loses_nothing(pgbouncer_url: str) -> None:
    databases = [await Database.open(pgbouncer_url, pool_size=5) for _ in range(2)]

    async def write(number: int) -> None:
        database = databases[number % 2]
        async with database.write(member_ids=[number % 7]) as connection:
            row = {"name": f"burst {number}", "value": str(number)}
            await connection.execute(key_values.insert(), row)
        assert await KeyValueRepository(database).get(f"burst {number}") == str(number)
        async with database.read() as connection:
            await connection.execute(text("SELECT 1"))

    await asyncio.gather(*map(write, range(WRITERS)))
    ((count,),) = await databases[0].fetch_all(
        select(func.count()).where(key_values.c.name.like("burst %")).select_from(key_values)
    )
    assert count == WRITERS
    for database in databases:
        await database.close()
