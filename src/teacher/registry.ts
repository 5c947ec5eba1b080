import { problem } from '../core/errors.ts';
import type { Engine } from '../tensor/engine.ts';
import { type AutoSettings, partOf, trainAuto } from './auto.ts';
import {
  type AutoencoderSettings,
  restoreAutoencoderTeacher,
  trainAutoencoderTeacher,
} from './autoencoder.ts';
import { averageTeacher, restoreAverage } from './average.ts';
import type { Teacher, TeacherState, TrainingContext } from './contract.ts';
import { type EaseSettings, restoreEaseTeacher, trainEaseTeacher } from './ease.ts';
import { type ExternalSettings, restoreExternalTeacher } from './external.ts';
import {
  type GraphFilterSettings,
  restoreGraphFilterTeacher,
  trainGraphFilterTeacher,
} from './graph-filter.ts';
import { type GruSettings, restoreGruTeacher, trainGruTeacher } from './gru.ts';
import {
  type MatrixFactorizationSettings,
  restoreMatrixFactorization,
  trainMatrixFactorization,
} from './matrix-factorization.ts';
import { restoreStudentTeacher } from './old-student.ts';
import { type PopularitySettings, restorePopularityTeacher, trainPopularityTeacher } from './popularity.ts';
import { restoreRemapped } from './remapped.ts';
import { restoreSasrecTeacher, type SasrecSettings, trainSasrecTeacher } from './sasrec.ts';
import { restoreSoftmaxTeacher, type SoftmaxSettings, trainSoftmaxTeacher } from './softmax.ts';

/** Teachers that are one model. */
export type SingleSettings =
  | SoftmaxSettings
  | AutoencoderSettings
  | MatrixFactorizationSettings
  | EaseSettings
  | GraphFilterSettings
  | SasrecSettings
  | GruSettings
  | PopularitySettings;

/** What 'auto' may settle on; trains all its members. */
interface AverageSettings {
  kind: 'average';
  members: SingleSettings[];
}

/** What can be trained. */
export type TrainedSettings = SingleSettings | AutoSettings<SingleSettings> | AverageSettings;

export type TeacherSettings = TrainedSettings | ExternalSettings;

/** One entry per kind; a kind that is missing does not compile. */
const TEACHERS: {
  [K in SingleSettings['kind']]: {
    train(settings: Extract<SingleSettings, { kind: K }>, context: TrainingContext): Promise<Teacher>;
    restore(engine: Engine, state: TeacherState): Teacher;
  };
} = {
  softmax: { train: trainSoftmaxTeacher, restore: restoreSoftmaxTeacher },
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
  if (settings.kind === 'average') return trainMembers(settings.members, context);
  return trainSingle(settings, context);
}

function trainSingle(settings: SingleSettings, context: TrainingContext): Promise<Teacher> {
  return TEACHERS[settings.kind].train(settings as never, context);
}

async function trainMembers(members: SingleSettings[], context: TrainingContext): Promise<Teacher> {
  const trained: Teacher[] = [];
  try {
    for (const [i, settings] of members.entries()) {
      trained.push(await trainSingle(settings, partOf(context, i, members.length)));
    }
  } catch (error) {
    for (const member of trained) member.dispose();
    throw error;
  }
  return averageTeacher(context.engine, trained);
}

/** @throws invalid-artifact for a kind that this version does not know */
export function restoreTeacher(engine: Engine, state: TeacherState): Teacher {
  const teacher = restoreAny(engine, state);
  const { tried } = state;
  return tried ? { ...teacher, tried, state: () => ({ ...teacher.state(), tried }) } : teacher;
}

function restoreAny(engine: Engine, state: TeacherState): Teacher {
  switch (state.kind) {
    case 'average':
      return restoreAverage(engine, state, restoreTeacher);
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
    const known = [...Object.keys(TEACHERS), 'average', 'remapped', 'student'].join(', ');
    throw problem('invalid-artifact', `There is no teacher of the kind '${state.kind}'; there are: ${known}`);
  }
  return TEACHERS[state.kind as SingleSettings['kind']].restore(engine, state);
}
