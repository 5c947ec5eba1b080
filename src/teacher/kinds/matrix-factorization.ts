import type { Engine } from '../../tensor/engine.ts';
import type { Teacher, TeacherState, TrainingContext } from '../contract.ts';
import { type BprSettings, restoreBpr, trainBpr } from './bpr.ts';
import { type IalsSettings, restoreIals, trainIals } from './ials.ts';

export type MatrixFactorizationSettings = BprSettings | IalsSettings;

export function trainMatrixFactorization(
  settings: MatrixFactorizationSettings,
  context: TrainingContext,
): Promise<Teacher> {
  return settings.objective === 'ials' ? trainIals(settings, context) : trainBpr(settings, context);
}

export function restoreMatrixFactorization(engine: Engine, state: TeacherState): Teacher {
  return state.settings.objective === 'ials' ? restoreIals(engine, state) : restoreBpr(engine, state);
}
