import { DistillationSpec } from '../../src/domain/jobs/distillation-spec.ts';
import { distillationProblem } from '../../src/domain/jobs/rules/check-distillation.ts';
import { type SchemaError, sentencesOf } from '../../src/domain/validate/sentences.ts';
import { allErrorsCompiler } from '../../src/http/plugins/validation.ts';

const validate = allErrorsCompiler()({ schema: DistillationSpec, method: 'POST', url: '/jobs' }) as ((
  body: unknown,
) => boolean) & { errors?: SchemaError[] };

/** Says what is wrong with a job as a request would, also where no type allows it: the schema's sentences, or the rules'. */
export function jobProblem(job: object): string | null {
  const body = structuredClone(job);
  if (validate(body)) return distillationProblem(body as DistillationSpec);
  return sentencesOf(validate.errors ?? [], 'the body', 10).join('; ');
}
