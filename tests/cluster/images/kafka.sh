# Formats /data at the first start, then becomes the broker. ADVERTISED names the address that clients are told.
set -eu
JAVA="java -Xmx320m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.awt.headless=true -Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
cat >/tmp/server.properties <<P
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:9093
listeners=PLAINTEXT://0.0.0.0:9092,CONTROLLER://127.0.0.1:9093
advertised.listeners=PLAINTEXT://$ADVERTISED:9092
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=/data/kafka
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=4194304
num.network.threads=2
num.io.threads=4
background.threads=2
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
P
if [ ! -f /data/kafka/meta.properties ]; then
  $JAVA -cp '/opt/kafka/*' kafka.tools.StorageTool format -t 4L6g3nShTA-eMCtK--X86w -c /tmp/server.properties >/dev/null
fi
exec $JAVA -cp '/opt/kafka/*' kafka.Kafka /tmp/server.properties
