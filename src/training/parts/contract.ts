/** Questions that a trainer puts to its worker about the parts of its job. */
export interface PartDesk {
  /** Tells other workers of parts that they may take. */
  offer(parts: readonly string[]): void;
  /** True when the part is ours now; false while somebody else trains it. */
  claim(part: string): Promise<boolean>;
  release(part: string): void;
}

/** Ends a trainer that was started for one part, when that is kept, or cannot be made here. */
export class PartEnded extends Error {
  readonly isKept: boolean;

  constructor(isKept: boolean) {
    super(isKept ? 'The part is kept.' : 'The data of the job are others by now.');
    this.name = 'PartEnded';
    this.isKept = isKept;
  }
}
