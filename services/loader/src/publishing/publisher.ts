import { FreshetError, type DatasetDefinition, type Mode } from '@freshet/domain';

/** What became of a `publish` command, for the log and the metrics. */
export interface Published {
  readonly outcome: 'published' | 'unchanged' | 'refused' | 'skipped';
  readonly generation: number | null;
  /** Code of the failure when it was refused. */
  readonly code?: string;
  /** Further facts for the log. */
  readonly [fact: string]: unknown;
}

/**
 * Makes a balanced run visible to readers, for datasets of one mode. Called with the run's id as often as the command is delivered: all of
 * the run is visible afterwards or nothing is, the outcome is recorded in the same transaction, and a second call answers the same.
 * Throws `dependency_unavailable` and `definition_unknown`, which a redelivery cures; everything else is recorded as `refused`.
 */
export interface Publisher {
  readonly mode: Mode;
  publish(definition: DatasetDefinition, runId: string): Promise<Published>;
}

/** Every publisher there is, by mode. */
export class Publishers {
  private readonly byMode: ReadonlyMap<Mode, Publisher>;

  constructor(publishers: readonly Publisher[]) {
    this.byMode = new Map(publishers.map((publisher) => [publisher.mode, publisher]));
  }

  /** @throws FreshetError `definition_invalid` */
  get(mode: Mode): Publisher {
    const publisher = this.byMode.get(mode);
    if (publisher) return publisher;
    throw new FreshetError('definition_invalid', {
      message: `datasets of mode ${JSON.stringify(mode)} cannot be published`,
      nextStep: `Use one of: ${[...this.byMode.keys()].join(', ')}.`,
      attributes: { mode },
    });
  }

  /** At start: a definition of a mode that nobody publishes must not wait for its first run to say so. */
  check(definitions: readonly DatasetDefinition[]): this {
    for (const { mode } of definitions) this.get(mode);
    return this;
  }
}
