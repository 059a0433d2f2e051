import { Inject, Injectable } from '@nestjs/common';
import {
  PublishedRows,
  chunkSummaries,
  exportOutcome,
  generationResources,
  generationState,
  isUnavailable,
  recordExport,
  recordExportFailure,
  type Database,
  type GenerationResource,
  type StoredExportFile,
} from '@freshet/database';
import { FreshetError, toFailure, type DatasetDefinition, type Logger } from '@freshet/domain';
import { LOGGER } from '@freshet/runtime';
import { DATABASE, LOADER_SETTINGS, type LoaderSettings } from '../tokens';
import { WriterRegistry } from '../writers/registry';
import type { ExportRequest } from '../writers/writer';

/** Writes the files of a dataset's published generation and records them under the run that asked. */
@Injectable()
export class Exporter {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(WriterRegistry) private readonly writers: WriterRegistry,
    @Inject(LOADER_SETTINGS) private readonly settings: LoaderSettings,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Files always stand for the generation readers see: the run's own, or the one of a rollback. A failure of the files is recorded and
   * not thrown; only a database that does not answer, or work that was taken away, has the command delivered again. A command that was
   * repeated, because large files take longer than the coordinator waits, finds what the first one did.
   */
  async export(
    definition: DatasetDefinition,
    runId: string,
    signal: AbortSignal,
  ): Promise<{ readonly outcome: string; readonly files: number }> {
    if ((await exportOutcome(this.database, runId)) !== null) return { outcome: 'done_before', files: 0 };
    try {
      const { generation, files } = await this.write(definition, signal);
      await recordExport(this.database, runId, generation, files);
      for (const { path, bytes, warning } of files) if (warning) this.logger.warn({ runId, path, bytes }, warning);
      return { outcome: 'written', files: files.length };
    } catch (error) {
      if (isUnavailable(error) || signal.aborted) throw error;
      const failure =
        error instanceof FreshetError ? error.toFailure() : { ...toFailure(error), code: 'export_failed' as const };
      this.logger.error({ runId, dataset: definition.id, failure }, 'the files of a generation could not be written');
      await recordExportFailure(this.database, runId, failure);
      return { outcome: 'failed', files: 0 };
    }
  }

  private async write(
    definition: DatasetDefinition,
    signal: AbortSignal,
  ): Promise<{ generation: number; files: StoredExportFile[] }> {
    const { current } = await generationState(this.database, definition.id);
    if (current === null) throw nothingPublished(definition.id);
    const published = new Map(
      (await generationResources(this.database, definition.id, current)).map((entry) => [entry.resource, entry]),
    );
    const files = await PublishedRows.with(this.database, async (reader) => {
      const written: StoredExportFile[] = [];
      for (const target of definition.exports) {
        const writer = this.writers.get(target.kind);
        for (const resource of definition.resources) {
          const entry = published.get(resource.name);
          if (!entry) continue;
          const summaries = await chunkSummaries(this.database, entry, resource.name);
          const request = this.request(definition.id, entry, reader, {
            definition: resource,
            generation: current,
            export: target,
            summaries,
            signal,
          });
          written.push(...(await writer.write(request)).map((file) => ({ ...file, resource: resource.name })));
        }
      }
      return written;
    });
    return { generation: current, files };
  }

  private request(
    dataset: string,
    entry: GenerationResource,
    reader: PublishedRows,
    given: Pick<ExportRequest, 'generation' | 'export' | 'summaries' | 'signal'> & {
      readonly definition: ExportRequest['resource']['definition'];
    },
  ): ExportRequest {
    const { definition, ...rest } = given;
    const { resource, rowsFrom, rows, sha256, columns } = entry;
    const all = columns.map(({ name }) => name);
    const openRows = (names: readonly string[] = all) =>
      reader.read({ dataset, resource, rowsFrom }, { columns: names });
    return {
      ...rest,
      resource: { dataset, definition, rowsFrom, rows, sha256 },
      rows: openRows(),
      openRows,
      columns,
      root: this.settings.exportRoot,
    };
  }
}

const nothingPublished = (dataset: string): FreshetError =>
  new FreshetError('export_failed', {
    kind: 'terminal',
    message: `${dataset} has no published generation to write files from`,
    nextStep: `Refresh it first: freshet refresh ${dataset}.`,
    attributes: { dataset },
  });
