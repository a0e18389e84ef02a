# Pandian as a container: docker build -t pandian . && docker run --init -p 8080:8080 -v pandian:/data --env-file .env pandian
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
WORKDIR /app
COPY .ci/uv.txt /tmp/uv.txt
RUN python3.11 -m pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes --only-binary :all: \
    --target /opt/uv -r /tmp/uv.txt
COPY requirements.txt ./
ENV UV_PYTHON_DOWNLOADS=never UV_SYSTEM_CERTS=1
RUN /opt/uv/bin/uv venv --quiet --python python3.11 .venv \
    && /opt/uv/bin/uv pip install --quiet --no-cache --python .venv/bin/python --require-hashes --compile-bytecode \
    -r requirements.txt
COPY locales locales
COPY models models
COPY handlers handlers
COPY bot bot
RUN .venv/bin/python -m compileall -q bot handlers models

FROM ${BASE}
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PANDIAN_HOST=0.0.0.0 \
    PANDIAN_PORT=8080 \
    DATABASE_URL=sqlite:////data/pandian.db \
    MPLCONFIGDIR=/data/matplotlib \
    HOME=/data
RUN install -d -o 10001 -g 10001 -m 0700 /data
WORKDIR /app
COPY --from=build /app /app
USER 10001:10001
VOLUME /data
EXPOSE 8080
# Past any proxy of the environment: this asks ourselves.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-c", "import os, urllib.request as u; \
u.build_opener(u.ProxyHandler({})).open('http://127.0.0.1:' + os.environ['PANDIAN_PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
