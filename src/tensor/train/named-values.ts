import type { Parameters } from './parameters.ts';

/** Parameters as plain numbers, by their names. */
export type NamedValues = Record<string, { shape: number[]; values: Float32Array }>;

/** Returns copies of all parameters, which stay when these are released. */
export function readNamed(parameters: Pick<Parameters, 'names' | 'shape' | 'read'>): NamedValues {
  return Object.fromEntries(
    parameters.names.map((name) => [
      name,
      { shape: [...parameters.shape(name)], values: parameters.read(name) },
    ]),
  );
}
