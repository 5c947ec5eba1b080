import { createRng } from '../core/rng.ts';
import type { Held, Keep } from './run/holding.ts';
import type { Run, RunningStage } from './run/run.ts';
import type { OpenTask, Repeat } from './task.ts';

/**
 * Trains student and controls again from other random numbers, with the same teacher on the same split: the job's seed plus 1, 2
 * and so on. Only the first student is published. They stay in memory until they are measured, as the first one does.
 *
 * @param keep holds the students until the evaluation is over
 * @returns none where the job asks for one seed
 */
export async function trainRepeats<T extends Held, S extends Held, C extends Held>(
  run: Run,
  { transfer, controls, identity }: Pick<OpenTask<T, S, C>, 'transfer' | 'controls' | 'identity'>,
  teacher: T,
  keep: Keep,
): Promise<Repeat<S, C>[]> {
  const { seeds = 1 } = run.spec.evaluation;
  if (seeds === 1) return [];
  const each = 1 + controls.length;
  return run.stage('seeds', async (stage) => {
    const repeats: Repeat<S, C>[] = [];
    for (let i = 1; i < seeds; i++) {
      const seed = run.spec.distillation.seed + i;
      const fit = seededFit(stage, seed, (i - 1) * each, (seeds - 1) * each);
      const train = await transfer(teacher, await fit());
      const student = keep(await train(await fit([...identity, { seed }])));
      const own: C[] = [];
      for (const [place, control] of controls.entries()) {
        const trained = await control.train(teacher, await fit([...identity, { seed }], 1 + place));
        trained.dispose();
        own.push(trained);
      }
      repeats.push({ seed, student, controls: own });
    }
    return repeats;
  });
}

/** Returns the fit of the loops of one seed, which are some of all loops of the stage. */
function seededFit({ fit }: RunningStage, seed: number, first: number, loops: number) {
  return async (identity?: readonly unknown[], loop = 0) => ({
    ...(await fit(identity, first + loop, loops)),
    rng: createRng(seed),
  });
}
