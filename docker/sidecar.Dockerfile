# The sidecar, with what serving needs and no more.
# Build from the repository's root: docker build -f docker/sidecar.Dockerfile .

FROM python:3.12.8-slim-bookworm AS packages
WORKDIR /src
RUN python -m venv /opt/reshelf
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY sidecar sidecar
RUN --mount=type=cache,target=/root/.cache/pip \
    /opt/reshelf/bin/pip install --constraint constraints.txt '.[onnx]'

FROM python:3.12.8-slim-bookworm
RUN groupadd --system --gid 10001 reshelf \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin reshelf
COPY --from=packages /opt/reshelf /opt/reshelf
# The same files as the local stack's; mount your own over them.
COPY plugin_config /etc/reshelf
# Records of shoppers, events not yet applied, the secret of their keys: to be kept beyond the container.
RUN install --directory --owner=reshelf --group=reshelf --mode=0700 /var/lib/reshelf
VOLUME /var/lib/reshelf
ENV PATH=/opt/reshelf/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    RESHELF_STATE_FOLDER=/var/lib/reshelf
USER 10001:10001
WORKDIR /etc/reshelf
EXPOSE 50051 8080
# Ready once a canary has been scored.
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --retries=6 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/health/ready', timeout=3)"]
ENTRYPOINT ["reshelf", "serve", "--config", "/etc/reshelf/sidecar.yml"]
