import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import request from 'supertest';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completeEvent } from '../../src/domain/data/event-type.ts';
import { expectProblem } from './problem.ts';
import { type Service, startService } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const preview = (query: string, body: string | Buffer) =>
  request(service.url)
    .post(`/imports/preview?${query}`)
    .set('content-type', 'application/octet-stream')
    .send(Buffer.from(body));
async function tarOf(files: Record<string, string>): Promise<Buffer> {
  const tar = pack();
  for (const [name, text] of Object.entries(files)) tar.entry({ name }, text);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
const ndjson = (rows: number) =>
  Array.from(
    { length: rows },
    (_, i) => `{"userId":"user ${i % 99}","itemId":"item ${i}","type":"click"}\n`,
  ).join('');
const RATINGS = 'format=csv&kind=interactions';

describe('POST /imports/preview', () => {
  it('says which path of columns= no row has', async () => {
    const query = 'kind=interactions&format=ndjson&type=click&columns=userId:u,itemId:i,timestamp:wen';
    const { body } = await preview(query, '{"u":"ann","i":"a","when":"2026-03-01"}\n').expect(200);
    expect(body.problems).toEqual([
      { detail: 'No row has wen, which columns= takes timestamp from', line: null, option: 'columns' },
    ]);
  });

  it('takes half stars where the preset has them, whether it is named or guessed', async () => {
    const csv = 'userId,movieId,rating,timestamp\n1,2,0.5,1260759144\n';
    for (const preset of ['movielens-32m', 'auto']) {
      const { body } = await preview(`kind=interactions&preset=${preset}`, csv).expect(200);
      expect(body).toMatchObject({ accepted: 1, rejected: 0, problems: [] });
    }
  });

  it('shows columns, rows as they would be stored and what was decided, and stores nothing', async () => {
    const csv = 'user,film,stars,when\nann,7,5,24.02.2026 16:37\n bob,8,3,25.02.2026 9:05\n';
    const query = `${RATINGS}&columns=userId:user,itemId:film,value:stars&type=like`;
    const { body } = await preview(
      `${query},timestamp:when`.replace('&type=like,', ',').concat('&type=like'),
      gzipSync(csv),
    ).expect(200);
    expect(body).toMatchObject({
      format: 'csv',
      isWhole: true,
      accepted: 2,
      rejected: 0,
      problems: [],
      reading: { encoding: 'utf-8', timestamps: { timestamp: 'dd.MM.yyyy H:mm' }, trimmed: 1 },
      columns: [
        { column: 'user', field: 'userId', examples: ['ann', ' bob'] },
        { column: 'film', field: 'itemId', examples: ['7', '8'] },
        { column: 'stars', field: 'value', examples: ['5', '3'] },
        { column: 'when', field: 'timestamp' },
      ],
    });
    expect(body.rows[0]).toMatchObject({
      userId: 'ann',
      itemId: '7',
      type: 'like',
      value: 5,
      timestamp: '2026-02-24T16:37:00.000Z',
    });
    expect(await service.store.interactions.countUpTo(1)).toBe(0);
    expect((await service.store.jobs.list({}, 10)).rows).toEqual([]);
  });

  it('says which types do not count, and what declares them', async () => {
    const csv = 'userId,itemId,type\nann,7,wave\nann,8,click\nbob,7,wave\n';
    const { body } = await preview(RATINGS, csv).expect(200);
    expect(body).toMatchObject({ accepted: 3, rejected: 0 });
    expect(body.problems).toEqual([
      {
        detail: expect.stringMatching(/^Nobody says what wave means: .*PUT \/event-types\/wave/),
        line: 2,
        option: 'types',
      },
    ]);
    await service.store.eventTypes.put('wave', completeEvent('wave', { meaning: 'positive' })!);
    expect((await preview(RATINGS, csv).expect(200)).body.problems).toEqual([]);
  });

  it.each([
    ['', 'userId,itemId,rating\nann,7,9\n', 'PUT /event-types', /declares another scale/],
    ['type=a', 'visitor,sku\nann,7\n', 'columns', /columns=userId:visitor,itemId:sku/],
    ['', 'userId,itemId,rating\nNULL,7,5\n', 'nulls', /stands for nothing/],
    ['', 'userId,itemId,type\nann,7,Add to Cart\n', 'types', /type must be a name/],
    ['type=buy', 'userId,itemId,value\nann,7,true\n', 'values', /value must be a number/],
    ['', 'userId;itemId;rating\nann;7;5\n', 'delimiter', /delimiter=;/],
    ['', 'userId;itemId;rating\nann;"7";5\n', 'delimiter', /no comma; say delimiter=;, or else .*quote=none/],
    ['', '"userId"\t"itemId"\nann\t7\n', 'delimiter', /say delimiter=tab/],
    ['', 'userId,itemId,rating\nann,the "x" one,5\n', 'quote', /quote=none/],
    [
      '',
      'userId,itemId,rating,timestamp\nann,7,5,03\u002f04\u002f2026\n',
      'timestampFormat',
      /day or the month first/,
    ],
    [
      'encoding=utf-8',
      Buffer.from('userId,itemId,rating\nJ\u00f6rg,7,5\n', 'latin1'),
      'encoding',
      /not UTF-8/,
    ],
  ])('?%s of a file names the option that mends it', async (query, file, option, detail) => {
    const { body } = await preview(`${RATINGS}&${query}`, file).expect(200);
    expect(body.problems).toContainEqual({
      detail: expect.stringMatching(detail),
      line: expect.toBeOneOf([null, expect.any(Number)]),
      option,
    });
  });

  it('reads no more than a megabyte, and leaves out the line that this cuts', async () => {
    const line = 'ann,film-number-1,5\n';
    const { body } = await preview(RATINGS, `userId,itemId,rating\n${line.repeat(100_000)}`).expect(200);
    expect(body).toMatchObject({ isWhole: false, problems: [], rejected: 0 });
    expect(body.accepted).toBeGreaterThan(50_000);
    expect(body.rows).toHaveLength(20);
  });

  it.each(['tar', 'gzip'])(
    'shows the beginning of a %s that goes on behind the megabyte',
    async (packing) => {
      const lines = Array.from({ length: 120_000 }, (_, i) => `${(i * 7919) % 104_729},item-${i},click\n`);
      const csv = `userId,itemId,type\n${lines.join('')}`;
      const file = packing === 'tar' ? await tarOf({ 'big.csv': csv }) : gzipSync(csv, { level: 0 });
      const { body } = await preview(packing === 'tar' ? `${RATINGS}&files=big.csv` : RATINGS, file).expect(
        200,
      );
      expect(body).toMatchObject({ isWhole: false, problems: [], rejected: 0 });
      expect(body.accepted).toBeGreaterThan(10_000);
      expect(body.columns).toHaveLength(3);
      const cut = (await preview(RATINGS, file.subarray(0, 500_000)).expect(200)).body;
      expect(cut).toMatchObject({
        isWhole: false,
        problems: [{ detail: expect.stringMatching(/ends in the middle/) }],
      });
      expect(cut.accepted).toBeGreaterThan(1_000);
    },
  );

  it.each([
    ['JSON', RATINGS, ndjson(30_000), 'format', /looks like JSON.*format=ndjson/],
    ['JSON with a type', `${RATINGS}&type=click`, ndjson(30_000), 'format', /looks like JSON.*format=ndjson/],
    ['CSV', 'kind=interactions&format=parquet', 'a,b\n'.repeat(400_000), 'format', /no Parquet.*format=csv/],
    [
      'a quote',
      RATINGS,
      `userId,itemId,type\n"${'ann,7,click\n'.repeat(100_000)}`,
      // It depends on the pieces in which the body comes whether the whole row was seen.
      expect.toBeOneOf([null, 'quote']),
      /a quote .*never closed/,
    ],
  ])('%s of megabytes that cannot be read as ?%s says why', async (_what, query, file, option, detail) => {
    const { body } = await preview(query, file).expect(200);
    expect(body).toMatchObject({ accepted: 0, isWhole: false });
    expect(body.problems).toContainEqual({
      detail: expect.stringMatching(detail),
      line: expect.toBeOneOf([null, 2]),
      option,
    });
  });

  it('says that the first megabyte of an archive has no row', async () => {
    const file = await tarOf({ 'read-me.txt.bin': 'x'.repeat(1_200_000), 'b.csv': 'userId,itemId\n' });
    const { body } = await preview(`${RATINGS}&files=b.csv`, file).expect(200);
    expect(body).toMatchObject({ columns: [], isWhole: false });
    expect(body.problems).toEqual([
      { detail: expect.stringMatching(/no row of files=b\.csv.*dryRun=true/), line: null, option: 'files' },
    ]);
  });

  it('suggests no columns that have their names already', async () => {
    const { body } = await preview(RATINGS, 'userId,itemId,rating\nann,7,\n').expect(200);
    expect(body.problems).toEqual([
      { detail: expect.stringMatching(/^rating is empty, and no type is given/), line: 2, option: 'type' },
    ]);
  });

  it('a request without a body is told so', async () => {
    const answer = await request(service.url).post(`/imports/preview?${RATINGS}`);
    expectProblem(answer, 400, 'invalid-request', /The body is empty/);
  });

  it('shows the paths into JSON, and guesses a preset', async () => {
    const order = {
      id: 1,
      date_created_gmt: '2026-03-22T19:28:02',
      customer_id: 5,
      line_items: [{ product_id: 93, quantity: 2 }],
    };
    const { body } = await preview('kind=interactions&preset=auto', JSON.stringify([order])).expect(200);
    expect(body.reading.preset).toBe('woocommerce');
    expect(body.rows).toMatchObject([{ userId: '5', itemId: '93', type: 'purchase', value: 2 }]);
    expect(body.columns.map(({ column }: { column: string }) => column)).toContain('line_items[].product_id');
  });

  it('shows columns and first rows of Parquet, whose names are at its end', async () => {
    const rows = 60_000;
    const file = Buffer.from(
      parquetWriteBuffer({
        rowGroupSize: 20_000,
        codec: 'UNCOMPRESSED',
        columnData: [
          {
            name: 'visitor',
            data: Array.from({ length: rows }, (_, i) => `visitor number ${i}`),
            type: 'STRING',
          },
          {
            name: 'sku',
            data: Array.from({ length: rows }, (_, i) => BigInt((i * 7919) % 50_000)),
            type: 'INT64',
          },
        ],
      }),
    );
    expect(file.length).toBeGreaterThan(1024 * 1024);
    const query = 'kind=interactions&format=parquet&type=view';
    const { body } = await preview(`${query}&columns=userId:visitor,itemId:sku`, file).expect(200);
    expect(body).toMatchObject({ isWhole: false, accepted: 1000, rejected: 0, problems: [] });
    expect(body.rows).toHaveLength(20);
    expect(body.rows[1]).toMatchObject({ userId: 'visitor number 1', itemId: '7919', type: 'view' });
    expect(body.columns).toEqual([
      { column: 'visitor', field: 'userId', examples: [0, 1, 2].map((i) => `visitor number ${i}`) },
      { column: 'sku', field: 'itemId', examples: ['0', '7919', '15838'] },
    ]);
    const unnamed = (await preview(query, file).expect(200)).body;
    expect(unnamed.problems).toContainEqual({
      detail: 'The columns look like columns=userId:visitor,itemId:sku',
      line: null,
      option: 'columns',
    });
    const asCsv = (await preview(RATINGS, file).expect(200)).body;
    expect(asCsv.problems).toContainEqual({
      detail: 'The file is Parquet; say format=parquet',
      line: null,
      option: 'format',
    });
    const broken = (await preview(query, file.subarray(0, 5000)).expect(200)).body;
    expect(broken.problems[0].detail).toMatch(/The Parquet file cannot be read/);
  });

  it.each(['csv', 'ndjson'])('names no format for a text that none reads, in %s', async (format) => {
    const file = (time: string) =>
      format === 'csv'
        ? `userId,itemId,rating,timestamp\nann,7,5,${time}\n`
        : JSON.stringify({ userId: 'ann', itemId: '7', rating: 5, timestamp: time });
    const of = async (time: string) =>
      (await preview(`kind=interactions&format=${format}`, file(time)).expect(200)).body.problems;
    expect(await of('yesterday')).toEqual([
      { detail: expect.stringMatching(/yesterday/), line: expect.any(Number), option: null },
    ]);
    expect(await of('7th of May 26')).toMatchObject([{ option: 'timestampFormat' }]);
  });

  it('refuses Parquet that is too large to be held, with what works', async () => {
    const large = Buffer.alloc(64 * 1024 * 1024 + 200_000);
    large.write('PAR1');
    const answer = await preview('kind=interactions&format=parquet', large);
    expectProblem(answer, 413, 'payload-too-large', /dryRun=true/);
  });

  it.each([
    [RATINGS, '', /The body is empty/],
    [`${RATINGS}&path=a.csv`, 'x', /A preview reads the body/],
    ['kind=interactions', 'x', /format is missing/],
  ])('?%s is refused', async (query, body, detail) => {
    expectProblem(await preview(query, body), 400, 'invalid-request', detail);
  });
});
