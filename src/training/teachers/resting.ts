import type { Teacher } from '../../teacher/contract.ts';
import { restoreTeacher } from '../../teacher/registry.ts';
import { KEPT, wrapTeacher } from '../../teacher/wrap.ts';
import type { Engine } from '../../tensor/engine.ts';
import type { Stages } from '../run/stages.ts';
import type { FoundTeacher } from './find-teacher.ts';
import type { RankingTeacher } from './teacher-setup.ts';

/** A teacher whose memory can be released while nobody asks it. */
export interface RestingTeacher {
  /** The teacher itself, which answers while it is awake. Its facts, such as description and bytes, stay. */
  teacher: Teacher;
  /** Puts it aside in a file of the job, where it is large enough. Asked at rest it throws an error. */
  rest(): Promise<void>;
  /** Makes it again from its file, the same to the last bit; nothing happens where it is awake. */
  wake(): Promise<void>;
}

/**
 * Makes a teacher that was trained by this job able to rest. Lists that were made elsewhere stay as they are.
 * @param name of the file, one for each teacher of the job
 */
export function restingTeacher(
  { engine, stages }: { engine: Engine; stages: Pick<Stages, 'putAside' | 'takeBack'> },
  name: string,
  trained: Teacher,
): RestingTeacher {
  if (isListed(trained)) return { teacher: trained, rest: async () => {}, wake: async () => {} };
  let current: Teacher | undefined = trained;
  const awake = () => {
    if (!current) throw new Error(`${name} is asked while it is at rest`);
    return current;
  };
  return {
    teacher: forwarding(trained, awake, () => {
      current?.dispose();
      current = undefined;
    }),
    async rest() {
      if (!current || !(await stages.putAside(name, current.bytes, () => current!.state()))) return;
      current.dispose();
      current = undefined;
    },
    async wake() {
      current ??= restoreTeacher(engine, await stages.takeBack(name));
    },
  };
}

/** A job's teacher that can rest; one that was found, or has a found member, is in memory anyhow and stays as it is. */
export function thatRests(
  run: Parameters<typeof restingTeacher>[0],
  { ready, members = [] }: FoundTeacher,
  name: string,
  obtained: RankingTeacher,
): RankingTeacher {
  if (ready || members.some((member) => member.ready)) return obtained;
  const { teacher, rest, wake } = restingTeacher(run, name, obtained.teacher);
  return { ...obtained, teacher, rest, wake, dispose: () => teacher.dispose() };
}

/** True for lists, and for an ensemble with such a member: they are known by the users of the data, which no file has. */
function isListed({ listed, members = [] }: Teacher): boolean {
  return listed !== undefined || members.some((member) => isListed(member.teacher));
}

/** The facts of one teacher, and the answers of whichever is there when it is asked. */
function forwarding(facts: Teacher, now: () => Teacher, dispose: () => void): Teacher {
  return wrapTeacher(facts, {
    kind: KEPT,
    description: KEPT,
    parameters: KEPT,
    bytes: KEPT,
    epochs: KEPT,
    settings: KEPT,
    unknown: KEPT,
    reads: KEPT,
    tried: KEPT,
    listed: undefined,
    scores: (histories) => now().scores(histories),
    project: (directions, width, sample) => now().project(directions, width, sample),
    itemFactors: facts.itemFactors && ((sample) => now().itemFactors!(sample)),
    hidden: facts.hidden && ((histories) => now().hidden!(histories)),
    foldIn: facts.foldIn && (() => now().foldIn!()),
    withItems: facts.withItems && ((bags) => now().withItems!(bags)),
    members: facts.members?.map(({ teacher, share }, i) => ({
      share,
      // Members are released with the whole.
      teacher: forwarding(
        teacher,
        () => now().members![i]!.teacher,
        () => {},
      ),
    })),
    state: () => now().state(),
    dispose,
  });
}
