import { buffer } from 'node:stream/consumers';
import { loadCatalog } from '@freshet/catalog';
import { columnRenderer, publishedRow, readVerbatim, splitLine } from '@freshet/contracts';
import { BSEE_ARCHIVES, rawMember } from '@freshet/testing/publishers';
import { parse } from 'csv-parse/sync';
import { decodeWindows1252 } from './decoding/windows-1252';
import { parseChunk } from './parse-chunk';

const catalog = loadCatalog();
const uuid = '11111111-1111-4111-8111-111111111111';
const members = BSEE_ARCHIVES.flatMap(({ dataset, members }) =>
  members.map((member) => [member.name, dataset] as const),
);

describe.each(members)('%s in the raw format of the publisher', (member, dataset) => {
  const definition = catalog.get(dataset);
  const resource = definition.resources.find((entry) => entry.member === member);
  if (!resource) throw new Error(`${dataset} has no member ${member}`);

  it('is parsed whole, without a refusal or a note, and can be written back value by value', async () => {
    const bytes = await buffer(rawMember(member, { rows: 400 }));
    const records: string[][] = parse(decodeWindows1252(bytes), { record_delimiter: ['\r\n', '\n'] });
    const [header = [], ...published] = records;
    const result = parseChunk(
      definition,
      {
        type: 'chunk.fetched',
        dataset,
        runId: uuid,
        taskId: uuid,
        attempt: 1,
        contentVersion: definition.contentVersion,
        resource: resource.name,
        chunk: 0,
        records: published.length,
        header,
        checksum: '',
      },
      bytes.subarray(bytes.indexOf(10) + 1),
    );
    if (result.kind !== 'batch') throw new Error(result.failure.message);
    const { meta, body } = result;
    expect([meta.rows, meta.refused, meta.notes]).toEqual([published.length, [], {}]);
    expect(meta.columns.map((column) => column.published)).toEqual(header);

    const renderers = meta.columns.map(({ type }) => columnRenderer(type, resource.dateFormats));
    const lines = body.toString('utf8').split('\n').slice(0, -1);
    const back = lines.map((line) => {
      const [, , verbatim = null, ...stored] = splitLine(line);
      return publishedRow(meta.columns, renderers, stored, readVerbatim(verbatim));
    });
    expect(back).toEqual(published);
  });
});
