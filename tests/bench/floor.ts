import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { archiveOf, type BseeDataset } from '@freshet/testing';

export interface Floor {
  readonly seconds: number;
  readonly members: Readonly<Record<string, number>>;
}

/** What stands in the way of measuring the floor here; empty when nothing does. */
export function missingTools(): string[] {
  return ['unzip', 'psql'].filter(
    (tool) => spawnSync(tool, [tool === 'psql' ? '--version' : '-v'], { stdio: 'ignore' }).status !== 0,
  );
}

/**
 * The least that loading can cost: `unzip -p archive member | psql -c "\copy … csv"`, one member after the other, into plain
 * tables of text columns in the same server.
 */
export async function measureFloor(archive: string, dataset: BseeDataset, databaseUrl: string): Promise<Floor> {
  const spec = archiveOf(dataset);
  const members: Record<string, number> = {};
  let seconds = 0;
  for (const { name, columns } of spec.members) {
    const table = `floor_${name.replace(/\.txt$/, '')}`;
    psql(
      databaseUrl,
      `CREATE TABLE ${table} (${columns.map(([column]) => `"${column.toLowerCase()}" text`).join(', ')})`,
    );
    const began = process.hrtime.bigint();
    await copyMember(archive, `${spec.folder}/${name}`, table, databaseUrl);
    const took = Number(process.hrtime.bigint() - began) / 1e9;
    members[name] = round(took);
    seconds += took;
  }
  return { seconds: round(seconds), members };
}

async function copyMember(archive: string, member: string, table: string, databaseUrl: string): Promise<void> {
  const unzip = spawn('unzip', ['-p', archive, member], { stdio: ['ignore', 'pipe', 'inherit'] });
  const copy = `\\copy ${table} from pstdin with (format csv, header true, encoding 'WIN1252')`;
  const psqlProcess = spawn('psql', ['--quiet', '--no-psqlrc', databaseUrl, '-c', copy], {
    stdio: [unzip.stdout, 'ignore', 'inherit'],
  });
  // The pipe belongs to the two children alone.
  unzip.stdout.destroy();
  const [[unzipped], [copied]] = (await Promise.all([once(unzip, 'exit'), once(psqlProcess, 'exit')])) as [
    [number],
    [number],
  ];
  if (unzipped !== 0 || copied !== 0)
    throw new Error(`the floor failed for ${member}: unzip ${unzipped}, psql ${copied}`);
}

function psql(databaseUrl: string, sql: string): void {
  const result = spawnSync('psql', ['--quiet', '--no-psqlrc', databaseUrl, '-c', sql], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`psql: ${result.stderr}`);
}

export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));
