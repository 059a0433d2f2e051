/** Kinds of values that stand in several places of a definition. */
import { compileDateLayout } from '@freshet/domain';
import { Cron } from 'croner';
import { z } from 'zod';

export const layout = z.string().superRefine((text, context) => {
  try {
    compileDateLayout(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'not a layout' });
  }
});

export const timeZone = z.string().refine((zone) => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
  } catch {
    return false;
  }
}, 'expected a time zone of the IANA database, such as UTC or America/Chicago');

const cron = z.string().refine(isCron, 'expected a cron expression with five fields, such as 30 5 * * *');
export const cronList = z.union([cron, z.array(cron).min(1)]);

function isCron(expression: string): boolean {
  if (expression.trim().split(/\s+/).length !== 5) return false;
  try {
    return new Cron(expression, { paused: true }).nextRun() !== null;
  } catch {
    return false;
  }
}
