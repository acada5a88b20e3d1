# syntax=docker/dockerfile:1
# One image for all that Larder runs: `larder serve`, and with another command `larder worker` and `larder migrate`.
# docs/deploying.md tells how to run it, and what of it was tested.

ARG PYTHON=3.13-slim

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1 \
    UV_PYTHON_DOWNLOADS=never
WORKDIR /src
COPY requirements/uv.txt requirements/run.txt requirements/image.txt requirements/
RUN pip install --require-hashes -r requirements/uv.txt \
    && uv venv /larder \
    && uv pip install --python /larder/bin/python --compile-bytecode --require-hashes -r requirements/image.txt
COPY pyproject.toml README.md LICENSE ./
COPY catalog/ catalog/
COPY gateway/ gateway/
COPY larder/ larder/
COPY loaders/ loaders/
COPY persisted_queries/ persisted_queries/
COPY plans/ plans/
COPY resolvers/ resolvers/
COPY schema/ schema/
COPY sync/ sync/
RUN uv build --wheel --require-hashes --build-constraints requirements/run.txt --out-dir /dist \
    && uv pip install --python /larder/bin/python --compile-bytecode --no-deps --offline /dist/*.whl

FROM python:${PYTHON}
LABEL org.opencontainers.image.title="Larder" \
      org.opencontainers.image.description="A GraphQL read gateway over a store that is synced from supplier APIs." \
      org.opencontainers.image.licenses="Apache-2.0"
RUN pip uninstall --yes --root-user-action=ignore pip \
    && groupadd --system --gid 10001 larder \
    && useradd --system --uid 10001 --gid larder --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin larder \
    && install -d -o larder -g larder -m 0700 /var/lib/larder \
    && install -d /srv/larder
COPY --from=build /larder /larder
ENV PATH=/larder/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    LARDER_DATA_DIR=/var/lib/larder \
    LARDER_HOST=0.0.0.0 \
    LARDER_PORT=8000
USER 10001:10001
# A project's modules and its .env, if there are any.
WORKDIR /srv/larder
EXPOSE 8000
STOPSIGNAL SIGTERM
# Whether the process lives; whether it can serve is /health/ready. Switch it off for other commands than serve.
HEALTHCHECK --interval=10s --timeout=4s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['LARDER_PORT'] + '/health/live', timeout=3)"]
ENTRYPOINT ["larder"]
CMD ["serve"]
