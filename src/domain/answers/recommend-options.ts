export type ItemField = 'title' | 'categories' | 'features';

/** The meaning of an item's score: see the description of the option in recommend-request.ts. */
export type ShownScores = 'raw' | 'probability';

export interface RecommendOptions {
  k: number;
  model?: string | undefined;
  /** A version's number as text, or an alias. */
  version?: string | undefined;
  task?: string | undefined;
  exclude?: readonly string[] | undefined;
  category?: readonly string[] | undefined;
  filter?: string | undefined;
  /** Also items that the user has interacted with. */
  includeSeen?: boolean | undefined;
  seenTypes?: readonly string[] | undefined;
  diversity?: number | undefined;
  explain?: boolean | undefined;
  fields?: readonly ItemField[] | undefined;
  scores?: ShownScores | undefined;
  /** Places that no fitting item takes get items that break category and filter, each marked so. */
  fill?: boolean | undefined;
  /** Rejects with problem('not-found') where popularity would answer alone, and fills nothing up. */
  strict?: boolean | undefined;
}
