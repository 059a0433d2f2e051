import type { ContentFault } from './faults';
import type { MemberSpec, RawType, RowContext } from './member';
import { mix, Rng } from './random';

export interface MemberRequest {
  readonly spec: MemberSpec;
  readonly seed: number;
  /** Rows of the first vintage. */
  readonly rows: number;
  /** 0 is the first; each later one changes about one row in a hundred, drops one in a thousand and adds one in five hundred. */
  readonly vintage: number;
  /** Rows of every member of the archive, by name. */
  readonly counts: ReadonlyMap<string, number>;
  readonly fault?: ContentFault;
}

export interface RawBlock {
  readonly bytes: Buffer;
  /** Records in this block, the header not counted. */
  readonly records: number;
}

const BLOCK_CHARS = 256 * 1024;

const memberSalt = (name: string): number => {
  let salt = 0;
  for (const character of name) salt = mix(salt, character.charCodeAt(0), 7);
  return salt;
};

const badValue: Record<RawType, string> = { number: '"12x4"', date: '13/45/2024', text: '""' };

/** The bytes of one member, in blocks of whole records; the same request always gives the same bytes. */
export function* memberBytes(request: MemberRequest): Generator<RawBlock> {
  const { spec, seed, vintage, fault } = request;
  if (fault?.kind === 'empty-member') return;
  const salt = memberSalt(spec.name);
  const rng = new Rng();
  const context: RowContext = { count: (name) => request.counts.get(name) ?? 1 };
  const total = spec.fixed ? request.rows : request.rows + vintage * Math.ceil(request.rows / 500);
  const columns = headerOf(request);
  const faulty = fieldFault(request);

  let text = columns.map((name) => `"${name}"`).join(',') + '\r\n';
  let records = 0;
  const last =
    fault?.kind === 'header-only' ? 0 : fault?.kind === 'fewer-rows' ? Math.floor(total * (fault.keep ?? 0.2)) : total;
  for (let i = 0; i < last; i++) {
    const fate = vintage === 0 ? 9_999 : mix(salt, i, 3) % 1_000;
    if (!spec.fixed && fate < vintage) continue;
    const touched = fate >= 100 && fate < 100 + 10 * vintage;
    rng.reset(seed, salt, touched ? i + 0x40000000 * (1 + (vintage % 3)) : i);
    const fields = spec.row(rng, i, context);
    const record = (faulty ? faulty(fields, i) : fields.join(',')) + '\r\n';
    text += record;
    records++;
    const repeated = spec.repeatEvery !== undefined && i % spec.repeatEvery === spec.repeatEvery - 1;
    if (repeated || (fault?.kind === 'duplicate-keys' && i < (fault.count ?? 3))) {
      text += record;
      records++;
    }
    if (text.length >= BLOCK_CHARS) {
      yield { bytes: Buffer.from(text, 'latin1'), records };
      text = '';
      records = 0;
    }
  }
  if (fault?.kind === 'unclosed-quote' && fault.row === undefined) {
    text += `${unclosed(spec.row(rng.reset(seed, salt, last), last, context))}\r\n`;
    records++;
  }
  if (text.length > 0) yield { bytes: Buffer.from(text, 'latin1'), records };
}

/** Published column names as this request writes them. */
export function headerOf({ spec, fault }: Pick<MemberRequest, 'spec' | 'fault'>): readonly string[] {
  const names = spec.columns.map(([name]) => name);
  const last = names[names.length - 1] as string;
  if (fault?.kind === 'extra-column') return [...names, fault.name ?? 'NEW_COLUMN'];
  if (fault?.kind === 'renamed-column')
    return names.map((name) => (name === (fault.from ?? last) ? (fault.to ?? `${name}_X`) : name));
  if (fault?.kind === 'missing-column') return names.filter((name) => name !== (fault.name ?? last));
  return names;
}

type FieldFault = (fields: string[], row: number) => string;

function fieldFault({ spec, fault }: MemberRequest): FieldFault | undefined {
  switch (fault?.kind) {
    case 'extra-column':
      return (fields) => `${fields.join(',')},"extra"`;
    case 'missing-column': {
      const index = spec.columns.findIndex(
        ([name]) => name === (fault.name ?? spec.columns[spec.columns.length - 1]?.[0]),
      );
      return (fields) => fields.filter((_, i) => i !== index).join(',');
    }
    case 'bad-values': {
      const keys = new Set(spec.key);
      const index = spec.columns.findIndex(([name, type]) => type !== 'text' && !keys.has(name));
      const type = spec.columns[index]?.[1];
      if (type === undefined) throw new Error(`${spec.name} has no typed column outside its key`);
      return (fields, row) => {
        if (row % (fault.every ?? 100) === 0) fields[index] = badValue[type];
        return fields.join(',');
      };
    }
    case 'ragged-record':
      return (fields, row) => (row === (fault.row ?? 5) ? fields.slice(0, -1).join(',') : fields.join(','));
    case 'unclosed-quote':
      return (fields, row) => (row === fault.row ? unclosed(fields) : fields.join(','));
    default:
      return undefined;
  }
}

const unclosed = (fields: readonly string[]): string =>
  [...fields.slice(0, -1), `"never closed ${(fields.at(-1) ?? '').replaceAll('"', '')}`].join(',');
