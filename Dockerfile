# syntax=docker/dockerfile:1
# Two stages: the first installs what is locked, the second holds nothing but Python and that environment.

FROM python:3.11-slim-bookworm AS build
# Compiled here, since nothing can be written where the bot runs.
ENV UV_COMPILE_BYTECODE=1 \
    UV_NO_CACHE=1 \
    UV_PYTHON_DOWNLOADS=never
WORKDIR /src
RUN pip install --no-cache-dir uv==0.13.9 && uv venv /opt/marquee
COPY requirements/app.lock requirements/app.lock
RUN uv pip sync --python /opt/marquee --require-hashes requirements/app.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY cogs cogs
COPY data data
RUN uv pip install --python /opt/marquee --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --user-group --home-dir /data --shell /usr/sbin/nologin marquee \
    && groupmod --gid 10001 marquee \
    && install -d -o marquee -g marquee -m 0700 /data
COPY --from=build /opt/marquee /opt/marquee
ENV PATH=/opt/marquee/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MARQUEE_DATA_DIR=/data \
    HEALTH_PORT=8334
USER 10001:10001
WORKDIR /data
VOLUME ["/data"]
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["marquee", "health"]
# The bot answers SIGTERM itself, as process 1 too: within 10 seconds every member who is being served has an answer.
STOPSIGNAL SIGTERM
CMD ["marquee", "run"]
