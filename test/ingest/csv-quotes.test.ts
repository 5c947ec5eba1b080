import { stringify } from 'csv-stringify/sync';
import { array, assert, asyncProperty, constantFrom, integer, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AppError } from '../../src/core/errors.ts';
import { type CsvDialect, readCsvRecords } from '../../src/ingest/csv.ts';
import { inChunks } from './read-all.ts';

type Outcome = { records: [line: number, cells: readonly string[]][]; failure?: string };

async function read(text: string, size: number, dialect: CsvDialect = {}): Promise<Outcome> {
  const records: Outcome['records'] = [];
  try {
    for await (const batch of readCsvRecords(inChunks(text, size), dialect))
      for (const each of batch) if ('record' in each) records.push([each.line, each.record]);
    return { records };
  } catch (error) {
    // After empty lines csv-parse does not know where the row begins.
    return { records, failure: (error as AppError).detail.replace(/^Line \d+/, '') };
  }
}

/** A cell that goes on in the next line leaves the rest to csv-parse. */
const FORCED = '"two\nlines",x\n';
const FORCED_LINES = 2;

describe('quoted lines', () => {
  it('are read as csv-parse reads them, the broken ones too', async () => {
    const text = array(constantFrom('a', '"', '""', ',', '\n', '\r\n', '",', ',"', ' ', '"\n'), {
      maxLength: 14,
    }).map((parts) => parts.join(''));
    await assert(
      asyncProperty(text, integer({ min: 1, max: 9 }), async (body, size) => {
        const forced = await read(FORCED + body, 1000);
        const wanted: Outcome = {
          ...forced,
          records: forced.records.slice(1).map(([line, cells]) => [line - FORCED_LINES, cells]),
        };
        expect(await read(body, size)).toEqual(wanted);
      }),
      { numRuns: 500 },
    );
  });

  it('have the cells that were written, with any delimiter and quote', async () => {
    const cell = string({
      unit: constantFrom('a', 'é', '"', "'", ',', ';', ':', '|', '\n', ' '),
      maxLength: 5,
    });
    const rows = array(array(cell, { minLength: 2, maxLength: 3 }), { minLength: 1, maxLength: 5 });
    const dialect = constantFrom<Required<Pick<CsvDialect, 'delimiter' | 'quote'>>>(
      { delimiter: ',', quote: '"' },
      { delimiter: '::', quote: '"' },
      { delimiter: ';', quote: "'" },
    );
    await assert(
      asyncProperty(rows, dialect, integer({ min: 1, max: 40 }), async (written, how, size) => {
        const text = stringify(written, { ...how, escape: how.quote, quoted: true });
        const { records, failure } = await read(text, size, how);
        expect(failure).toBeUndefined();
        expect(records.map(([, cells]) => cells)).toEqual(written);
      }),
      { numRuns: 200 },
    );
  });

  it('go to the parser from the first cell with an escaped quote on', async () => {
    const dialect = { quote: '"', escape: '\\' };
    expect((await read('a,b\n"x\\"y",c\n"d",e\n', 5, dialect)).records).toEqual([
      [1, ['a', 'b']],
      [2, ['x"y', 'c']],
      [3, ['d', 'e']],
    ]);
  });
});
