import type { LineageStepView, LineageView } from '@freshet/contracts';
import { bytes, instant } from '../output/format';
import type { Printer } from '../output/printer';
import { printable } from '../output/text';
import type { Register } from '../program';
import { instantOf } from './instants';

export const registerLineage = (register: Register): void =>
  register(
    'lineage <series> <time>',
    'where one value came from: run, request, definition and row, and what it replaced',
    (command) => void command.option('--dataset <id>', 'where several datasets have a series of the name'),
    async (session, [series = '', time = ''], options) => {
      const dataset = options['dataset'] as string | undefined;
      if (dataset !== undefined) await session.dataset(dataset);
      const view = await session.client.lineage({ series, time: instantOf('time', time), dataset });
      session.print.result(view, () => printLineage(view, session.print));
    },
  );

function printLineage({ dataset, series, startsAt, endsAt, steps, lastConfirmed }: LineageView, print: Printer): void {
  const [current, ...earlier] = steps;
  print.line(`${print.paint(series, 'strong')}, ${instant(startsAt)} to ${instant(endsAt)} (${dataset})`);
  if (current) printStep(current, print);
  if (lastConfirmed) print.line(`${label('confirmed')}${instant(lastConfirmed.at)} by run ${lastConfirmed.runId}`);
  if (earlier.length === 0) return;
  print.line();
  print.line('Earlier values, newest first');
  for (const step of earlier) {
    print.line();
    printStep(step, print);
  }
}

/** Brackets as brackets: parameters such as `facets[type][]` are read by people here. */
function readable(url: string): string {
  try {
    return decodeURI(url);
  } catch {
    return url;
  }
}

const WIDTH = 13;
const label = (text: string): string => `  ${text.padEnd(WIDTH)}`;

function printStep(step: LineageStepView, print: Printer): void {
  const late = step.late ? ', in an answer older than the one stored' : '';
  const rows: Array<readonly [string, string]> = [
    ['value', `${step.value ?? 'none'} (${step.quality})`],
    ['seen', `${instant(step.seenAt)}${late}`],
    ['run', `${step.runId}, task ${step.taskId}, attempt ${step.attempt}`],
  ];
  if (step.request) {
    const { url, at, status, ms, bytes: size, sha256, warnings } = step.request;
    rows.push(
      ['request', readable(url)],
      ['answered', `${instant(at)}, HTTP ${status} after ${ms} ms, ${bytes(size)}`],
      ['sha256', sha256],
    );
    for (const warning of warnings) rows.push(['warning', warning]);
  }
  rows.push(
    ['position', `chunk ${step.chunk}, row ${step.row}`],
    ['definition', step.contentVersion],
    ['as received', step.source],
  );
  for (const [title, value] of rows) print.line(label(title) + printable(value));
}
