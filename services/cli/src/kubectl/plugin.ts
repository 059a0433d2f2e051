import { readFlags, FLAGS_HELP } from './flags';
import type { ExitCode } from '../exit';
import { reportError, runCli } from '../program';
import type { World } from '../world';
import { forward } from './forward';
import { Kubectl } from './kubectl';
import { findRelease, readToken } from './release';

/** Runs the command against a release in a cluster, through a port that kubectl forwards for as long as that takes. */
export async function runPlugin(argv: readonly string[], given: World, program = 'kubectl'): Promise<ExitCode> {
  const world: World = { ...given, program: 'kubectl freshet' };
  const json = argv.includes('--json');
  try {
    const { target, rest } = readFlags(argv);
    if (needsNoCluster(rest)) {
      const code = await runCli(rest, world);
      if (!rest.includes('--version') && !rest.includes('-V')) world.stdout.write(FLAGS_HELP);
      return code;
    }
    const kubectl = new Kubectl(target, program);
    const release = await findRelease(kubectl);
    const token = tokenIn(rest, world) ?? (await readToken(kubectl, release));
    const note = (text: string): void => void (json || world.stderr.write(`${text}\n`));
    const { url, close } = await forward(kubectl, release.coordinator, note);
    try {
      return await runCli(rest, {
        ...world,
        environment: { ...world.environment, FRESHET_URL: url, FRESHET_TOKEN: token },
        remote: `the release "${target.release}" in the namespace "${release.namespace}"`,
      });
    } finally {
      close();
    }
  } catch (error) {
    return reportError(error, json, world);
  }
}

/** A token that the user has is used before any Secret is read. */
const tokenIn = (argv: readonly string[], { environment }: World): string | undefined =>
  environment.FRESHET_TOKEN ?? (argv.some((argument) => /^--token(=|$)/.test(argument)) ? '' : undefined);

const needsNoCluster = (argv: readonly string[]): boolean =>
  argv.length === 0 || argv[0] === 'help' || argv.some((argument) => /^(-h|--help|-V|--version)$/.test(argument));
