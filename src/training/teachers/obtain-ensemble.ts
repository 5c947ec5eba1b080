import { problem } from '../../core/errors.ts';
import type { NewItems } from '../../dataset/new-items.ts';
import { traitsOf } from '../../domain/teachers/teacher-spec.ts';
import type { Teacher, TrainingContext } from '../../teacher/contract.ts';
import { type ChosenTeacher, retrainTeacher } from '../../teacher/registry.ts';
import { partOf } from '../../teacher/several/auto.ts';
import type { Combining } from '../../teacher/several/combine.ts';
import { createEnsemble, type Member } from '../../teacher/several/ensemble.ts';
import {
  chooseWeights,
  partsOnValidation,
  weighOnValidation,
} from '../../teacher/several/ensemble-weights.ts';
import { obtainSingle } from './obtain-single.ts';
import type { EnsemblePlan, SinglePlan } from './plan-any-teacher.ts';
import {
  asRankingTeacher,
  type EnsembleFacts,
  identityOf,
  type RankingTeacher,
  type TeacherSetup,
} from './teacher-setup.ts';
import { keepSnapshots, snapshotEpochs, type Trajectory, trajectoryOf } from './trajectory.ts';

type EnsembleSetup = TeacherSetup & { settings: EnsemblePlan };

/** Obtains each member as a teacher by itself, under its own hash: a member that another job has trained is not trained again. */
export async function obtainEnsemble(setup: EnsembleSetup): Promise<RankingTeacher> {
  const { settings, context, stages } = setup;
  const plans = planMembers(setup);
  const members: Teacher[] = [];
  try {
    for (const [i, plan] of plans.entries()) {
      const own = memberContext(context, plans, i);
      const snapshots = plan.epochs.length > 0 ? keepSnapshots(stages, plan.hash, plan.epochs) : undefined;
      members.push(
        await obtainSingle({
          ...setup,
          ...plan,
          ready: setup.found.members?.[i]?.ready,
          stage: `${setup.stage}-${i}`,
          context: { ...own, snapshots },
        }),
      );
    }
    const { shares, ...ensemble } = await weigh(members, settings, context);
    const weighed = members.map((teacher, i) => ({ teacher, weight: shares[i]! }));
    return { ...combined(weighed, setup, plans), ensemble };
  } catch (error) {
    for (const member of members) member.dispose();
    throw error;
  }
}

/**
 * Trains the same members on more pairs, with the weights that they had. There is no curriculum any more: the student, which starts
 * from what it knows, has been through it.
 */
export async function retrainEnsemble(
  { settings, found, context }: Pick<EnsembleSetup, 'settings' | 'found' | 'context'>,
  chosen: ChosenTeacher,
  newItems: NewItems,
): Promise<RankingTeacher> {
  const members: Member[] = [];
  try {
    for (const [i, { chosen: own, share }] of chosen.members.entries()) {
      const teacher =
        found.members?.[i]?.ready?.create(context.engine) ??
        (await retrainTeacher(own, partOf(context, i, chosen.members.length), newItems));
      members.push({ teacher, weight: share });
    }
  } catch (error) {
    for (const { teacher } of members) teacher.dispose();
    throw error;
  }
  return asRankingTeacher(createEnsemble(context.engine, members, howOf(settings)));
}

function combined(
  members: readonly Member[],
  { settings, context, stages }: EnsembleSetup,
  plans: readonly MemberPlan[],
): RankingTeacher {
  const ranking = asRankingTeacher(createEnsemble(context.engine, members, howOf(settings)));
  if (settings.combine !== 'curriculum') return ranking;
  const trajectories = ranking.teacher.members!.flatMap((member, i): Trajectory[] => {
    const { hash, epochs } = plans[i]!;
    return member.share > 0 ? [trajectoryOf(member, hash, epochs, stages)] : [];
  });
  return { ...ranking, trajectories };
}

/**
 * Returns the context of a member: its part of the progress, and a random stream of its own where it is the same as one before
 * it.
 */
function memberContext(context: TrainingContext, plans: readonly MemberPlan[], i: number): TrainingContext {
  const { copy } = plans[i]!;
  const part = partOf(context, i, plans.length);
  return copy === 0 ? part : { ...part, rng: context.rng.fork(`copy-${copy}`) };
}

function howOf({ combine, temperature, constant }: Combining): Combining {
  return { combine, temperature, constant };
}

interface MemberPlan {
  settings: SinglePlan;
  /** The number of members before it that are the same. */
  copy: number;
  /** The epochs after which a curriculum wants to keep its lists. */
  epochs: number[];
  hash: string;
}

function planMembers({ settings, found, hashFor }: EnsembleSetup): MemberPlan[] {
  const identities = settings.members.map((member, i) => identityOf(member, found.members?.[i] ?? {}));
  const texts = identities.map((identity) => JSON.stringify(identity));
  return settings.members.map((member, i) => {
    const copy = texts.slice(0, i).filter((text) => text === texts[i]).length;
    const epochs = settings.combine === 'curriculum' ? snapshotEpochs(epochsOf(member)) : [];
    const more = { ...(copy > 0 && { copy }), ...(epochs.length > 0 && { snapshots: epochs }) };
    return { settings: member, copy, epochs, hash: hashFor({ ...identities[i], ...more }) };
  });
}

/** Returns the epochs of a teacher that is trained in epochs by the one training loop; 1 for others. */
function epochsOf(settings: SinglePlan): number {
  return 'epochs' in settings && traitsOf(settings).inEpochs ? settings.epochs : 1;
}

/** Returns the members' shares of the weight, and what each gives on validation. */
export async function weigh(
  members: readonly Teacher[],
  settings: Omit<EnsemblePlan, 'kind' | 'members'>,
  { validation, signal }: Pick<TrainingContext, 'validation' | 'signal'>,
): Promise<EnsembleFacts & { shares: number[] }> {
  const given = settings.weights === 'validation' ? undefined : settings.weights;
  if (!validation) {
    if (given)
      return {
        weights: 'given',
        shares: sharesOf(given),
        metric: null,
        losses: given.map(() => null),
      };
    throw problem(
      'invalid-job',
      'teacher.weights validation has nothing to choose by: the split has no validation pairs; give each member a weight, or a split with a validation part',
    );
  }
  const onValidation = weighOnValidation(members, howOf(settings), validation, signal);
  const shares = sharesOf(given ?? (await chooseWeights(onValidation, members.length)));
  const parts = await partsOnValidation(onValidation, shares);
  return { weights: given ? 'given' : 'validation', shares, ...parts };
}

function sharesOf(weights: readonly number[]): number[] {
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / whole);
}
