# connectorwatch in a container, from a release's files alone: no copy of the repository. README.md says how.
#
# The base is pinned to a version of Python and of Debian. Pin it further to the digest that your registry shows, and
# let a bot renew it; the digest could not be looked up where this file was written.
FROM python:3.13-slim-bookworm AS build
WORKDIR /build
COPY requirements-wheel.txt connectorwatch-*.whl ./
RUN python -m venv /opt/venv \
    && /opt/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
        --require-hashes --only-binary :all: --requirement requirements-wheel.txt \
    && /opt/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
        --no-deps --no-index --find-links . connectorwatch

FROM python:3.13-slim-bookworm
# checkov:skip=CKV_DOCKER_2:a scan ends by itself, and its exit code says how it went; there is nothing to ask for health
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    CONNECTORWATCH_STORAGE=/data
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
RUN install --directory --owner=10001 --group=10001 --mode=0700 /data
USER 10001:10001
# The first process of a container gets only signals that it handles; Python handles this one and not SIGTERM.
STOPSIGNAL SIGINT
VOLUME /data
ENTRYPOINT ["connectorwatch"]
CMD ["scan"]
