import { FreshetError, toFailure, type Credential, type DatasetDefinition, type PagedJson } from '@freshet/domain';
import { stampsOf } from '../paged/questions';
import { pageRequest } from '../paged/request';
import { plainUrl, Asker, type Answer, type AskerParts } from './ask-paged';
import { metadataFinding, metadataUrl } from './paged-metadata';
import { sampleFinding, styleFinding, type Sample } from './paged-sample';
import type { DatasetFinding, KeyFinding, MetadataFinding, PagedFinding, StyleFinding } from './report';

export type PagedOutcome = Pick<DatasetFinding, 'access' | 'failure' | 'paged'>;

/** These mean that another question would be answered alike. */
const HOPELESS = new Set([
  'rate_limited',
  'api_key_refused',
  'dns_failed',
  'connect_failed',
  'connect_timeout',
  'tls_failed',
]);

/**
 * Examines an API that is read page by page, in four or five small questions: what it says to somebody without a key, how it
 * describes itself, one record asked for in the definition's way, and the same in the other way.
 */
export async function examinePaged(parts: AskerParts, paging: PagedJson): Promise<PagedOutcome> {
  const { definition, pace } = parts;
  const way =
    definition.access.find(({ kind }) => kind === 'api') ?? definition.access.find(({ kind }) => kind === 'url');
  if (!way || !('url' in way)) return { access: null, failure: toFailure(noAddress(definition)), paged: null };
  const asker = new Asker(parts);
  const examined = new Examination(asker, definition, paging, way.url);
  const stopped = pace.stoppedBy(definition.rateLimit ?? null);
  const failure = stopped ?? (await examined.run());
  const access = failure ? null : ({ kind: 'api', url: plainUrl(way.url), skipped: [] } as const);
  return { access, failure: failure && toFailure(failure), paged: examined.finding() };
}

class Examination {
  private withoutKey: string | null = null;
  private verdict: KeyFinding['verdict'] = 'unknown';
  private repeated = false;
  private metadata: MetadataFinding | null = null;
  private sample: Sample | null = null;
  private styles: readonly StyleFinding[] = [];

  constructor(
    private readonly asker: Asker,
    private readonly definition: DatasetDefinition,
    private readonly paging: PagedJson,
    private readonly address: string,
  ) {}

  /** Null when a refresh would get its data. */
  async run(): Promise<FreshetError | null> {
    const { paging, asker, definition } = this;
    const described = paging.metadata ? metadataUrl(this.address, paging.metadata) : null;
    const { credential } = definition;
    if (credential) {
      const answer = await asker.ask({ url: described ?? this.address, withKey: false });
      if (answer.status === null || answer.failure?.code === 'rate_limited') return answer.failure;
      this.withoutKey = saidOf(answer);
      if (asker.secret === null) this.verdict = 'missing';
      if (asker.secret === null && credential.required) return keyMissing(definition, credential);
    }
    if (described !== null && paging.metadata) {
      const answer = await this.askWithKey({ url: described });
      this.metadata = metadataFinding(definition, paging, paging.metadata, answer, asker.now());
      if (answer.failure && HOPELESS.has(answer.failure.code)) return answer.failure;
    }
    return this.oneRecord();
  }

  private async oneRecord(): Promise<FreshetError | null> {
    const { paging } = this;
    const own = await this.askFor(paging.style);
    if (own.failure) return own.failure;
    this.sample = sampleFinding(this.definition, paging, own.body, this.from());
    if (this.sample.found.total === null || this.sample.records === null) return shapeUnknown(paging, this.address);
    const style = styleFinding(paging.style, paging, own, this.sample);
    this.styles = [style];
    if (style.verdict !== 'works') return notAsAsked(style, this.address);
    if (this.sample.found.total === 0) return nothingThere(this.sample, this.address);
    const other = paging.style === 'query' ? 'header' : 'query';
    this.styles = [style, styleFinding(other, paging, await this.askFor(other), this.sample)];
    return null;
  }

