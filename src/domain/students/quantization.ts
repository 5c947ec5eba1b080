import { Type } from 'typebox';

interface QuantizationTraits {
  says: string;
  /** Options of the student that go with it alone. */
  options: readonly ('quantizationAware' | 'codes' | 'codeWidth')[];
  /** True where training can see the rounding, row by row; else the weights are rounded after training. */
  seenInTraining: boolean;
}

export const QUANTIZATIONS = {
  int8: { says: '8 bits a number', options: ['quantizationAware'], seenInTraining: true },
  int4: { says: '4 bits a number', options: ['quantizationAware'], seenInTraining: true },
  pq: {
    says: 'product quantization, one byte for several numbers',
    options: ['codes', 'codeWidth'],
    seenInTraining: false,
  },
} as const satisfies Record<string, QuantizationTraits>;
export type Quantization = keyof typeof QUANTIZATIONS;

const names = Object.keys(QUANTIZATIONS) as Quantization[];

export const quantizationOptions = {
  quantization: Type.Enum(names, {
    description: `How item matrices are stored, with one scale per row: ${names.map((name) => `${name} (${QUANTIZATIONS[name].says})`).join(', ')}.`,
  }),
  quantizationAware: Type.Boolean({
    description: 'Whether the last epochs train with the rounding (int8 and int4).',
  }),
  codes: Type.Integer({ minimum: 2, maximum: 256, description: 'Of pq: size of each codebook.' }),
  codeWidth: Type.Integer({ minimum: 1, maximum: 64, description: 'Of pq: numbers that share one code.' }),
};

interface Options {
  quantization?: Quantization;
  quantizationAware?: boolean;
  codes?: number;
  codeWidth?: number;
  dimensions?: number;
}

/** The first option of a student that does not go with its quantization, named by its field, or null. */
export function quantizationProblem(student: Options): string | null {
  const { quantization = 'int8', quantizationAware, codes, codeWidth, dimensions } = student;
  const own: readonly string[] = QUANTIZATIONS[quantization].options;
  // That the rounding is not to be seen is true of every quantization.
  const given = { codes, codeWidth, quantizationAware: quantizationAware || undefined };
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || own.includes(name)) continue;
    const owners = names.filter((other) =>
      (QUANTIZATIONS[other].options as readonly string[]).includes(name),
    );
    return `student.${name} belongs to quantization ${owners.join(' and ')}; leave it out for ${quantization}`;
  }
  if (codeWidth !== undefined && dimensions !== undefined && codeWidth > dimensions) {
    return `student.codeWidth ${codeWidth} exceeds student.dimensions ${dimensions}; it must be at most that`;
  }
  return null;
}
