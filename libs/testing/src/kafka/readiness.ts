import { Kafka, logLevel } from 'kafkajs';

/** True when a broker answers and has elected a controller; false after about a second without. Never throws. */
export async function brokerAnswers(brokers: string[]): Promise<boolean> {
  const kafka = new Kafka({
    clientId: 'freshet-test-readiness',
    brokers,
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1_000,
    requestTimeout: 2_000,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const { brokers: known, controller } = await admin.describeCluster();
    if (known.length > 0 && controller !== null && controller >= 0) return true;
  } catch {
    // Not yet.
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
  await new Promise((resolve) => setTimeout(resolve, 200));
  return false;
}
