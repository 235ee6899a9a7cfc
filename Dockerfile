# syntax=docker/dockerfile:1
# Two stages: what is needed to install the product is not in the image that runs it.

FROM python:3.11-slim AS build
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

FROM python:3.11-slim
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/synchub synchub
COPY --from=build /opt/synchub /opt/synchub
ENV PATH=/opt/synchub/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    SYNCHUB_ENV=prod \
    SYNCHUB_HOST=0.0.0.0 \
    SYNCHUB_PORT=8000
USER synchub
# With SQLite, the database is data/synchub.db in here: mount a volume.
WORKDIR /var/lib/synchub
EXPOSE 8000
# Alive, not ready: a node that waits for its database must not be restarted for it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['SYNCHUB_PORT']}/health/live\", timeout=4)"]
# SIGTERM drains; give it longer than SYNCHUB_REALTIME_DRAIN_S before SIGKILL.
STOPSIGNAL SIGTERM
CMD ["synchub", "serve"]
