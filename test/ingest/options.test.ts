import { describe, expect, it } from 'vitest';
import type { ImportSpec } from '../../src/domain/data/import.ts';
import { readFile } from '../../src/ingest/read-file.ts';
import { parseInteraction } from '../../src/ingest/rows.ts';
import { inChunks, readAll } from './read-all.ts';

const NOW = Date.parse('2026-11-01T00:00:00Z');

/** Outcome of each line: `user item value`, or why it is refused; at the end why the file is. */
async function outcomes(text: string, part: Partial<ImportSpec>): Promise<string[]> {
  const spec: ImportSpec = {
    type: 'import',
    kind: 'interactions',
    format: 'csv',
    interactionType: 'buy',
    ...part,
  };
  const { rows, error } = await readAll(
    readFile({ name: '', bytes: inChunks(text, 7) }, spec, {}, undefined),
  );
  const read = rows.map((row) => {
    if (!('raw' in row)) return `${row.line}: ${(row as unknown as { reason: string }).reason}`;
    const parsed = parseInteraction(row.raw, NOW);
    if ('reason' in parsed) return `${row.line}: ${parsed.reason}`;
    const { userId, itemId, value } = parsed.ok;
    return `${row.line}: ${userId} ${itemId} ${value}`;
  });
  return error ? [...read, (error as Error).message] : read;
}

describe('decimal=,', () => {
  it.each([
    ['4,5', '4.5'],
    ['1.234,5', '1234.5'],
    ['12.345.678', '12345678'],
    ['-0,25', '-0.25'],
    ['7', '7'],
    ['4.5', /got "4.5"/],
    ['1.2345', /got "1.2345"/],
    ['1,2,3', /got "1,2,3"/],
    ['1,234.5', /got "1,234.5"/],
    [',', /got ","/],
    ['much', /got "much"/],
  ])('reads %s as %s', async (cell, wanted) => {
    const [line] = await outcomes(`userId;itemId;value\na;b;${cell}\n`, { decimal: ',', delimiter: ';' });
    expect(line).toMatch(typeof wanted === 'string' ? `2: a b ${wanted}` : wanted);
    if (typeof wanted === 'string') expect(line).toBe(`2: a b ${wanted}`);
  });

  it('leaves points alone where it is not said', async () => {
    expect(await outcomes('userId,itemId,value\na,b,1.5\n', {})).toEqual(['2: a b 1.5']);
  });
});

describe('comment=', () => {
  it.each([
    [
      'lines that begin so are passed over, and keep their numbers',
      '#',
      '# made by hand\nuserId,itemId\n#x,y\na,b\n',
      ['4: a b null'],
    ],
    ['of several signs too', '--', 'userId,itemId\n-- x,y\n-a,b\n', ['3: -a b null']],
    [
      'within a line the sign is a sign like others',
      '#',
      'userId,itemId\na#1,b # c\n',
      ['2: a#1 b # c null'],
    ],
    [
      'also from a quote on',
      '#',
      'userId,itemId\n"a, b",c\n#x,y\nd,e # f\n',
      ['2: a, b c null', '4: d e # f null'],
    ],
    ['a file of comments alone is empty', '#', '# a\n# b\n', [expect.stringMatching(/The file is empty/)]],
  ])('%s', async (_, comment, text, wanted) => {
    expect(await outcomes(text, { comment })).toEqual(wanted);
  });

  it('is needed: without it such lines are rows', async () => {
    expect(await outcomes('userId,itemId\n# a note\na,b\n', {})).toEqual([
      '2: the row has 1 cells, the header has 2',
      '3: a b null',
    ]);
  });
});

describe('a first line sep=', () => {
  it.each([
    ['sep=;', 'sep=;\nuserId;itemId\na;b\n', ['3: a b null']],
    [
      'in quotes, with a mark and Windows line ends',
      '\ufeff"sep=;"\r\nuserId;itemId\r\na;b\r\n',
      ['3: a b null'],
    ],
    ['a tabulator', 'sep=\t\nuserId\titemId\na\tb\n', ['3: a b null']],
    ['before quoted cells', 'sep=;\nuserId;itemId\n"a;x";b\n', ['3: a;x b null']],
    ['goes before delimiter=', 'sep=|\nuserId|itemId\na|b\n', ['3: a b null']],
    ['that is wrong', 'sep=;\nuserId,itemId\na,b\n', [expect.stringMatching(/userId.*itemId/)]],
    ['with no sign is a header like others', 'sep=\nuserId,itemId\n', [expect.stringMatching(/sep=/)]],
    [
      'further down is a row',
      'userId,itemId\nsep=;\na,b\n',
      ['2: the row has 1 cells, the header has 2', '3: a b null'],
    ],
  ])('%s', async (_, text, wanted) => {
    expect(await outcomes(text, { delimiter: ',' })).toEqual(wanted);
  });
});

describe('valueSeparator=', () => {
  const lists = {
    columns: { userId: ['user'], itemId: ['history[]'] },
    listSeparator: ' ',
    valueSeparator: '-',
  };

  it.each([
    ['cuts the entries of a list at its last place', 'u,N1-0 N-2-1', ['2: u N1 0', '2: u N-2 1']],
    ['leaves an entry without one whole', 'u,N1', ['2: u N1 null']],
    [
      'refuses a value that is no number',
      'u,N1-x N2-1',
      [expect.stringMatching(/^2: value must be .*got "x"/), '2: u N2 1'],
    ],
    ['refuses an entry without an id', 'u,-1', [expect.stringMatching(/^2: itemId is missing/)]],
  ])('%s', async (_, line, wanted) => {
    expect(await outcomes(`user,history\n${line}\n`, lists)).toEqual(wanted);
  });

  it('cuts the cells of the rest of a line too, and takes words for numbers', async () => {
    const part = {
      header: false,
      columns: { userId: ['1'], itemId: ['2+'] },
      valueSeparator: ':',
      values: { yes: 1 },
    };
    expect(await outcomes('u,a:yes,b:3\n', part)).toEqual(['1: u a 1', '1: u b 3']);
  });

  it('is refused where there is no list', async () => {
    const part = { columns: { userId: ['user'], itemId: ['history'] }, valueSeparator: '-' };
    expect(await outcomes('user,history\nu,N1-0\n', part)).toEqual([
      expect.stringMatching(/^valueSeparator= cuts the entries of a list, and columns= has none/),
    ]);
  });
});
