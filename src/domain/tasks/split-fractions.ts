import { Type } from 'typebox';

const share = (description: string) => Type.Number({ minimum: 0, maximum: 0.5, description });

/** Options of a split that holds out shares. @param of what they are shares of */
export const fractions = (of: string, test: number, validation: number) => ({
  testFraction: share(`Share of ${of} for the test; default ${test}.`),
  validationFraction: share(`Share of ${of} for validation; default ${validation}.`),
});

export interface Fractions {
  testFraction?: number;
  validationFraction?: number;
}

export function completeFractions({ testFraction = 0.2, validationFraction = 0.1 }: Fractions) {
  return { testFraction, validationFraction };
}

export function fractionsProblem({ testFraction, validationFraction }: Fractions): string | null {
  const given = Object.entries({ testFraction, validationFraction });
  const zero = given.find(([, share]) => share === 0)?.[0];
  if (zero !== undefined) return `dataset.split.${zero} must be above 0; got 0`;
  const [test, validation] = [testFraction ?? 0, validationFraction ?? 0];
  if (test + validation < 1) return null;
  return `dataset.split holds out ${test} for the test and ${validation} for validation, which leaves nothing for training; together they must stay below 1`;
}
