import { type Static, Type } from 'typebox';
import type { JobRequirements } from './job-options.ts';
import { LANES, type Lane } from './lane.ts';

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Union([type, Type.Null()]);

/** Findings of a trainer about its machine: measured once, in a process of its own, before the worker takes jobs. */
export const TrainerHealth = Type.Object({
  backend: Type.Enum(['gpu', 'native', 'wasm', 'cpu']),
  requested: Type.String({ description: 'TENSOR_BACKEND as it was set.', examples: ['auto'] }),
  reason: orNull(Type.String({ description: 'Why auto did not take a better backend.' })),
  tensorflow: orNull(Type.String({ examples: ['2.18.1'] })),
  device: orNull(Type.String({ examples: ['NVIDIA H200'] })),
  threads: Type.Integer({ examples: [2] }),
  memoryMiB: Type.Integer({ description: 'Memory of the machine.', examples: [24_000] }),
  matmulMs: Type.Number({
    description: 'Median time of one 1024 x 1024 x 1024 float32 product.',
    examples: [18.5],
  }),
});
export type TrainerHealth = Static<typeof TrainerHealth>;

/** Lanes that a worker takes; undefined in what a worker of an earlier release tells, which takes all. */
export const WorkerLanes = Type.Optional(
  Type.Array(
    Type.Object({
      lane: Type.Enum([...LANES]),
      concurrency: Type.Optional(Type.Integer({ description: 'Jobs at a time; none of maintenance.' })),
    }),
    {
      description: 'What it takes. Workers of earlier releases do not say it, and take all lanes.',
      examples: [
        [
          { lane: 'imports', concurrency: 2 },
          { lane: 'training', concurrency: 1 },
        ],
      ],
    },
  ),
);

export const WorkerStatus = Type.Object(
  {
    id: Type.String({ examples: ['trainer-1-4711'] }),
    host: Type.String({ examples: ['trainer-1'] }),
    startedAt: Type.String({ format: 'date-time' }),
    seenAt: Type.String({ format: 'date-time' }),
    concurrency: Type.Integer({ description: 'Jobs at a time, of all its lanes together.', examples: [3] }),
    lanes: WorkerLanes,
    jobs: Type.Array(Type.String(), { description: 'What it runs now.', examples: [['job_01h8xk']] }),
    trainer: orNull(TrainerHealth),
    problem: orNull(Type.String({ description: 'Why no trainer can be started there.' })),
  },
  { description: 'A worker that was heard of within the last half minute.' },
);
export type WorkerStatus = Static<typeof WorkerStatus>;

/** Says whether a machine has what a job asks for. */
export function meetsRequirements(
  trainer: Pick<TrainerHealth, 'backend' | 'memoryMiB'>,
  { device, memoryMiB = 0 }: JobRequirements,
): boolean {
  return (device === undefined || trainer.backend === device) && trainer.memoryMiB >= memoryMiB;
}

/** Workers speak up every ten seconds; two missed beats are a hiccup. */
export const ALIVE_MS = 30_000;

/** Status that a worker reports at each beat. */
export type WorkerBeat = Omit<WorkerStatus, 'startedAt' | 'seenAt'>;

/** Says whether a worker takes the jobs of a lane, or does the upkeep. */
export const takesLane = ({ lanes }: Pick<WorkerStatus, 'lanes'>, lane: Lane): boolean =>
  lanes === undefined || lanes.some((one) => one.lane === lane);

/** Lanes that none of these workers takes. */
export const lanesWithout = (workers: readonly Pick<WorkerStatus, 'lanes'>[]): Lane[] =>
  LANES.filter((lane) => !workers.some((worker) => takesLane(worker, lane)));
