import type { Static, TSchema } from 'typebox';
import { problem } from '../core/errors.ts';
import type { DataSize } from '../dataset/data-size.ts';
import type { NewItems } from '../dataset/new-items.ts';
import type { KindsFrom } from '../domain/teachers/single.ts';
import type { Engine } from '../tensor/engine.ts';
import type { NamedValues } from '../tensor/train/named-values.ts';
import type { Teacher, TeacherState, TrainingContext } from './contract.ts';
import { restoreExternalTeacher } from './kinds/external.ts';
import * as kinds from './kinds.ts';
import { type AutoSettings, partOf, trainAuto } from './several/auto.ts';
import { createEnsemble, EnsembleSettings, type Member, restoreEnsemble } from './several/ensemble.ts';
import { restoreStudentTeacher } from './stored/old-student.ts';
import { readSettings } from './stored/read-settings.ts';
import { restoreRemapped } from './stored/remapped.ts';
import { withTried } from './wrap.ts';

/** Settings of teachers that are one model. */
export type SingleSettings = Static<(typeof kinds)[keyof typeof kinds]['settings']>;

/** Settings of all teachers that can be trained. */
export type TrainedSettings = SingleSettings | AutoSettings<SingleSettings>;

/** A maker of whichever kind; the settings that it gets are its own. */
interface AnyMaker {
  settings: TSchema;
  earlier?: object;
  continues: boolean;
  plan(options: object, size: DataSize): SingleSettings;
  seconds?(settings: object, size: DataSize): number;
  memoryMiB?(settings: object, size: DataSize): number;
  train(settings: object, context: TrainingContext): Promise<Teacher>;
  restore(engine: Engine, settings: object, state: TeacherState): Teacher;
}
type Trained = KindsFrom<'trained'>;

/**
 * Makers by the names of the entries in src/domain/teachers/kinds.ts: a kind that jobs train and nobody makes does not compile.
 */
const MAKERS: { [N in keyof Trained]: AnyMaker & { kind: Trained[N] } } = kinds;
const byKind = new Map<string, AnyMaker>(Object.values(MAKERS).map((maker) => [maker.kind, maker]));

/** Its settings, from the options that a job gives with the kind. */
export function planSingle({ kind, ...options }: { kind: string }, size: DataSize): SingleSettings {
  const maker = byKind.get(kind);
  if (!maker) throw new Error(`${kind} is not a single teacher that is trained`);
  return maker.plan(options, size);
}

/** True for a kind whose training has an estimate. */
export function hasEstimate(kind: string): boolean {
  return byKind.get(kind)?.seconds !== undefined;
}

/** Estimated seconds of its training on two cores, by the size of the data alone. */
export function secondsOfTraining(settings: SingleSettings, size: DataSize): number {
  const { seconds } = byKind.get(settings.kind)!;
  if (!seconds) throw new Error(`${settings.kind} has no estimate of its cost, so auto cannot plan it`);
  return seconds(settings, size);
}

/** Estimated memory of a trainer that trains it, in MiB; 0 where it takes little beside the data and a student. */
export function memoryOfTraining(settings: SingleSettings, size: DataSize): number {
  return byKind.get(settings.kind)!.memoryMiB?.(settings, size) ?? 0;
}

export function trainTeacher(settings: TrainedSettings, context: TrainingContext): Promise<Teacher> {
  if (settings.kind === 'auto') {
    const { rows: users, columns: items, indices } = context.train;
    const size = { users, items, pairs: indices.length };
    return trainAuto(settings, context, trainSingle, (one) => secondsOfTraining(one, size));
  }
  return trainSingle(settings, context);
}

function trainSingle(settings: SingleSettings, context: TrainingContext): Promise<Teacher> {
  return byKind.get(settings.kind)!.train(settings, context);
}

