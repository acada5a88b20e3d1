FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements/ requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/uv.txt \
    && uv venv /larder \
    && uv pip install --python /larder/bin/python --require-hashes -r requirements/run.txt
COPY . .
RUN uv pip install --python /larder/bin/python --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --system --uid 10001 larder && install -d -o larder /var/lib/larder
COPY --from=build /larder /larder
ENV PATH=/larder/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    LARDER_DATA_DIR=/var/lib/larder \
    LARDER_HOST=0.0.0.0
USER larder
WORKDIR /var/lib/larder
EXPOSE 8000
CMD ["larder", "serve"]
