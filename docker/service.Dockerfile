# An image of one Freshet service or of the command: docker build -f docker/service.Dockerfile --build-arg SERVICE=parser .
# Builds with docker, podman and buildah alike. The last stage runs nothing, so its base needs no shell.
ARG BUILD_BASE=docker.io/library/node:24-bookworm-slim
ARG BASE=docker.io/library/node:24-bookworm-slim

# What decides the dependencies, and nothing else: a change of code leaves the next stage's install in the cache.
FROM ${BUILD_BASE} AS manifests
COPY . /src
RUN find /src -type f ! -name package.json ! -name package-lock.json ! -name .npmrc -delete && find /src -type d -empty -delete

FROM ${BUILD_BASE} AS build
WORKDIR /src
COPY --from=manifests /src ./
RUN npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && rm -rf /root/.npm
COPY . .
RUN node_modules/.bin/tsc -b
ARG SERVICE
RUN node docker/trace.mjs "$SERVICE" /out

FROM ${BASE}
ARG SERVICE
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="freshet/${SERVICE}" \
      org.opencontainers.image.description="Freshet ${SERVICE}: keeps public data fresh" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /out ./
# No name: it has to be a number for Kubernetes to see that it is not root.
USER 10001:10001
# Node is process 1; the services handle SIGTERM themselves.
ENTRYPOINT ["node", "/app/main.js"]
