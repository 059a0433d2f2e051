import type { Printer } from '../output/printer';
import type { OriginalConfig } from './read';

export { readOriginalConfig, type OriginalConfig } from './read';

/** Says what the file asks for, and what becomes of the rest of it. */
export function explainConfig(config: OriginalConfig, print: Printer): void {
  print.note(`${config.path}: refreshing ${config.datasets.join(', ')}`);
  if (config.notes.length === 0) return;
  print.note('These keys have no effect; what Freshet does instead:', 'care');
  for (const { key, instead } of config.notes) print.note(`  ${key}: ${instead}`);
}
