import { DistillationSpec } from './distillation-spec.ts';

/** The field of a job that a refusal is about, as its text begins with it; null where it is about none. */
export function problemField(detail: string): string | null {
  const [field = ''] = /^[a-zA-Z]\w*(?:\.\w+|\[\d+\])*/.exec(detail) ?? [];
  const [top = ''] = field.split(/[.[]/);
  return Object.hasOwn(DistillationSpec.properties, top) ? field : null;
}
