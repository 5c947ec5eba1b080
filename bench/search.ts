import path from 'node:path';
import type { Job } from '../src/domain/jobs/job.ts';
import type { SearchReport } from '../src/domain/jobs/search-report.ts';
import { qualitySets } from './quality/data-sets.ts';
import { dataFolder } from './quality/own-page.ts';
import { startQualityService } from './quality/service.ts';

/**
 * Runs the search that docs/report.md shows, over MovieLens-100K, and prints its table:
 *   npm run bench:search
 */
const SEARCH = {
  model: 'movies',
  search: { dimensions: [64, 32, 16, 8], quantization: ['int8', 'int4'], latency: 500 },
  // One teacher and one way to make the student, so that the sizes alone differ.
  teacher: { kind: 'ease' },
  student: { kind: 'fold-in', user: 'summed' },
  distillation: { thinned: 15 },
  evaluation: { refit: false },
};
if (!dataFolder(path.resolve('.'), 'ml-100k')) process.exit(0);

const service = await startQualityService(path.resolve('.'));
try {
  for (const upload of qualitySets(path.join('..', 'shared', 'data'))['ml-100k']!.uploads(false)) {
    await service.upload(upload);
  }
  const { id, followers } = await service.send<Job>('/jobs', SEARCH);
  for (const one of [id, ...followers!]) await service.finished(one);
  const report = await service.get<SearchReport>(`/jobs/${id}/search`);
  console.log(`${JSON.stringify(SEARCH)}\n\n${table(report)}\n\n${report.text}`);
} finally {
  await service.stop();
}

function table({ points, metric }: SearchReport): string {
  const rows = points.map((point) => {
    const { place, student, dimensions, bytes, quality, retained, microseconds, onFront, isKnee, isChosen } =
      point;
    const notes = [
      onFront ? 'front' : `dominated by ${point.dominatedBy.join(', ') || '-'}`,
      isKnee && 'knee',
      isChosen && 'chosen',
      point.beyond.length > 0 && `beyond ${point.beyond.join(', ')}`,
      point.refusedBy.length > 0 && `refused by ${point.refusedBy.join(', ')}`,
      point.problem,
    ];
    const cells = [
      ...[place, `${dimensions} ${student.quantization}`, bytes],
      quality && `${quality.value.toFixed(4)} (${quality.low.toFixed(4)} to ${quality.high.toFixed(4)})`,
      retained && `${(100 * retained).toFixed(1)} %`,
      microseconds?.toFixed(0),
      notes.filter(Boolean).join('; '),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const head = `| place | student | bytes | ${metric} | of the teacher's | µs | |`;
  return [head, '|---|---|---|---|---|---|---|', ...rows].join('\n');
}
