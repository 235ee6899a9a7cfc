# syntax=docker/dockerfile:1
# Two stages: what is needed to install the product is not in the image that runs it.

# The same base for both, to the patch release. In your registry, pin it by digest:
#   docker build --build-arg PYTHON_IMAGE=python:3.11.14-slim-bookworm@sha256:… .
ARG PYTHON_IMAGE=python:3.11.14-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/synchub
WORKDIR /src
# The locked dependencies first: they change less often than the code, and stay in the cache.
COPY requirements/run.lock requirements/
RUN /opt/synchub/bin/pip install --require-hashes --no-deps -r requirements/run.lock
COPY pyproject.toml README.md LICENSE ./
COPY domain domain
COPY application application
COPY adapters adapters
COPY bootstrap bootstrap
RUN /opt/synchub/bin/pip install --no-deps --no-build-isolation .

FROM ${PYTHON_IMAGE}
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/synchub --shell /usr/sbin/nologin \
    synchub
# Owned by root: the product cannot change its own code.
COPY --from=build /opt/synchub /opt/synchub
ENV PATH=/opt/synchub/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    SYNCHUB_ENV=prod \
    SYNCHUB_HOST=0.0.0.0 \
    SYNCHUB_PORT=8000
USER 10001
# Everything else may be read-only (`docker run --read-only --tmpfs /tmp`); secrets come from the
# environment or a mounted settings file (SYNCHUB_SETTINGS), never from a layer.
# With SQLite, the database is data/synchub.db in here: mount a volume.
WORKDIR /var/lib/synchub
EXPOSE 8000
# Alive, not ready: a node that waits for its database must not be restarted for it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['SYNCHUB_PORT']}/health/live\", timeout=4)"]
# SIGTERM drains; give it longer than SYNCHUB_REALTIME_DRAIN_S before SIGKILL.
STOPSIGNAL SIGTERM
CMD ["synchub", "serve"]
