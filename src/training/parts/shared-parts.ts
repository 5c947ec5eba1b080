import { setTimeout as sleep } from 'node:timers/promises';
import { hashOf } from '../../core/hash.ts';
import type { Logger } from '../../core/logger.ts';
import type { TeacherParts } from '../../teacher/contract.ts';
import { restoreTeacher } from '../../teacher/registry.ts';
import type { Engine } from '../../tensor/engine.ts';
import type { Stages } from '../run/stages.ts';
import { type PartDesk, PartEnded } from './contract.ts';

type Kept = Pick<Stages, 'loadTeacher' | 'saveTeacher'>;

interface SharedDeps {
  /** Hash of all that the teacher depends on of which these are parts: data, seed and settings. */
  whole: string;
  engine: Engine;
  stages: Kept;
  logger: Logger;
  /** Estimated seconds from which a part is worth the start of another trainer, which reads the data first. */
  fromSeconds: number;
}

const LOOK_MS = 200;

/** Hash of a part: the same in whichever trainer, where the data are the same. */
const partHash = (whole: string, index: number, settings: object) => hashOf('part', whole, index, settings);

/**
 * Parts of the trainer that the job belongs to. It trains them in their order, as alone; of those that others are at it waits for the
 * result, and restores it, which gives the same bytes. A part that nobody has finished, since its worker died, it trains itself.
 */
export function shareParts(
  { whole, engine, stages, logger, fromSeconds }: SharedDeps,
  desk: PartDesk,
): TeacherParts {
  let hashes: string[] = [];
  return {
    async begin(models) {
      hashes = models.map(({ settings }, i) => partHash(whole, i, settings));
      // The first is for the job itself, which goes on from the front; so the last one first.
      const worth = hashes.filter((_, i) => i > 0 && models[i]!.seconds >= fromSeconds).reverse();
      if (worth.length > 0) desk.offer(worth);
    },
    async obtain(index, signal, train) {
      const part = hashes[index]!;
      let hasWaited = false;
      while (!(await desk.claim(part))) {
        hasWaited = true;
        await sleep(LOOK_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
      }
      try {
        const kept = await stages.loadTeacher(part);
        if (kept) {
          logger.info({ part, kind: kept.kind }, 'this part was trained before, or by another worker');
          return restoreTeacher(engine, kept);
        }
        if (hasWaited)
          logger.warn(
            { part },
            'another worker had this part and left no result: it has died, or shares neither bucket nor STAGES_DIR',
          );
        const teacher = await train();
        await stages.saveTeacher(part, teacher.state());
        return teacher;
      } finally {
        desk.release(part);
      }
    },
  };
}

/** Parts of a trainer that was started for one of them. It ends with a PartEnded before the rest of the job begins. */
export function onlyPart(
  { whole, stages }: Pick<SharedDeps, 'whole' | 'stages'>,
  wanted: string,
): TeacherParts {
  return {
    async begin(models, train) {
      const index = models.findIndex(({ settings }, i) => partHash(whole, i, settings) === wanted);
      if (index < 0) throw new PartEnded(false);
      const teacher = await train(index);
      await stages.saveTeacher(wanted, teacher.state());
      teacher.dispose();
      throw new PartEnded(true);
    },
    obtain: () => Promise.reject(new PartEnded(false)),
  };
}
