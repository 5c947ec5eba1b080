/** Seeded random numbers. Nothing else in the project draws random numbers, so one seed repeats a whole job. */
export interface Rng {
  /** Uniform in [0, 1) with 32 bits. */
  next(): number;
  /** Standard normal (Box-Muller). */
  normal(): number;
  /** Uniform integer in [0, n). */
  int(n: number): number;
  /** Fisher-Yates, in place. */
  shuffle<T extends { length: number; [index: number]: unknown }>(values: T): T;
  /** A generator of its own stream, so that one consumer's draws never shift another's. */
  fork(label: string): Rng;
  /** Everything needed to go on from here; for checkpoints. */
  state(): number[];
  restore(state: readonly number[]): void;
}

/** sfc32 (Chris Doty-Humphrey's Small Fast Chaotic generator, PractRand), seeded through splitmix32. */
export function createRng(seed: number): Rng {
  const mix = splitmix32(seed >>> 0);
  let a = mix();
  let b = mix();
  let c = mix();
  let counter = 1;
  let spare = Number.NaN;

  function uint32(): number {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  }
  for (let i = 0; i < 12; i++) uint32();

  const next = () => uint32() / 4294967296;
  const int = (n: number) => Math.floor(next() * n);

  function normal(): number {
    if (!Number.isNaN(spare)) {
      const value = spare;
      spare = Number.NaN;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - next()));
    const angle = 2 * Math.PI * next();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  return {
    next,
    normal,
    int,
    shuffle(values) {
      for (let i = values.length - 1; i > 0; i--) {
        const j = int(i + 1);
        const swap = values[i];
        (values as { [index: number]: unknown })[i] = values[j];
        (values as { [index: number]: unknown })[j] = swap;
      }
      return values;
    },
    fork: (label) => createRng(hash(label, seed)),
    // NaN would come back from a JSON file as null, so no spare means no fifth number.
    state: () => (Number.isNaN(spare) ? [a, b, c, counter] : [a, b, c, counter, spare]),
    restore(state) {
      [a, b, c, counter, spare = Number.NaN] = state as [number, number, number, number, number?];
    },
  };
}

/** Uniform in [0, 1) with 32 bits, the same for the same text and seed; for drawing by name. */
export function drawOf(text: string, seed: number): number {
  return (splitmix32(hash(text, seed))() >>> 0) / 4294967296;
}

function splitmix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let t = state ^ (state >>> 16);
    t = Math.imul(t, 0x21f0aaad);
    t ^= t >>> 15;
    t = Math.imul(t, 0x735a2d97);
    return t ^ (t >>> 15);
  };
}

/** FNV-1a over the label, started from the seed. */
function hash(label: string, seed: number): number {
  let h = 0x811c9dc5 ^ seed;
  for (let i = 0; i < label.length; i++) h = Math.imul(h ^ label.charCodeAt(i), 0x01000193);
  return h >>> 0;
}