  private async askFor(style: PagedJson['style']): Promise<Answer> {
    const [value = ''] = this.paging.select.values;
    const from = this.from();
    const window = from ? { from, to: hourAfter(this.asker.now()) } : null;
    const one = { ...this.paging, style, pageSize: 1 };
    const { url, headers } = pageRequest(one, this.address, { window, values: [value] }, 0, stampsOf(this.definition));
    return this.askWithKey({ url, headers });
  }

  private async askWithKey(asked: { url: string; headers?: Readonly<Record<string, string>> }): Promise<Answer> {
    const answer = await this.asker.ask({ ...asked, withKey: true });
    this.repeated ||= answer.repeatsKey;
    if (this.asker.secret === null) return answer;
    if (answer.failure?.code === 'api_key_refused') this.verdict = 'refused';
    else if (answer.status !== null && answer.status < 300 && !answer.failure) this.verdict = 'accepted';
    return answer;
  }

  private from(): Date | null {
    const { timeseries } = this.definition;
    return timeseries ? new Date(hourAfter(this.asker.now()).getTime() - timeseries.windowSeconds * 1000) : null;
  }

  finding(): PagedFinding {
    const { credential } = this.definition;
    const { verdict, repeated } = this;
    return {
      url: plainUrl(this.address),
      withoutKey: this.withoutKey,
      key: credential ? { variable: credential.variable, header: credential.header, verdict, repeated } : null,
      metadata: this.metadata,
      sample: this.sample?.found ?? null,
      styles: this.styles,
      answeredMs: this.asker.answeredMs,
    };
  }
}

const HOUR_MS = 3_600_000;
const hourAfter = (at: Date): Date => new Date(Math.ceil(at.getTime() / HOUR_MS) * HOUR_MS);

function saidOf({ status, failure }: Answer): string {
  const code = failure?.attributes.apiCode;
  return failure
    ? `${status ?? ''}${code === null || code === undefined ? '' : ` ${String(code)}`}`
    : `${status ?? ''}, answered`;
}

/** What a person at this machine can do; fetchers have a configuration of their own. */
function keyMissing({ id }: DatasetDefinition, { variable, register }: Credential): FreshetError {
  const obtain = register ? `A key is to be had at ${register}.` : 'Get a key from the publisher.';
  return new FreshetError('api_key_refused', {
    message: `${id} needs a key, and ${variable} is not set here`,
    nextStep: `${obtain} Set ${variable} (or ${variable}_FILE, the path of a file with it) where this command runs.`,
    attributes: { dataset: id, variable },
  });
}

const noAddress = ({ id }: DatasetDefinition): FreshetError =>
  new FreshetError('definition_invalid', {
    message: `the definition of ${id} names no address of an API`,
    nextStep: 'Add an entry `api` to `access` in the definition.',
    attributes: { dataset: id },
  });

const notAsAsked = ({ style, detail }: StyleFinding, address: string): FreshetError =>
  new FreshetError('api_error', {
    message: `the publisher does not answer what it is asked with style ${style}: ${detail} (${plainUrl(address)})`,
    nextStep: 'Set `style` of paging in the definition to the other one, or correct its parameters.',
    attributes: { url: plainUrl(address), style },
  });

const shapeUnknown = ({ records, total }: PagedJson, address: string): FreshetError =>
  new FreshetError('payload_unknown', {
    message: `the answer has no list at ${records.join('.')}, or no total at ${total.join('.')} (${plainUrl(address)})`,
    nextStep: 'The publisher changed its answers, or the definition is wrong: correct `records` and `total` of paging.',
    attributes: { url: plainUrl(address) },
  });

const nothingThere = ({ found }: Sample, address: string): FreshetError =>
  new FreshetError('resource_empty', {
    message: `the publisher has nothing for ${found.value}${found.from ? ` since ${found.from}` : ''} (${plainUrl(address)})`,
    nextStep:
      'Look at the publisher’s page whether it has data now; codes that it does not know are answered like that.',
    attributes: { url: plainUrl(address), value: found.value },
  });
