import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { DistillationSpec } from '../src/domain/jobs/distillation-spec.ts';
import { hasData, qualitySets } from './quality/data-sets.ts';
import { withFilms } from './refit/films.ts';
import { measureRefit } from './refit/measure.ts';

/**
 * Measures what the refit is worth: models that were trained on the older pairs of each user, trained on with the pairs after them, and
 * trained anew with these, on the newest pairs that none of them knows. The test part of the data set is not imported.
 *
 *   npm run bench:refit -- ml-100k [--job '{"teacher":{"kind":"softmax"}}']
 *   npm run bench:refit -- ml-100k --films: three films that eighty users watch last of all, and where they are for a fan
 */
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { job: { type: 'string', default: '{}' }, films: { type: 'boolean', default: false } },
});
const folder = join(root, '..', 'shared', 'data');
const set = qualitySets(folder)[positionals[0] ?? ''];
if (!set) {
  console.error('usage: npm run bench:refit -- <data set>');
  process.exit(2);
}
if (!hasData(folder, set.folder ?? set.name)) {
  console.log(`SKIPPED: ${join('..', 'shared', 'data', set.name)} is not there, so nothing was measured.`);
  process.exit(0);
}
const job: Partial<DistillationSpec> = JSON.parse(options.job);
const uploads = set.uploads(true);
const lines = await measureRefit(
  options.films ? withFilms(uploads[0]!) : uploads,
  // Only some sets have a time for each pair.
  set.name === 'ml-100k' ? 'last-fraction' : 'random',
  job,
  options.films,
);
console.log(lines.join('\n'));
