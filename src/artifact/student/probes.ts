import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { problem } from '../../core/errors.ts';

export const PROBES_FILE = 'probes.json';

const strict = { additionalProperties: false } as const;

/** A made-up history and what the student answered to it when it was packed. */
const Probe = Type.Object(
  {
    /** Distinct items, the newest first. */
    history: Type.Array(Type.Object({ itemId: Type.String(), weight: Type.Number() }, strict), {
      minItems: 1,
    }),
    /** Best first. */
    top: Type.Array(Type.Object({ itemId: Type.String(), score: Type.Number() }, strict), { minItems: 1 }),
  },
  strict,
);
export type Probe = Static<typeof Probe>;

const validator = Compile(Type.Array(Probe, { minItems: 1 }));

/** @throws problem('invalid-artifact') with the place, also for a score that is not finite */
export function checkProbesFile(value: unknown): Probe[] {
  if (validator.Check(value)) return value;
  const [first] = validator.Errors(value);
  throw problem('invalid-artifact', `${PROBES_FILE}: ${first?.instancePath || 'it'} ${first?.message}`);
}
