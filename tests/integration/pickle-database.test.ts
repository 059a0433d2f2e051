import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chunkSummaries, generationResources, publish, PublishedRows } from '@freshet/database';
import { silentLogger } from '@freshet/domain';
import { startPostgres, type RunningPostgres } from '@freshet/testing';
import { PickleWriter } from '../../services/loader/src/writers/pickle';
import { World, type Delivery } from './loading/world';
import { bseeMembers, type BseeMember } from './pickle/bsee-members';
import { describeWithPandas } from './pickle/python-env';
import { withFolder, writeJson } from './pickle/write-bin';

describeWithPandas('a pickle of a published generation', (environments) => {
  jest.setTimeout(600_000);
  let postgres: RunningPostgres;
  let world: World;
  beforeAll(async () => {
    postgres = await startPostgres();
    world = await World.open(await postgres.createDatabase('pickle'));
  }, 180_000);
  afterAll(async () => {
    await world?.close();
    await postgres?.stop();
  });

  /** Loads and publishes the members of one dataset, and returns the generation. */
  async function publishMembers(members: readonly BseeMember[]): Promise<number> {
    const definition = members[0]?.definition;
    if (!definition) throw new Error('no members');
    const plan = await world.plan(definition);
    const { runId, taskId, attempt } = plan;
    const deliveries = members.flatMap(({ batches }) =>
      batches.map(({ meta, body }): Delivery => ({
        batch: { ...meta, type: 'batch.validated', runId, taskId, attempt },
        body,
      })),
    );
    await world.load(deliveries);
    await world.readyToPublish(plan, deliveries);
    const publication = await publish(world.database, definition, runId);
    expect(publication).toMatchObject({ outcome: 'published', failure: null });
    await world.end(plan, 'published');
    return plan.generation;
  }

  it('equals what pandas reads from the members, after the way through PostgreSQL', async () => {
    const byDataset = new Map<string, BseeMember[]>();
    for await (const member of bseeMembers(300)) {
      byDataset.set(member.definition.id, [...(byDataset.get(member.definition.id) ?? []), member]);
    }
    await withFolder(async (root) => {
      const pairs: Array<{ bin: string; member: string }> = [];
      for (const [dataset, members] of byDataset) {
        const generation = await publishMembers(members);
        const published = await generationResources(world.database, dataset, generation);
        for (const { definition, resource, raw } of members) {
          const entry = published.find((candidate) => candidate.resource === resource.name);
          const [target] = definition.exports;
          if (!entry || !target) throw new Error(`${resource.name} is not published`);
          const summaries = await chunkSummaries(world.database, entry, resource.name);
          const files = await PublishedRows.with(world.database, (reader) => {
            const all = entry.columns.map(({ name }) => name);
            const openRows = (columns: readonly string[] = all): AsyncIterable<Buffer> =>
              reader.read(
                { dataset, resource: resource.name, rowsFrom: entry.rowsFrom },
                { columns, chunksPerRead: 2 },
              );
            return new PickleWriter(silentLogger).write({
              generation,
              resource: { dataset, definition: resource, ...entry },
              rows: openRows(),
              openRows,
              summaries,
              columns: entry.columns,
              export: target,
              root,
              signal: new AbortController().signal,
            });
          });
          const member = join(root, resource.member);
          await writeFile(member, raw);
          pairs.push({ bin: join(root, ...(files[0]?.path ?? '').split('/')), member });
        }
      }
      expect(pairs).toHaveLength(14);
      for (const python of environments()) {
        const script = join(__dirname, 'pickle', 'compare_frames.py');
        const lines = (await python.run(script, await writeJson(root, 'pairs.json', pairs))).trim().split('\n');
        const outcomes = lines.map((line) => JSON.parse(line) as { equal: boolean });
        expect(outcomes.filter(({ equal }) => !equal)).toEqual([]);
        expect(outcomes).toHaveLength(14);
      }
    });
  });
});
