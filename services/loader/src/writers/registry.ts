import { FreshetError, type DatasetDefinition } from '@freshet/domain';
import type { ExportWriter } from './writer';

/** Every writer there is, by kind. */
export class WriterRegistry {
  private readonly byKind: ReadonlyMap<string, ExportWriter>;

  constructor(writers: readonly ExportWriter[]) {
    this.byKind = new Map(writers.map((writer) => [writer.kind, writer]));
  }

  /** @throws FreshetError `definition_invalid` */
  get(kind: string): ExportWriter {
    const writer = this.byKind.get(kind);
    if (writer) return writer;
    throw new FreshetError('definition_invalid', {
      message: `there is no writer named ${JSON.stringify(kind)}`,
      nextStep: `Use one of: ${[...this.byKind.keys()].join(', ')}.`,
      attributes: { kind },
    });
  }

  /** At start: a definition that names a missing writer must not wait for its first publication to say so. */
  check(definitions: readonly DatasetDefinition[]): this {
    for (const { exports } of definitions) for (const { kind } of exports) this.get(kind);
    return this;
  }
}
