import { describe, expect, it } from 'vitest';
import { crossProduct, partialSessions } from '../../../src/teacher/kinds/partial-sessions.ts';
import { denseOf, sequencesOf } from '../../helpers/data.ts';

describe('partial sessions', () => {
  const histories = sequencesOf([[2, 0, 1], [3]], 4);

  it('cuts a history between any two items, and lets both sides fade with the distance', () => {
    const { before, after } = partialSessions(histories, { recency: 0.5, horizon: 0.25 });
    expect(denseOf(before)).toEqual([
      [0, 0, 1, 0],
      [1, 0, 0.5, 0],
    ]);
    expect(denseOf(after)).toEqual(
      [
        [1, 0.25, 0, 0],
        [0, 1, 0, 0],
      ].map((row) => row.map((x) => Math.fround(x))),
    );
  });

  it('has the newest item and the next one alone where nothing else is to count', () => {
    const { before, after } = partialSessions(histories, { recency: 0, horizon: 0 });
    expect(denseOf(before)).toEqual([
      [0, 0, 1, 0],
      [1, 0, 0, 0],
    ]);
    expect(denseOf(after)).toEqual([
      [1, 0, 0, 0],
      [0, 1, 0, 0],
    ]);
  });

  it('tells which items come after which, and none after itself', () => {
    const { before, after } = partialSessions(
      sequencesOf(
        [
          [2, 0, 1],
          [0, 2],
        ],
        3,
      ),
      {
        recency: 0.5,
        horizon: 0,
      },
    );
    expect(denseOf(crossProduct(before, after))).toEqual([
      [0, 1, 1],
      [0, 0, 0],
      [1, 0.5, 0],
    ]);
    expect(denseOf(crossProduct(before, before)).map((row, i) => row[i])).toEqual([0, 0, 0]);
  });
});
