import { setImmediate as breathe } from 'node:timers/promises';
import { problem } from '../../../core/errors.ts';
import type { Rng } from '../../../core/rng.ts';
import type { Csr } from '../../../dataset/matrix.ts';
import { learnForStart } from '../../../distillation/transfer/transfer-solved.ts';
import type { TrainingContext } from '../../../teacher/contract.ts';

/** Learns the start of a student whose user vector is solved, and lets messages in on the way. @throws problem('cancelled') */
export function learnFactors(
  { engine, signal }: Pick<TrainingContext, 'engine' | 'signal'>,
  pairs: Csr,
  dimensions: number,
  rng: Rng,
) {
  const step = async () => {
    await breathe();
    if (signal.aborted) throw problem('cancelled', 'training was cancelled', {}, signal.reason);
  };
  return learnForStart(engine, pairs, dimensions, rng.fork('ials'), step);
}
