import type { Rng } from '../../core/rng.ts';
import type { NamedInitial } from '../../student/network.ts';
import type { LossSettings } from './term.ts';

/** Widths of a teacher's vectors; items only where it has item factors. */
export interface TeacherWidths {
  user: number;
  item?: number;
}

/** Trainable arrays of the losses themselves, thrown away with them: the hint's projection, experts and their gates. */
export function auxiliaryParameters(
  losses: readonly LossSettings[],
  dimensions: number,
  widths: TeacherWidths | undefined,
  rng: Rng,
): NamedInitial {
  const made: NamedInitial = {};
  for (const loss of losses) {
    if (loss.kind === 'hint') {
      made['hint.w'] = normal([dimensions, widths!.user], dimensions, rng);
      made['hint.b'] = zeros([widths!.user]);
    }
    const experts = loss.kind === 'experts' ? loss.experts : loss.kind === 'topology' ? loss.groups : 1;
    if (experts === 1) continue;
    for (const side of ['user', 'item'] as const) {
      const width = widths![side];
      if (width) Object.assign(made, mixture(`${loss.kind}.${side}`, dimensions, width, experts, rng));
    }
  }
  return made;
}

function mixture(prefix: string, d: number, width: number, experts: number, rng: Rng): NamedInitial {
  const middle = Math.ceil((d + width) / 2);
  return {
    [`${prefix}.gate`]: normal([width, experts], width, rng),
    [`${prefix}.first`]: normal([d, experts * middle], d, rng),
    [`${prefix}.firstBias`]: zeros([experts * middle]),
    [`${prefix}.second`]: normal([experts, middle, width], middle, rng),
    [`${prefix}.secondBias`]: zeros([experts, 1, width]),
  };
}

const sizeOf = (shape: number[]) => shape.reduce((product, n) => product * n, 1);
const zeros = (shape: number[]) => ({ shape, values: new Float32Array(sizeOf(shape)) });

function normal(shape: number[], inputs: number, rng: Rng) {
  const deviation = 1 / Math.sqrt(inputs);
  return { shape, values: Float32Array.from({ length: sizeOf(shape) }, () => deviation * rng.normal()) };
}
