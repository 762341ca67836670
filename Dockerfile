# perps-stats as one image: no compiler, no secret, no root. It writes to /var/lib/perps-stats and /tmp alone,
# so that its file system can be read-only. compose.yaml runs it with a database, Prometheus and Grafana.

FROM python:3.11-slim-bookworm AS build
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY requirements/run.txt requirements/build.txt requirements/
RUN python -m venv /opt/perps-stats \
    && /opt/perps-stats/bin/pip install --no-cache-dir --require-hashes -r requirements/run.txt \
    && pip install --no-cache-dir --require-hashes -r requirements/build.txt
COPY pyproject.toml setup.py README.md LICENSE ./
COPY src/ src/
COPY web/ web/
# A wheel without its page or its compiled parts would work, and be less than what was asked for.
RUN pip wheel --no-deps --no-build-isolation --wheel-dir wheels . \
    && python -m zipfile --list wheels/*.whl > contents \
    && grep --quiet perps_stats/page/index.html contents \
    && grep --quiet "perps_stats/feed/fastbook.*so" contents \
    && /opt/perps-stats/bin/pip install --no-cache-dir --no-deps wheels/*.whl

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 perps-stats \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/perps-stats perps-stats \
    && install --directory --owner=10001 --group=10001 --mode=0750 /var/lib/perps-stats
COPY --from=build /opt/perps-stats /opt/perps-stats
ENV PATH=/opt/perps-stats/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PERPS_STATS__DATABASE__DIR=/var/lib/perps-stats
USER 10001:10001
WORKDIR /var/lib/perps-stats
VOLUME /var/lib/perps-stats
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/readyz', timeout=4)"]
ENTRYPOINT ["perps-stats"]
CMD ["run"]
