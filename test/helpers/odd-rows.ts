import fc from 'fast-check';
import { idProblem } from '../../src/domain/base/id.ts';
import type { StoredItem, StoredUser } from '../../src/domain/data/catalogue.ts';
import type { StoredInteraction } from '../../src/domain/data/interaction.ts';

export const NOW = Date.parse('2026-03-01T12:00:00Z');

/** Texts that other readers take for something else. */
const ODD = [
  'NULL',
  'null',
  ' a ',
  '"',
  'a "b", c',
  'a|b',
  '[1]',
  "['x']",
  '\ufeff',
  '\r\n',
  'a\nb',
  '\t',
  '#',
  'sep=;',
  '__proto__',
  '007',
  '1e5',
  'ü🎬',
  '\\N',
  ',',
];
const oddText = fc.oneof(fc.constantFrom(...ODD), fc.string({ unit: 'binary', maxLength: 20 }));
export const id = oddText.filter((text) => idProblem('id', text) === null);
export const name = oddText.filter((text) => text.length > 0 && !text.includes('\u0000'));
const clean = (text: string) => !text.includes('\u0000');
const features = fc
  .dictionary(oddText.filter(clean), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
  .map((value) => JSON.parse(JSON.stringify(value)));
const time = fc.option(fc.integer({ min: 0, max: 253_402_300_900_000 }));

export const interactions: fc.Arbitrary<StoredInteraction[]> = fc.array(
  fc
    .record({
      userId: id,
      itemId: id,
      type: fc.constantFrom('click', 'buy', 'Täg'),
      // Minus zero is zero in every format.
      value: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)),
      timestamp: fc.option(fc.integer({ min: 0, max: NOW })),
      eventId: fc.option(id, { freq: 2 }),
    })
    .map((row) => ({ ...row, ...(row.timestamp !== null && row.timestamp % 3 === 0 && { received: true }) })),
  { maxLength: 40 },
);
export const items: fc.Arbitrary<StoredItem[]> = fc.uniqueArray(
  fc.record({
    itemId: id,
    title: fc.option(oddText.filter((text) => text !== '' && clean(text))),
    categories: fc.uniqueArray(name, { maxLength: 4 }),
    labels: fc.uniqueArray(name, { maxLength: 4 }),
    features,
    hidden: fc.boolean(),
    availableFrom: time,
    availableUntil: fc.constant(null),
  }),
  { selector: ({ itemId }) => itemId, maxLength: 12 },
);
export const users: fc.Arbitrary<StoredUser[]> = fc.uniqueArray(fc.record({ userId: id, features }), {
  selector: ({ userId }) => userId,
  maxLength: 12,
});