/** A teacher as training chose it, which may be released meanwhile. */
export interface ChosenTeacher {
  settings: Record<string, unknown>;
  /** Copies of its weights, where its kind can be trained on from them. */
  weights?: NamedValues;
  /** The teachers that it is made of, each with its share. */
  members: readonly { chosen: ChosenTeacher; share: number }[];
}

/** Copies out what a training on more pairs needs of a teacher: of a closed form, which is solved anew, its settings alone. */
export function chosenTeacher(teacher: Teacher): ChosenTeacher {
  const { kind, settings, members = [] } = teacher;
  return {
    settings,
    ...(byKind.get(kind)?.continues && { weights: teacher.state().tensors }),
    members: members.map((member) => ({ chosen: chosenTeacher(member.teacher), share: member.share })),
  };
}

/** Trains the same model on more pairs, with the settings that its first training chose and on from its weights. */
export function retrainTeacher(
  { settings, weights, members }: ChosenTeacher,
  context: TrainingContext,
  newItems: NewItems,
): Promise<Teacher> {
  if (weights && context.keepsTrained) return restoreTrained(context.engine, settings, weights);
  if (settings.kind !== 'ensemble') {
    return trainSingle(readSingle(settings), {
      ...context,
      ...(weights && { start: { weights, newItems } }),
    });
  }
  return trainMembers(
    {
      ...readSettings(EnsembleSettings, settings),
      weights: members.map(({ share }) => share),
      trainers: members.map(
        ({ chosen }) =>
          (own) =>
            retrainTeacher(chosen, own, newItems),
      ),
    },
    context,
  );
}

/** Makes a model that is trained in epochs again, as it was when it was chosen. */
async function restoreTrained(
  engine: Engine,
  settings: Record<string, unknown>,
  tensors: NamedValues,
): Promise<Teacher> {
  const kind = settings.kind as string;
  return restoreTeacher(engine, { kind, settings, epochs: settings.epochs as number, tensors });
}

interface WeighedTrainers extends Omit<EnsembleSettings, 'members' | 'weights'> {
  weights: readonly number[];
  trainers: readonly ((context: TrainingContext) => Promise<Teacher>)[];
}

async function trainMembers(
  { trainers, weights, combine, temperature, constant }: WeighedTrainers,
  context: TrainingContext,
): Promise<Teacher> {
  const trained: Member[] = [];
  try {
    for (const [i, train] of trainers.entries()) {
      const teacher = await train(partOf(context, i, trainers.length));
      trained.push({ teacher, weight: weights[i]! });
    }
  } catch (error) {
    for (const { teacher } of trained) teacher.dispose();
    throw error;
  }
  return createEnsemble(context.engine, trained, { combine, temperature, constant });
}

/** @throws invalid-artifact for a kind that this version does not know, or settings that are not those of its kind */
export function restoreTeacher(engine: Engine, state: TeacherState): Teacher {
  const teacher = restoreAny(engine, state);
  const { tried } = state;
  return withTried(teacher, tried);
}

function restoreAny(engine: Engine, state: TeacherState): Teacher {
  switch (state.kind) {
    case 'ensemble':
    case 'average':
      return restoreEnsemble(engine, state, restoreTeacher);
    case 'remapped':
      return restoreRemapped(engine, state, restoreTeacher);
    case 'student':
      return restoreStudentTeacher(engine, state);
    case 'external':
      return restoreExternalTeacher(engine, state);
    default:
      return makerOf(state.kind).restore(engine, readSingle({ ...state.settings, kind: state.kind }), state);
  }
}

function readSingle(settings: Record<string, unknown>): SingleSettings {
  const { settings: schema, earlier } = makerOf(String(settings.kind));
  return readSettings(schema, settings, earlier) as SingleSettings;
}

function makerOf(kind: string): AnyMaker {
  const maker = byKind.get(kind);
  if (maker) return maker;
  const known = [...byKind.keys(), 'ensemble', 'remapped', 'student'].join(', ');
  throw problem('invalid-artifact', `There is no teacher of the kind '${kind}'; there are: ${known}`);
}
