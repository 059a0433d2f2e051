import type { QuarantineView } from '@freshet/contracts';
import { MASK, type QuarantinedRecord } from '@freshet/database';
import { personalIn, type CsvFormat, type ResourceDefinition } from '@freshet/domain';

/**
 * A refused record as it may be shown: fields of columns marked personal are masked. Where the fields of a record cannot be told
 * apart for certain (another number than the header has, a quote left open, JSON), all of it is.
 */
export function maskRecord(stored: QuarantinedRecord, resource: ResourceDefinition | undefined): QuarantineView {
  const { header, ...view } = stored;
  // A resource that the definition does not name any more: nobody can say what was personal in it.
  if (!resource) return { ...view, record: MASK, detail: MASK };
  if (!resource.columns.some(({ personal }) => personal)) return view;
  const isPersonal = personalIn(resource);
  const names = header.length > 0 ? header : resource.columns.map((column) => column.name);
  const { format } = resource;
  const spans = format.reader === 'csv' ? fieldSpans(view.record, format) : null;
  const masked =
    spans && spans.length === names.length
      ? maskSpans(view.record, spans, (index) => isPersonal(names[index] ?? ''))
      : MASK;
  // A detail quotes the value it complains about; one without a column may quote any.
  const detail = view.column === null || isPersonal(view.column) ? MASK : view.detail;
  return { ...view, record: masked, detail };
}

type Span = readonly [start: number, end: number];

/** Start and end of every field, quotes included; null when a quote is left open. */
function fieldSpans(record: string, { delimiter, quote }: Pick<CsvFormat, 'delimiter' | 'quote'>): Span[] | null {
  const spans: Span[] = [];
  const text = record.replace(/\r?\n$/, '');
  let start = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    // A doubled quote inside quotes closes and opens again, which comes to the same.
    if (text[at] === quote) quoted = !quoted;
    else if (!quoted && text.startsWith(delimiter, at)) {
      spans.push([start, at]);
      start = at + delimiter.length;
      at = start - 1;
    }
  }
  spans.push([start, text.length]);
  return quoted ? null : spans;
}

function maskSpans(record: string, spans: readonly Span[], isPersonal: (index: number) => boolean): string {
  let out = '';
  let at = 0;
  for (const [index, [start, end]] of spans.entries()) {
    out += record.slice(at, start) + (isPersonal(index) && end > start ? MASK : record.slice(start, end));
    at = end;
  }
  return out + record.slice(at);
}
