"""PostgreSQL addresses as providers give them: libpq's options in the words of asyncpg."""

import logging
import ssl
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import URL

from bot.core.errors import StorageUnavailableError
from bot.core.text.i18n import _

log = logging.getLogger(__name__)
PASSED_ON = {
    "command_timeout": float,
    "prepared_statement_cache_size": int,
    "statement_cache_size": int,
    "target_session_attrs": str,
}
"""Options of SQLAlchemy's asyncpg dialect and of asyncpg itself, which take the value as it is."""
TLS_OPTIONS = ("sslmode", "ssl", "sslrootcert", "sslcert", "sslkey")
MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
APPLICATION_NAME = "marquee"
"""What PostgreSQL lists the bot's connections as, unless the URL names something else."""
SERVER_SETTINGS = ("application_name", "search_path", "statement_timeout")
"""What the server itself is told of a connection."""


def build_connect_arguments(url: URL) -> tuple[URL, dict[str, Any]]:
    """Return the URL without options, and the options as arguments of asyncpg's `connect`.

    libpq's `connect_timeout`, `application_name`, `options`, `sslmode` and certificates are translated, and
    `pgbouncer=true` turns off what a pool in transaction mode can't keep between two transactions. What asyncpg
    has nothing for, such as `channel_binding`, is left out with a line in the log. Raises StorageUnavailableError
    for a value that can't be used, without showing it.
    """
    query = {name: value if isinstance(value, str) else value[-1] for name, value in url.query.items()}
    arguments: dict[str, Any] = {}
    server_settings: dict[str, str] = {}
    dropped = []
    for name, value in query.items():
        try:
            if name in PASSED_ON:
                arguments[name] = PASSED_ON[name](value)
            elif name == "connect_timeout":
                arguments["timeout"] = float(value)
            elif name in SERVER_SETTINGS:
                server_settings[name] = value
            elif name == "options":
                server_settings |= _parse_options(value)
            elif name == "pgbouncer":
                if value.lower() in ("true", "1", "yes", "on"):
                    arguments |= {"statement_cache_size": 0, "prepared_statement_cache_size": 0}
                    # Another client's statement of the same name may be left on the connection behind the pool.
                    arguments["prepared_statement_name_func"] = lambda: f"marquee_{uuid.uuid4().hex}"
            elif name not in TLS_OPTIONS:
                dropped.append(name)
        except ValueError as error:
            raise StorageUnavailableError(
                _("DATABASE_URL's option {name} has a value that can't be used.").format(name=name)
            ) from error
    if dropped:
        log.warning("DATABASE_URL's options that the driver does not know are left out: %s", ", ".join(dropped))
    arguments["server_settings"] = {"application_name": APPLICATION_NAME, **server_settings}
    if (tls := _build_tls(query)) is not None:
        arguments["ssl"] = tls
    return url.set(query={}), arguments


def _parse_options(text: str) -> dict[str, str]:
    """Return the settings in libpq's `options`, `-c name=value` or `--name=value`. Raises ValueError."""
    words = text.replace("-c ", "-c").split()
    settings = {}
    for word in words:
        name, separator, value = word.removeprefix("-c").removeprefix("--").partition("=")
        if not separator or word == name + separator + value:
            raise ValueError("neither -c name=value nor --name=value")
        settings[name.replace("-", "_")] = value
    return settings


def _build_tls(query: Mapping[str, str]) -> ssl.SSLContext | str | None:
    """Return asyncpg's `ssl` argument for libpq's TLS options, None without any.

    As in libpq (https://www.postgresql.org/docs/current/libpq-ssl.html), a root certificate makes of `require` a
    check of the certificate's chain, and only `verify-full` compares the host's name.
    """
    mode = query.get("sslmode", query.get("ssl"))
    if mode is not None and mode not in MODES:
        raise StorageUnavailableError(
            _("DATABASE_URL's option sslmode must be one of {values}.").format(values=", ".join(MODES))
        )
    root, certificate, key = (query.get(name) for name in ("sslrootcert", "sslcert", "sslkey"))
    if mode == "disable" or not (root or certificate):
        return mode
    try:
        # "system" are the authorities that the operating system trusts.
        context = ssl.create_default_context(cafile=None if root in (None, "system") else root)
        if certificate is not None:
            context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise StorageUnavailableError(_("DATABASE_URL names a certificate file that can't be read.")) from error
    context.check_hostname = mode == "verify-full" or root == "system"
    if root is None and mode not in ("verify-ca", "verify-full"):
        context.verify_mode = ssl.CERT_NONE
    return context
