import { type Static, Type } from 'typebox';

/** Options of a job for the queue and for the worker that runs it; none of them changes the model that comes out. */
export const jobOptions = {
  priority: Type.Optional(
    Type.Integer({ minimum: -100, maximum: 100, description: 'Greater goes first; 0 if not given.' }),
  ),
  notBefore: Type.Optional(
    Type.String({
      'x-must-be': 'a time with a zone, such as 2026-03-02T03:00:00Z',
      pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?(Z|[+-]\\d{2}:\\d{2})$',
      description: 'ISO-8601 with a zone. The job stays queued until then.',
      examples: ['2026-03-02T03:00:00Z'],
    }),
  ),
  timeoutSeconds: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 2_592_000,
      description: 'An attempt that runs longer is stopped and the job has failed.',
      examples: [7200],
    }),
  ),
  maxRssMiB: Type.Optional(
    Type.Integer({
      minimum: 16,
      maximum: 16_777_216,
      description:
        "A trainer process that takes more memory is ended and the job has failed; teachers that do not fit it are not tried. Default: the trainer's share of the machine's memory, see TRAINER_MEMORY_MIB.",
      examples: [16_000],
    }),
  ),
  requirements: Type.Optional(
    Type.Object(
      {
        device: Type.Optional(
          Type.Enum(['gpu'], { description: 'Only workers whose trainers found a GPU take the job.' }),
        ),
        memoryMiB: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: 16_777_216,
            description: 'Only workers on machines with so much memory take the job.',
          }),
        ),
      },
      { additionalProperties: false },
    ),
  ),
};

const JobOptions = Type.Object(jobOptions);
export type JobOptions = Static<typeof JobOptions>;
export type JobRequirements = NonNullable<JobOptions['requirements']>;

/** The options alone, as they are given; a job always has a priority. */
export function completeJobOptions(spec: JobOptions): JobOptions & { priority: number } {
  const { priority = 0, notBefore, timeoutSeconds, maxRssMiB, requirements } = spec;
  return {
    priority,
    ...(notBefore !== undefined && { notBefore }),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    ...(maxRssMiB !== undefined && { maxRssMiB }),
    ...(requirements !== undefined && { requirements }),
  };
}
