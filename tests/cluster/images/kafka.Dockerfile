# One Kafka node for tests (KRaft), of the jars of Maven Central. Context: stage.mjs.
ARG JAVA_BASE=docker.io/library/eclipse-temurin:17-jre
FROM ${JAVA_BASE}
COPY jars /opt/kafka
COPY kafka.sh /usr/local/bin/start-kafka
USER 10003:10003
ENTRYPOINT ["/bin/sh", "/usr/local/bin/start-kafka"]
