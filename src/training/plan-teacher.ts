import type { DistillationSpec } from '../domain/distillation-spec.ts';
import type { SoftmaxSettings } from '../teacher/softmax.ts';
import { type DataSize, planEpochs } from './plan-epochs.ts';

export function planTeacher(spec: DistillationSpec, { users, items }: DataSize): SoftmaxSettings {
  const batchSize = spec.teacher?.batchSize ?? (users < 5000 ? 256 : 512);
  return {
    kind: 'softmax',
    hidden: spec.teacher?.hidden ?? [items < 5000 ? 1000 : 600],
    epochs: spec.teacher?.epochs ?? planEpochs(users, batchSize),
    batchSize,
    learningRate: spec.teacher?.learningRate ?? 0.002,
    dropout: spec.teacher?.dropout ?? 0.5,
    weightDecay: spec.teacher?.weightDecay ?? 0.5,
  };
}
