import type { DistillationSpec } from '../../src/domain/jobs/distillation-spec.ts';
import type { Row } from '../helpers/data.ts';
import { memoryArtifacts, run, storeOf } from './run-job.ts';

type Run = Awaited<ReturnType<typeof run>>;

/** A job over a store in which another job's version, number 3, is live. */
export function replacing(
  live: Run,
  spec: DistillationSpec,
  rows: Row[],
  { aliases = ['stable'], store = storeOf(rows) } = {},
) {
  // The version's files lie elsewhere than those that the job writes.
  const artifact = 'models/before';
  const version = { ...live.version, model: spec.model, version: 3, createdAt: '', aliases, artifact };
  const models = { names: async () => [spec.model], versions: async () => [version] };
  const files = [...live.artifacts.files].map(([name, bytes]): [string, Buffer] => [
    name.replace(live.version.artifact, artifact),
    bytes,
  ]);
  return run(spec, rows, { store: { ...store, models } }, memoryArtifacts(files));
}
