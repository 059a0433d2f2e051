# One Kafka node for tests (KRaft), of the jars of Maven Central and Debian's Java. Context: a folder with `java` and `jars`.
ARG BUILD_BASE
FROM ${BUILD_BASE}
COPY java /
COPY jars /opt/kafka
COPY kafka.sh /usr/local/bin/start-kafka
USER 10003:10003
ENTRYPOINT ["/bin/sh", "/usr/local/bin/start-kafka"]
