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
  /** An item that was shown so often without a reaction is left out; 0 for no limit, whatever the model's policy says. */
  maxImpressions?: number | undefined;
  /** Days in which impressions are counted. */
  rotationDays?: number | undefined;
  /** Items of the pages before, when this is a further page of a list. */
  shown?: readonly string[] | undefined;
  /** Rejects with problem('not-found') where popularity would answer alone, and fills nothing up. */
  strict?: boolean | undefined;
}
