import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { isAlive } from '@freshet/runtime/process';

const WAIT_FOR_OTHER_MS = 5 * 60_000;

/**
 * Folder with the jars of that Kafka version, fetched from Maven Central once and kept below the user's cache folder.
 * Several processes may ask at once: one fetches, the others wait; a folder that exists is complete, because it is renamed
 * into place.
 */
export async function kafkaJars(
  version: string,
  cache = join(homedir(), '.cache', 'freshet', 'kafka'),
): Promise<string> {
  const folder = join(cache, version);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const lock = join(cache, `${version}.lock`);
  const deadline = Date.now() + WAIT_FOR_OTHER_MS;
  while (!(await takeLock(lock))) {
    if (existsSync(folder)) return folder;
    if (Date.now() > deadline)
      throw new Error(`another process has been fetching Kafka ${version} for too long; remove ${lock}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    if (!existsSync(folder)) await fetchJars(version, cache, folder);
    return folder;
  } finally {
    await rm(lock, { force: true });
  }
}

/** A lock left by a process that is gone counts as free. */
async function takeLock(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch {
    const owner = Number(await readFile(path, 'utf8').catch(() => ''));
    if (owner > 0 && !isAlive(owner)) await rm(path, { force: true });
    return false;
  }
}

async function fetchJars(version: string, cache: string, folder: string): Promise<void> {
  const work = await mkdtemp(join(cache, `${version}-`));
  try {
    await writeFile(join(work, 'pom.xml'), pom(version));
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${join(work, 'jars')}`];
    await run('mvn', ['-B', '-q', ...goal], work);
    await mkdir(dirname(folder), { recursive: true });
    await rename(join(work, 'jars'), folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** `slf4j-simple`, because Kafka's own dependencies leave its log without a place to go. */
const pom = (version: string): string => `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>dev.freshet</groupId>
  <artifactId>test-broker</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${version}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`;

/** @throws Error with the end of the command's output. */
export async function run(command: string, args: readonly string[], cwd?: string): Promise<string> {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (data: Buffer): void => void (output = (output + data.toString()).slice(-8_000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${command} ${args.slice(0, 3).join(' ')} … ended with ${code}:\n${output}`);
  return output;
}
