import { FreshetError, type DatasetDefinition, type ResourceDefinition } from '@freshet/domain';
import { suggest } from './suggest';

/** Injection token of the catalog. */
export const CATALOG = Symbol('freshet.catalog');

/** The definitions a process works with: read once at start, then only asked. */
export class Catalog {
  private readonly byId: ReadonlyMap<string, DatasetDefinition>;

  constructor(definitions: readonly DatasetDefinition[]) {
    const sorted = [...definitions].sort((a, b) => (a.id < b.id ? -1 : 1));
    this.byId = new Map(sorted.map((definition) => [definition.id, definition]));
  }

  /** All definitions, by id. */
  all(): readonly DatasetDefinition[] {
    return [...this.byId.values()];
  }

  /** @throws FreshetError `definition_unknown`, with the nearest id. */
  get(id: string): DatasetDefinition {
    const definition = this.byId.get(id);
    if (!definition) throw this.unknown(id);
    return definition;
  }

  /** One dataset by its id, or every dataset of a source. @throws FreshetError `definition_unknown`, with the nearest name. */
  find(idOrSource: string): readonly DatasetDefinition[] {
    const definition = this.byId.get(idOrSource);
    const found = definition ? [definition] : this.all().filter((entry) => entry.source === idOrSource);
    if (found.length === 0) throw this.unknown(idOrSource);
    return found;
  }

  /**
   * The definition a message was made with. While a new definition is being rolled out, services may differ for a moment:
   * the message is then tried again, and by a process that has it.
   * @throws FreshetError `definition_unknown` (transient).
   */
  getVersion(id: string, contentVersion: string): DatasetDefinition {
    const definition = this.get(id);
    if (definition.contentVersion === contentVersion) return definition;
    throw new FreshetError('definition_unknown', {
      message: `${id} is known here in version ${short(definition.contentVersion)}, the run was planned with ${short(contentVersion)}`,
      nextStep:
        'Give every service the same definitions (FRESHET_DATASETS_DIR) and the same release, or start a new run.',
      attributes: { dataset: id, here: definition.contentVersion, planned: contentVersion },
    });
  }

  private unknown(name: string): FreshetError {
    const sources = new Set(this.all().map((definition) => definition.source));
    const meant = suggest(name, [...this.byId.keys(), ...sources]);
    return new FreshetError('definition_unknown', {
      message: `there is no dataset or source named ${JSON.stringify(name)}${meant ? `; did you mean ${meant}?` : ''}`,
      nextStep: `Choose one of: ${[...this.byId.keys()].join(', ') || '(no datasets are defined)'}.`,
      attributes: { name, suggestion: meant },
    });
  }
}

const short = (version: string): string => version.slice(0, 12);

/** @throws FreshetError `definition_unknown` when the dataset has no such resource. */
export function resourceOf(definition: DatasetDefinition, name: string): ResourceDefinition {
  const resource = definition.resources.find((entry) => entry.name === name);
  if (resource) return resource;
  throw new FreshetError('definition_unknown', {
    message: `${definition.id} has no resource named ${JSON.stringify(name)}`,
    nextStep: `Its resources are: ${definition.resources.map((entry) => entry.name).join(', ')}.`,
    attributes: { dataset: definition.id, resource: name },
  });
}
