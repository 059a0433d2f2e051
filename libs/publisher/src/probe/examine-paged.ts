import { FreshetError, toFailure, type Credential, type DatasetDefinition, type PagedJson } from '@freshet/domain';
import { apiAddress } from '../paged/address';
import { Asker, howToGive, plainUrl, type Answer, type AskerParts } from './ask-paged';
import { metadataFinding, metadataUrl } from './paged-metadata';
import { oneRecord, windowStart } from './paged-question';
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
 *
 * @throws FreshetError `definition_invalid` where the definition names no address
 */
export async function examinePaged(parts: AskerParts, paging: PagedJson): Promise<PagedOutcome> {
  const { definition, pace } = parts;
  const address = apiAddress(definition);
  const examined = new Examination(new Asker(parts), definition, paging, address);
  const failure = pace.stoppedBy(definition.rateLimit ?? null) ?? (await examined.run());
  const access = failure ? null : ({ kind: 'api', url: plainUrl(address), skipped: [] } as const);
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
    this.sample = sampleFinding(this.definition, paging, own.body, windowStart(this.definition, this.asker.now()));
    if (this.sample.found.total === null || this.sample.records === null) return shapeUnknown(paging, this.address);
    const style = styleFinding(paging.style, paging, own, this.sample);
    this.styles = [style];
    if (style.verdict !== 'works') return notAsAsked(style, this.address);
    if (this.sample.found.total === 0) return nothingThere(this.sample, this.address);
    const other = paging.style === 'query' ? 'header' : 'query';
    this.styles = [style, styleFinding(other, paging, await this.askFor(other), this.sample)];
    return null;
  }

  private askFor(style: PagedJson['style']): Promise<Answer> {
    return this.askWithKey(oneRecord(this.definition, this.paging, style, this.address, this.asker.now()));
  }

  private async askWithKey(asked: { url: string; headers?: Readonly<Record<string, string>> }): Promise<Answer> {
    const answer = await this.asker.ask({ ...asked, withKey: true });
    this.repeated ||= answer.repeatsKey;
    if (this.asker.secret === null) return answer;
    if (answer.failure?.code === 'api_key_refused') this.verdict = 'refused';
    else if (answer.status !== null && answer.status < 300 && !answer.failure) this.verdict = 'accepted';
    return answer;
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

function saidOf({ status, failure }: Answer): string {
  const code = failure?.attributes.apiCode;
  return failure
    ? `${status ?? ''}${code === null || code === undefined ? '' : ` ${String(code)}`}`
    : `${status ?? ''}, answered`;
}

const keyMissing = ({ id }: DatasetDefinition, credential: Credential): FreshetError =>
  new FreshetError('api_key_refused', {
    message: `${id} needs a key, and ${credential.variable} is not set here`,
    nextStep: howToGive(credential),
    attributes: { dataset: id, variable: credential.variable },
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
