import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import type { CompleteDistillation } from '../../../src/domain/jobs/complete-distillation.ts';
import { openDuck } from '../../../src/training/source/duck.ts';
import { openSource } from '../../../src/training/source/open-source.ts';
import { temporaryFolder } from '../../helpers/store.ts';

async function setUp() {
  const [importDir, folder, made] = [
    await temporaryFolder(),
    await temporaryFolder(),
    await temporaryFolder(),
  ];
  const duck = await openDuck({ folder: made, memoryMiB: 256, threads: 1 });
  onTestFinished(() => duck.close());
  const file = (name: string) => path.join(importDir, name);
  await duck.run(
    `COPY (SELECT 'u' || range AS "userId", 'i' AS "itemId", 'click' AS "type" FROM range(2000)) TO '${file('sound.parquet')}' (FORMAT parquet)`,
  );
  const open = (parquet: string) =>
    openSource({
      dataset: { source: { parquet } } as CompleteDistillation['dataset'],
      interactions: {} as never,
      places: {
        artifactsS3Endpoint: undefined,
        artifactsS3Region: undefined,
        artifactsS3PathStyle: 'auto',
        artifactsCacheDir: path.join(folder, 'cache'),
        importDir,
        importUrls: [],
        folder: path.join(folder, 'work'),
      },
      memoryMiB: 1024,
      signal: new AbortController().signal,
      warn: () => {},
      logger: pino({ level: 'silent' }),
    });
  return { importDir, folder, file, open };
}

it('names a file that is no Parquet, or a broken one, as a problem of the data that no try mends', async () => {
  const { importDir, folder, file, open } = await setUp();
  const sound = await readFile(file('sound.parquet'));
  await writeFile(file('text.parquet'), 'userId,itemId\nann,a\n');
  await writeFile(file('empty.parquet'), '');
  await writeFile(file('cut.parquet'), sound);
  await truncate(file('cut.parquet'), sound.length - 9);
  const footer = Buffer.from(sound);
  footer.fill(0xff, footer.length - 60, footer.length - 8);
  await writeFile(file('footer.parquet'), footer);
  const pages = Buffer.from(sound);
  pages.fill(0xff, 4, 2000);
  await writeFile(file('pages.parquet'), pages);
  for (const [name, why] of [
    ['text', /its first bytes are not PAR1/],
    ['empty', /its first bytes are not PAR1/],
    ['cut', /its last bytes are not PAR1/],
    ['footer', /cannot be read/],
    ['pages', /cannot be read/],
  ] as const) {
    const failure = await open(`${name}.parquet`).catch((error: unknown) => error);
    expect(failure, name).toMatchObject({
      code: 'invalid-training-input',
      retryable: false,
      detail: expect.stringMatching(why),
    });
    const { detail } = failure as { detail: string };
    expect(detail).toMatch(new RegExp(`^dataset\\.source\\.parquet: .*${name}\\.parquet`));
    expect(detail).not.toContain(importDir);
    expect(detail).not.toContain(folder);
    expect(await readdir(folder), 'what was opened is gone').toEqual([]);
  }
});

it('reads the files *.parquet of a folder and nothing that lies beside them', async () => {
  const { file, open } = await setUp();
  await writeFile(file('_SUCCESS'), '');
  await writeFile(file('notes.csv'), 'not,parquet\n');
  const source = await open('.');
  await source.close();
});
