import { problem } from '../core/errors.ts';
import type { Engine } from '../tensor/engine.ts';
import type { Teacher, TeacherState, TrainingContext } from './contract.ts';
import {
  type AutoencoderSettings,
  restoreAutoencoderTeacher,
  trainAutoencoderTeacher,
} from './kinds/autoencoder.ts';
import { type EaseSettings, restoreEaseTeacher, trainEaseTeacher } from './kinds/ease.ts';
import { restoreExternalTeacher } from './kinds/external.ts';
import {
  type GraphFilterSettings,
  restoreGraphFilterTeacher,
  trainGraphFilterTeacher,
} from './kinds/graph-filter.ts';
import { type GruSettings, restoreGruTeacher, trainGruTeacher } from './kinds/gru.ts';
import {
  type MatrixFactorizationSettings,
  restoreMatrixFactorization,
  trainMatrixFactorization,
} from './kinds/matrix-factorization.ts';
import {
  type PopularitySettings,
  restorePopularityTeacher,
  trainPopularityTeacher,
} from './kinds/popularity.ts';
import { restoreSasrecTeacher, type SasrecSettings, trainSasrecTeacher } from './kinds/sasrec.ts';
import {
  type MultilabelSettings,
  restoreSoftmaxTeacher,
  type SoftmaxSettings,
  trainSoftmaxTeacher,
} from './kinds/softmax.ts';
import { type AutoSettings, partOf, trainAuto } from './several/auto.ts';
import type { Combining } from './several/combine.ts';
import { createEnsemble, type Member, restoreEnsemble } from './several/ensemble.ts';
import { restoreStudentTeacher } from './stored/old-student.ts';
import { restoreRemapped } from './stored/remapped.ts';

/** Teachers that are one model. */
export type SingleSettings =
  | SoftmaxSettings
  | MultilabelSettings
  | AutoencoderSettings
  | MatrixFactorizationSettings
  | EaseSettings
  | GraphFilterSettings
  | SasrecSettings
  | GruSettings
  | PopularitySettings;

/** Several teachers with their weights: what 'auto' may settle on. */
interface WeighedSettings extends Combining {
  kind: 'ensemble';
  members: SingleSettings[];
  weights: number[];
}

/** What can be trained. */
export type TrainedSettings = SingleSettings | AutoSettings<SingleSettings> | WeighedSettings;

/** One entry per kind; a kind that is missing does not compile. */
const TEACHERS: {
  [K in SingleSettings['kind']]: {
    train(settings: Extract<SingleSettings, { kind: K }>, context: TrainingContext): Promise<Teacher>;
    restore(engine: Engine, state: TeacherState): Teacher;
  };
} = {
  softmax: { train: trainSoftmaxTeacher, restore: restoreSoftmaxTeacher },
  multilabel: { train: trainSoftmaxTeacher, restore: restoreSoftmaxTeacher },
  autoencoder: { train: trainAutoencoderTeacher, restore: restoreAutoencoderTeacher },
  'matrix-factorization': { train: trainMatrixFactorization, restore: restoreMatrixFactorization },
  ease: { train: trainEaseTeacher, restore: restoreEaseTeacher },
  'graph-filter': { train: trainGraphFilterTeacher, restore: restoreGraphFilterTeacher },
  sasrec: { train: trainSasrecTeacher, restore: restoreSasrecTeacher },
  gru: { train: trainGruTeacher, restore: restoreGruTeacher },
  popularity: { train: trainPopularityTeacher, restore: restorePopularityTeacher },
};

export function trainTeacher(settings: TrainedSettings, context: TrainingContext): Promise<Teacher> {
  if (settings.kind === 'auto') return trainAuto(settings, context, trainSingle);
  if (settings.kind === 'ensemble') return trainMembers(settings, context);
  return trainSingle(settings, context);
}

function trainSingle(settings: SingleSettings, context: TrainingContext): Promise<Teacher> {
  return TEACHERS[settings.kind].train(settings as never, context);
}

async function trainMembers(
  { members, weights, combine, temperature, constant }: WeighedSettings,
  context: TrainingContext,
): Promise<Teacher> {
  const trained: Member[] = [];
  try {
    for (const [i, settings] of members.entries()) {
      const teacher = await trainSingle(settings, partOf(context, i, members.length));
      trained.push({ teacher, weight: weights[i]! });
    }
  } catch (error) {
    for (const { teacher } of trained) teacher.dispose();
    throw error;
  }
  return createEnsemble(context.engine, trained, { combine, temperature, constant });
}

/** @throws invalid-artifact for a kind that this version does not know */
export function restoreTeacher(engine: Engine, state: TeacherState): Teacher {
  const teacher = restoreAny(engine, state);
  const { tried } = state;
  return tried ? { ...teacher, tried, state: () => ({ ...teacher.state(), tried }) } : teacher;
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
    default:
      return restoreSingle(engine, state);
  }
}

function restoreSingle(engine: Engine, state: TeacherState): Teacher {
  if (state.kind === 'external') return restoreExternalTeacher(engine, state);
  if (!Object.hasOwn(TEACHERS, state.kind)) {
    const known = [...Object.keys(TEACHERS), 'ensemble', 'remapped', 'student'].join(', ');
    throw problem('invalid-artifact', `There is no teacher of the kind '${state.kind}'; there are: ${known}`);
  }
  return TEACHERS[state.kind as SingleSettings['kind']].restore(engine, state);
}
