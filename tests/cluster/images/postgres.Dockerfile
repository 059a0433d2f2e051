# PostgreSQL for tests, of the binaries that the embedded-postgres package ships. Context: stage.mjs.
ARG BUILD_BASE=docker.io/library/debian:bookworm-slim
FROM ${BUILD_BASE}
COPY native /opt/postgres
COPY postgres.sh /usr/local/bin/start-postgres
# initdb wants its user to have a name.
RUN echo 'postgres:x:10002:10002::/data:/bin/sh' >>/etc/passwd
ENV PATH=/opt/postgres/bin:/usr/local/bin:/usr/bin:/bin LC_ALL=C
USER 10002:10002
ENTRYPOINT ["/bin/sh", "/usr/local/bin/start-postgres"]
