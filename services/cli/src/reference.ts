import type { Command } from 'commander';

const HEAD = `# The \`freshet\` command

Written by \`node services/cli/dist/write-reference.js\` from the command itself; a test says when this page is old.

It talks to a coordinator over its HTTP API. Which one: \`--url\`, else \`FRESHET_URL\`, else the one that \`npm start\` or
\`npm run demo\` started in this folder or one above it (\`.freshet/standalone.json\`, or the folder named by \`FRESHET_HOME\`).

| variable | meaning |
|---|---|
| \`FRESHET_URL\` | address of the coordinator, \`http://host:port\` |
| \`FRESHET_TOKEN\`, \`FRESHET_TOKEN_FILE\` | bearer token, or a file that holds it |
| \`FRESHET_HOME\` | data folder of the standalone |
| \`FRESHET_EXPORT_ROOT\` | folder below which exports are written, where the coordinator does not say |
| \`FRESHET_DATASETS_DIR\` | extra or overriding definitions, for \`probe\` and \`doctor\` |
| \`EIA_API_KEY\` and the like | keys that definitions name (\`credential\`), for \`probe\` and \`doctor\`; never shown |
| \`FRESHET_PYTHON\` | interpreter for comparing .bin files |
| \`FRESHET_PATIENCE_SECONDS\` | how long to wait for a coordinator, or its database, that is away: while following (120 when absent) and, when set, at the start of a refresh |
| \`FRESHET_TERMINATION_LOG\` | a file that says why the command ended with a code other than 0, in 4096 bytes at most; in a pod \`/dev/termination-log\` |
| \`FRESHET_CRONJOB_NAME\`, \`FRESHET_JOB_NAME\`, \`FRESHET_JOB_UID\` | names of the CronJob and the Job that a refresh belongs to, see below |
| \`FRESHET_SCHEDULE_DELAY_SECONDS\` | how much later than the schedule of the definition the CronJob starts |
| \`FRESHET_SCHEDULED_AT\` | the scheduled time (RFC 3339), where a scheduler other than a CronJob starts the refresh |
| \`NO_COLOR\` | no colours |

| exit code | meaning |
|---|---|
| 0 | done, or nothing had changed |
| 1 | failed |
| 2 | wrong usage or configuration, a token that is not known or may not do this |
| 3 | no coordinator answers |
| 130 | Ctrl-C: following ended, the runs go on |
| 143 | SIGTERM: following ended, the runs go on |

With \`--json\` standard output is exactly one JSON value, also for errors (\`{"error": {"error", "nextStep", "details"}}\`); the shapes
are those of the HTTP API (\`libs/contracts/src/api\`). Without it, results go to standard output; progress, hints and errors to
standard error.

## In a Job

A refresh in a Job that a CronJob created is recorded with the trigger \`schedule\`, under a key made of the dataset and the
scheduled time: if Kubernetes starts the Job or its pod twice, or the scheduler of the coordinator starts the same tick, there is one
run, and all of them follow it. Pods do not carry the scheduled time, but the name of the Job does: \`<cronjob>-<minutes since 1970>\`.
If the dataset is already being refreshed, the command follows that run and ends as it ends.

A refresh in any other Job, such as one of \`kubectl create job --from=cronjob/…\`, is recorded as \`manual\`; all pods of one Job
follow one run. If the dataset is already being refreshed, the command fails and names the run, because the refresh that was asked for
may be a different one.

On SIGTERM (the pod is deleted, or its Job has reached its deadline) the command stops following; the run goes on.
`;

/** The reference page: what every command takes. */
export function referencePage(program: Command): string {
  return [HEAD, '## For every command', options(program), ...program.commands.map(section)].join('\n');
}

function section(command: Command): string {
  const usage = ['freshet', command.name(), command.usage()].join(' ').trim();
  return [
    `## ${command.name()}`,
    '',
    `${sentence(command.description())}`,
    '',
    '```',
    usage,
    '```',
    options(command),
  ].join('\n');
}

function options(command: Command): string {
  if (command.options.length === 0) return '';
  const rows = command.options.map(
    ({ flags, description, defaultValue }) =>
      `| \`${flags}\` | ${cell(description)}${typeof defaultValue === 'number' ? ` (${defaultValue} when absent)` : ''} |`,
  );
  return ['', '| option | |', '|---|---|', ...rows, ''].join('\n');
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
const cell = (text: string): string => text.replaceAll('|', '\\|');
