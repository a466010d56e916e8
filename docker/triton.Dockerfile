# NVIDIA's Triton with our model, built from its weights: code, tokenizer and weights in one version.
# Build from the repository's root: docker build -f docker/triton.Dockerfile .

FROM python:3.12.8-slim-bookworm AS model
WORKDIR /src
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY sidecar sidecar
COPY triton_models triton_models
COPY plugin_config plugin_config
# Editable: the model's template lies beside the package, as in a clone.
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --constraint constraints.txt --editable '.[build]'
ARG WEIGHTS=minilm-l6
ARG PRECISION=int8
# 0: the default of what is built, 96 tokens of a pair or 64 of a text.
ARG MAX_LENGTH=0
RUN reshelf model build --weights "$WEIGHTS" --precision "$PRECISION" --max-length "$MAX_LENGTH" --output /models
# What the model imports, in the versions of the local stack's Triton; the server itself is in the image.
RUN awk '/^[a-z]/ { keep = !/^nvidia-pytriton/ } keep' sidecar/stack/triton-requirements.txt > /requirements.txt

FROM nvcr.io/nvidia/tritonserver:24.12-py3
# Python 3.12, as in the stage above. Into a folder of its own, which model.py puts first.
COPY --from=model /requirements.txt /tmp/requirements.txt
RUN pip install --no-cache-dir --no-deps --require-hashes --target /opt/reshelf-packages \
    --requirement /tmp/requirements.txt
COPY --from=model --chown=1000:1000 /models /models
ENV RESHELF_TRITON_PACKAGES=/opt/reshelf-packages \
    TOKENIZERS_PARALLELISM=false \
    PYTHONDONTWRITEBYTECODE=1
# triton-server, an ordinary user that the image brings.
USER 1000:1000
EXPOSE 8000 8001 8002
# Triton stays "ready" when the process that runs the model is dead: ask for a score.
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 \
    CMD ["curl", "--fail", "--silent", "--output", "/dev/null", "--data", "{\"inputs\": [{\"name\": \"QUERY\", \"datatype\": \"BYTES\", \"shape\": [1, 1], \"data\": [\"canary\"]}, {\"name\": \"TEXT\", \"datatype\": \"BYTES\", \"shape\": [1, 1], \"data\": [\"canary\"]}]}", "http://127.0.0.1:8000/v2/models/bert_reranker/infer"]
# The local stack's options; addresses are the container's own.
ENTRYPOINT ["tritonserver", \
    "--model-repository=/models", \
    "--model-control-mode=explicit", \
    "--load-model=bert_reranker", \
    "--disable-auto-complete-config", \
    "--backend-config=python,stub-timeout-seconds=60", \
    "--backend-config=python,shm-default-byte-size=4194304", \
    "--backend-config=python,shm-growth-byte-size=4194304", \
    "--grpc-keepalive-permit-without-calls=1", \
    "--grpc-http2-min-recv-ping-interval-without-data=5000", \
    "--exit-timeout-secs=5"]
