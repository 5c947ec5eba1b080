export interface Ridge {
  /** Weight of every pair that was not observed, whose score should be 0. */
  unobservedWeight: number;
  /**
   * The regularization of one observed pair; a row of n pairs is held to 0 with regularization * (n + unobservedWeight *
   * columns).
   */
  regularization: number;
}
