import { join } from 'node:path';
import { publishedContent } from '@freshet/testing';
import { refreshed, standaloneContentOf } from '../support/reference';
import { RELEASE, type Installation } from '../support/installation';
import { eventually, type Pod } from '../support/kubectl';
import { peakUsage, table, usageOf } from '../support/usage';

const MIB_LIMIT = 256;

/** Well activity at its real size, 2.0 million rows, with the limits of the chart. */
export function memoryTests(freshet: () => Installation): void {
  describe('full size', () => {
    it('publishes well activity at its real size with 256 MiB for every pod', async () => {
      const { kubectl, client } = freshet();
      await freshet().upgrade({ values: [join(__dirname, '..', 'values', 'full-size.yaml')] });
      // New pods all: what they restarted for in other suites does not count.
      await kubectl.run(['rollout', 'restart', 'deployment', '-l', `app.kubernetes.io/instance=${RELEASE}`]);
      await freshet().healthy();
      const idle = await eventually(
        'metrics of every pod',
        async () => {
          const usage = await usageOf(kubectl);
          return usage.size >= 9 && usage;
        },
        90_000,
      );
      process.stdout.write(table('idle', idle));
      const began = Date.now();
      const { peaks } = await peakUsage(kubectl, refreshed(client, { datasets: ['bsee.war'], force: true }));
      process.stdout.write(table(`well activity at 1 x, ${((Date.now() - began) / 1000).toFixed(0)} s`, peaks));

      const pods = await kubectl.list<
        Pod & { spec: { containers: ReadonlyArray<{ resources: { limits?: { memory?: string } } }> } }
      >('pods', `app.kubernetes.io/instance=${RELEASE}`);
      const services = pods.filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/component'] !== 'simulators');
      for (const { metadata, spec, status } of services) {
        expect([metadata.name, spec.containers.map(({ resources }) => resources.limits?.memory)]).toEqual([
          metadata.name,
          [`${MIB_LIMIT}Mi`],
        ]);
        expect([metadata.name, status.containerStatuses?.map(({ restartCount }) => restartCount)]).toEqual([
          metadata.name,
          [0],
        ]);
      }
      const content = await publishedContent(freshet().databaseUrl, 'bsee.war');
      expect(content).toEqual(await standaloneContentOf(freshet().publishers, 'bsee.war'));
    }, 900_000);
  });
}
