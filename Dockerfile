# syntax=docker/dockerfile:1
# Glede as a server: docs/deployment.md. Built in one image, run in another that holds no tools to build with.

FROM python:3.11-slim-bookworm AS build
ARG EXTRAS=graph,office,mcp,otel,postgresql
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
RUN python -m venv /opt/glede
COPY pyproject.toml README.md LICENSE CHANGELOG.md ./
COPY src ./src
RUN /opt/glede/bin/python -m pip install ".[${EXTRAS}]"

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="Glede" \
      org.opencontainers.image.description="Multimodal RAG: documents of any kind in, cited answers out" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 glede \
    && useradd --uid 10001 --gid glede --home-dir /data --shell /usr/sbin/nologin --no-log-init glede \
    && install --directory --owner glede --group glede --mode 0700 /data
COPY --from=build /opt/glede /opt/glede
# All that is written lies in /data and /tmp, so that the rest may be read-only.
ENV PATH=/opt/glede/bin:$PATH \
    HOME=/data \
    GLEDE_HOME=/data \
    GLEDE_SERVER_HOST=0.0.0.0 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8787
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8787/readyz', timeout=4)"]
ENTRYPOINT ["glede"]
CMD ["serve", "--log-format", "json"]
