import path from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LINES } from '../../src/backup/lines.ts';
import { restoreBackup } from '../../src/backup/restore.ts';
import { writeBackup } from '../../src/backup/write.ts';
import type { BackupPart, BackupRows } from '../../src/store/backup/contract.ts';
import type { Store } from '../../src/store/store.ts';
import { id, interactions, items, NOW, name, users } from '../helpers/odd-rows.ts';
import { openStore, temporaryFolder } from '../helpers/store.ts';

const time = fc.integer({ min: 0, max: NOW });
const type = fc.constantFrom('click', 'Täg', '收藏');
const SOME: { [P in BackupPart]?: fc.Arbitrary<readonly BackupRows[P][]> } = {
  interactions,
  items,
  users,
  'known-users': fc.array(fc.record({ userId: id }), { maxLength: 9 }),
  'known-items': fc.array(
    fc.record({
      itemId: id,
      state: fc.constantFrom('catalogue', 'interactions', 'deleted'),
      addedAt: fc.option(time),
    }),
    { maxLength: 9 },
  ),
  tombstones: fc.array(
    fc.record({
      userId: id,
      itemId: id,
      type,
      timestamp: fc.option(time),
      eventId: fc.option(id),
      deletedAt: time,
    }),
    { maxLength: 9 },
  ),
  schedules: fc.array(
    fc.record({
      ...{ id, name: fc.option(name), createdAt: time, cron: fc.constant(null), timeZone: fc.option(name) },
      ...{
        afterInteractions: fc.option(fc.integer({ min: 1 })),
        paused: fc.boolean(),
        keyId: fc.option(name),
      },
      job: fc.record({
        type: fc.constant('distillation' as const),
        model: name,
        spec: fc.record({ model: name }),
      }),
      nextAt: fc.constant(null),
    }),
    { maxLength: 4 },
  ),
};

it.each(Object.keys(SOME) as (keyof typeof SOME)[])('odd rows of %s are read as what they were', (part) => {
  const { view, parse } = LINES[part] as { view(row: unknown): unknown; parse(raw: unknown): unknown };
  fc.assert(
    fc.property(SOME[part] as fc.Arbitrary<readonly unknown[]>, (rows) => {
      for (const row of rows) expect(parse(JSON.parse(JSON.stringify(view(row))))).toEqual({ ok: row });
    }),
    { numRuns: 50 },
  );
});

async function exported({ backup }: Store): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await writeBackup({ backup, artifacts: {} as never }, { models: false }))
    chunks.push(chunk);
  return Buffer.concat(chunks);
}

it('an installation of odd rows comes back the same', async () => {
  const folder = await temporaryFolder();
  const first = await openStore(path.join(folder, 'first.db'));
  const seed = { numRuns: 10, seed: 11 };
  await first.interactions.add(fc.sample(interactions, seed).flat());
  await first.catalogue.putItems(fc.sample(items, seed).flat());
  await first.catalogue.putUsers(fc.sample(users, seed).flat());
  const { rows } = await first.catalogue.listItems({}, 3);
  for (const { itemId } of rows) await first.catalogue.deleteItem(itemId);
  await first.deletions.interactions({ type: 'Täg' });
  const tar = await exported(first);
  const second = await openStore(path.join(folder, 'second.db'));
  async function* whole() {
    yield tar;
  }
  await restoreBackup(whole(), { backup: second.backup, artifacts: {} as never, now: () => NOW });
  expect((await exported(second)).equals(tar)).toBe(true);
});
