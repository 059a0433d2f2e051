import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { registerCommands } from './commands';
import { EXIT, toProblem, UsageError, type ExitCode, type Problem } from './exit';
import { Session, type GlobalFlags } from './session';
import { wrap } from './output/text';
import { writeTerminationLog, type Reason } from './termination-log';
import type { World } from './world';

/** What a command does; what it returns is the exit code, 0 when nothing. */
export type Action = (
  session: Session,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
) => Promise<ExitCode | void>;

/** Adds a command; `syntax` is commander's, for example `refresh [targets...]`. */
export type Register = (
  syntax: string,
  description: string,
  configure: (command: Command) => void,
  action: Action,
) => void;

/** Runs one invocation and gives its exit code; never throws. `argv` is without node and script. */
export async function runCli(argv: readonly string[], world: World): Promise<ExitCode> {
  const reasons: Reason[] = [];
  const exit = await run(argv, world, reasons);
  const { FRESHET_TERMINATION_LOG: path } = world.environment;
  if (exit === EXIT.ok || path === undefined) return exit;
  const complaint = writeTerminationLog(path, reasons);
  if (complaint !== undefined) world.stderr.write(`freshet: ${complaint}\n`);
  return exit;
}

async function run(argv: readonly string[], world: World, reasons: Reason[]): Promise<ExitCode> {
  let exit: ExitCode = EXIT.ok;
  const json = argv.includes('--json');
  const program = createProgram(world, (code) => (exit = code), json, reasons);
  const failed = (error: unknown, silent = false): ExitCode => {
    const { exit: code, ...problem } = toProblem(error);
    if (!silent) report(problem, json, world);
    const message = unsaid(problem).join('\n');
    reasons.unshift({ what: `freshet: ${problem.error}`, message, nextStep: problem.nextStep });
    return code;
  };
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exit;
  } catch (error) {
    if (!(error instanceof CommanderError)) return failed(error);
    if (error.exitCode === 0) return EXIT.ok;
    // Without --json commander has printed it, with the suggestion and the way to the help.
    return failed(new UsageError(error.message.replace(/^error: /, '')), !json);
  }
}

/** Says what went wrong before a command could run. */
export function reportError(error: unknown, json: boolean, world: World): ExitCode {
  const { exit, ...problem } = toProblem(error);
  report(problem, json, world);
  return exit;
}

/** The whole command line; nothing runs before it is parsed. Why a command ends with another code than 0 goes into `reasons`. */
export function createProgram(
  world: World,
  setExit: (code: ExitCode) => void,
  json = false,
  reasons: Reason[] = [],
): Command {
  const program = new Command(world.program ?? 'freshet')
    .description('Keeps public data fresh: fetched, validated, loaded exactly once, published whole.')
    .version(version(), '-V, --version', 'print the version')
    .option('--url <address>', 'coordinator to talk to (FRESHET_URL; otherwise the standalone of this folder)')
    .option(
      '--token <token>',
      'bearer token (better: FRESHET_TOKEN or FRESHET_TOKEN_FILE, which process lists do not show)',
    )
    .option('--json', 'print the result as one JSON value')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => void world.stdout.write(text),
      writeErr: (text) => void (json || world.stderr.write(text)),
      getOutHelpWidth: () => Math.max(60, world.stdout.columns ?? 100),
      getErrHelpWidth: () => Math.max(60, world.stderr.columns ?? 100),
      getOutHasColors: () => world.stdout.isTTY && world.environment.NO_COLOR === undefined,
      getErrHasColors: () => world.stderr.isTTY && world.environment.NO_COLOR === undefined,
    })
    .addHelpText(
      'after',
      '\nExit codes: 0 done or unchanged, 1 failed, 2 wrong usage or configuration, 3 no coordinator answers.',
    );
  const register: Register = (syntax, description, configure, action) => {
    const command = program.command(syntax).description(description);
    configure(command);
    command.action(async () => {
      const session = new Session(world, command.optsWithGlobals<GlobalFlags>(), reasons);
      const exit = (await session.explaining(() => action(session, command.args, command.opts()))) ?? EXIT.ok;
      if (exit !== EXIT.ok && reasons.length === 0)
        reasons.push({
          what: `freshet ${command.name()} ended with exit code ${exit}`,
          nextStep: 'Its output has the details.',
        });
      setExit(exit);
    });
  };
  registerCommands(register);
  return program;
}

function report(problem: Omit<Problem, 'exit'>, json: boolean, world: World): void {
  if (json) return void world.stdout.write(`${JSON.stringify({ error: problem }, null, 2)}\n`);
  const width = world.stderr.isTTY ? Math.max(40, world.stderr.columns ?? 80) : Number.POSITIVE_INFINITY;
  world.stderr.write(`${world.program ?? 'freshet'}: ${problem.error}\n`);
  for (const detail of unsaid(problem)) world.stderr.write(`${wrap(`  - ${detail}`, width, '    ')}\n`);
  if (problem.nextStep) world.stderr.write(`${wrap(problem.nextStep, width)}\n`);
}

/** A coordinator puts a single mistake into the sentence as well; read twice, it looks like two. */
const unsaid = ({ error, details = [] }: Omit<Problem, 'exit'>): readonly string[] =>
  details.filter((detail) => !error.includes(detail));

/** Of the package, which stands beside `src` and `dist` alike. */
const version = (): string =>
  (JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8')) as { version: string }).version;
