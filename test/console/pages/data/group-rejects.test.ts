import { describe, expect, it } from 'vitest';
import { groupRejects, rejectsAsCsv } from '../../../../src/console/pages/data/group-rejects.ts';

const OUT_OF_RANGE = (got: number) =>
  `value must be a number from 1 to 5 when type is rating; got ${got}; PUT /event-types/rating declares another scale`;

describe('groupRejects', () => {
  it('puts lines of one reason together, whatever they had, the most frequent first', () => {
    const groups = groupRejects([
      { line: 2, reason: 'itemId is missing; it must be text of 1-256 bytes', text: 'u,' },
      { line: 3, reason: OUT_OF_RANGE(17), text: 'u,1,17' },
      { line: 9, reason: OUT_OF_RANGE(9), text: 'u,1,9' },
    ]);
    expect(groups.map(({ reason, count, lines }) => [reason, count, lines.map(({ line }) => line)])).toEqual([
      [
        'value must be a number from 1 to 5 when type is rating; PUT /event-types/rating declares another scale',
        2,
        [3, 9],
      ],
      ['itemId is missing; it must be text of 1-256 bytes', 1, [2]],
    ]);
  });

  it('puts reasons together that differ in quoted values, in the moment, or in the place', () => {
    const reasonsOf = (...reasons: string[]) =>
      groupRejects(reasons.map((reason, line) => ({ line, reason, text: '' }))).map(({ reason, count }) => [
        reason,
        count,
      ]);
    const badDate = (cell: string) => `timestamp: "${cell}" is no time of the pattern "dd/MM/yyyy"`;
    expect(reasonsOf(badDate('31/31/2020'), badDate('a "b'.replace('"', '\\"')))).toEqual([
      ['timestamp: "…" is no time of the pattern "…"', 2],
    ]);
    expect(reasonsOf(badDate('31/31/2020'))).toEqual([[badDate('31/31/2020'), 1]]);
    const late = (at: string) => `timestamp must be a time in the past: at the latest ${at}; got 9`;
    expect(reasonsOf(late('2026-11-30T10:00:00.001Z'), late('2026-11-30T10:00:00.002Z'))).toHaveLength(1);
    const broken = (place: number) => `the line is not valid JSON: Expected ',' in JSON at position ${place}`;
    expect(reasonsOf(broken(7), broken(19))).toHaveLength(1);
    expect(reasonsOf('the row has 3 cells', 'the row has 4 cells')).toHaveLength(2);
  });
});

describe('rejectsAsCsv', () => {
  it('quotes what a line had, and lets no spreadsheet run it', () => {
    expect(rejectsAsCsv([{ line: 7, reason: 'no "id"', text: '=cmd()' }])).toBe(
      'line,reason,text\r\n7,"no ""id""","\'=cmd()"\r\n',
    );
  });
});
