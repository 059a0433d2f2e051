import type { DatasetDefinition } from '@freshet/domain';
import { WriterRegistry } from './registry';
import type { ExportWriter } from './writer';

const none: ExportWriter = { kind: 'none', write: () => Promise.resolve([]) };
const naming = (kind: string) => [{ exports: [{ kind }] } as unknown as DatasetDefinition];

describe('the registry of writers', () => {
  it('finds a writer by its kind', () => {
    expect(new WriterRegistry([none]).check(naming('none')).get('none')).toBe(none);
  });

  it('refuses to start with a definition that names a missing one', () => {
    expect(() => new WriterRegistry([none]).check(naming('parquet'))).toThrow(/no writer named "parquet"/);
  });
});
