# Skein on the CPU: OpenVINO and ONNX Runtime's own provider. docs/deploy.md says how to run it;
# `make container` proves it. The stages tools and server are the same in Dockerfile.gpu.
# Pin the base for builds that can be repeated: --build-arg BASE=debian:trixie-slim@sha256:...
ARG BASE=debian:trixie-slim

FROM ${BASE} AS tools
RUN apt-get update && \
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
      ca-certificates cmake g++ libhwy-dev libjpeg62-turbo-dev libnghttp2-dev \
      libonnxruntime-dev libpng-dev libsimdjson-dev libwebp-dev ninja-build python3-dev \
      python3-venv && \
    python3 -m venv /opt/pip
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# The wheel's files alone, for an environment at /opt/skein: the layer that changes with the code.
FROM tools AS server
WORKDIR /source
COPY . .
RUN /opt/pip/bin/pip wheel --no-deps --wheel-dir /wheels . && \
    python3 -m venv --without-pip /opt/skein && \
    /opt/pip/bin/pip --python /opt/skein/bin/python install --no-compile --no-deps \
      --prefix /opt/server /wheels/*.whl && \
    python3 -m compileall -q --invalidation-mode unchecked-hash /opt/server/lib

# What the server needs: the layer that changes with pyproject.toml.
FROM tools AS dependencies
WORKDIR /requirements
COPY pyproject.toml .
COPY tools/requirements.py tools/
RUN python3 tools/requirements.py cpu > requirements.txt && \
    python3 -m venv --without-pip /opt/skein && \
    /opt/pip/bin/pip --python /opt/skein/bin/python install --no-compile \
      --requirement requirements.txt
# Serving opens libonnxruntime itself: no Python binding of it, nor what only that needs; of
# OpenVINO the CPU's part (and its C library, which `inspect` asks), each library once.
WORKDIR /opt/skein/lib/python3.13/site-packages
RUN rm -r sympy sympy-* isympy.py mpmath mpmath-* onnxruntime/capi/onnxruntime_pybind11_state.* \
      onnxruntime/datasets onnxruntime/quantization onnxruntime/tools onnxruntime/transformers \
      onnxruntime/capi/libopenvino_intel_gpu_plugin.so \
      onnxruntime/capi/libopenvino_intel_npu_plugin.so \
      onnxruntime/capi/libopenvino_auto_plugin.so onnxruntime/capi/libopenvino_hetero_plugin.so && \
    cd onnxruntime/capi && \
    for library in libopenvino libopenvino_c libopenvino_onnx_frontend; do \
      named=$(echo $library.so.????) && \
      ln -sf "$named" $library.so && ln -sf "$named" $library.so.????.?.?; \
    done && \
    find /opt/skein -type d -name tests -prune -exec rm -r {} + && \
    python3 -m compileall -q --invalidation-mode unchecked-hash /opt/skein/lib

FROM ${BASE} AS image
RUN apt-get update && \
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
      libhwy1t64 libjpeg62-turbo libnghttp2-14 libpng16-16t64 libsimdjson25 libwebp7 \
      python3 && \
    apt-get clean && rm -rf /var/lib/apt/lists/* /var/log/*.log /var/log/apt && \
    useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin skein && \
    install --directory --owner 10001 --group 10001 /cache && mkdir /models
COPY --from=dependencies /opt/skein /opt/skein
COPY --from=server /opt/server /opt/skein
ENV PATH=/opt/skein/bin:${PATH} PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
LABEL org.opencontainers.image.title="skein" \
      org.opencontainers.image.description="Inference server for ONNX models, CPU" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
USER 10001:10001
EXPOSE 8000 8001
VOLUME ["/models", "/cache"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/v2/health/ready', timeout=4)"]
ENTRYPOINT ["skein-server"]
CMD ["serve", "--repo", "/models", "--host", "0.0.0.0", "--cache-dir", "/cache"]
