export interface Sent {
  type: string;
  value?: number;
  itemId?: string;
  /** null: the time of receipt. */
  timestamp?: string | null;
  eventId?: string;
  context?: object;
}

/** Statements of users about one item, and what must follow. */
export interface SignalCase {
  name: string;
  sent: Sent[];
  /** Weight of the pair in the next training: liked, or disliked. */
  liked?: number;
  disliked?: number;
  /** The item may still be shown to its user. */
  isShown?: boolean;
  /** Some statement is a click-through. */
  isClick?: boolean;
}

const rated = (...values: number[]): Sent[] => valued('rating', ...values);
const said = (...types: string[]): Sent[] => types.map((type) => ({ type }));
/** Types that no release knows, as the installation declares them. */
export const DECLARED = {
  stars: { meaning: 'positive', scale: { min: 0.5, max: 5, step: 0.5, likedFrom: 4, unrated: -1 } },
  thumbs: { meaning: 'positive', value: { as: 'linear', negative: 'dislikes' } },
  minutes: { meaning: 'positive', value: { as: 'log1p' }, repeats: 'sum' },
  cheers: { meaning: 'positive', weight: 2, repeats: 'count' },
  bids: { meaning: 'positive', value: { as: 'linear' }, repeats: 'greatest' },
  glance: { meaning: 'positive', seen: false },
  boo: { meaning: 'negative', kind: 'applause' },
  applause: { meaning: 'positive' },
  silence: { meaning: 'neutral', kind: 'applause' },
};
const valued = (type: string, ...values: number[]): Sent[] => values.map((value) => ({ type, value }));
const stars = (...values: number[]): Sent[] => valued('stars', ...values);
const undated = (type: string): Sent => ({ type, timestamp: null });
const bought = (value: number): Sent => ({ type: 'purchase', value });

/** An item that is liked is a reason and popular; one that is not is neither. */
export const SIGNALS: SignalCase[] = [
  { name: 'a like', sent: said('like'), liked: 1, isClick: true },
  { name: 'a dislike', sent: said('dislike'), disliked: 1 },
  { name: 'a hide', sent: said('hide'), disliked: 1 },
  { name: 'like, then dislike', sent: said('like', 'dislike'), disliked: 1, isClick: true },
  { name: 'click, then dislike', sent: said('click', 'dislike'), disliked: 1, isClick: true },
  { name: 'dislike, then click', sent: said('dislike', 'click'), disliked: 1, isClick: true },
  { name: 'click, dislike, undislike', sent: said('click', 'dislike', 'undislike'), liked: 1, isClick: true },
  { name: 'like, then unlike', sent: said('like', 'unlike'), isClick: true },
  { name: 'a rating of 5, then of 1', sent: rated(5, 1), disliked: 1, isClick: true },
  { name: 'a rating of 1, then of 5', sent: rated(1, 5), liked: 1, isClick: true },
  { name: 'a rating of 3', sent: rated(3) },
  { name: 'purchase, then refund', sent: said('purchase', 'refund'), isClick: true },
  { name: 'a purchase of -1', sent: [...said('purchase'), bought(-1)], isClick: true },
  { name: 'ten bought', sent: [bought(10)], liked: Math.log2(11), isClick: true },
  { name: 'two and three bought', sent: [bought(2), bought(3)], liked: Math.log2(6), isClick: true },
  {
    name: 'three bought, one returned',
    sent: [bought(3), { type: 'return', value: 1 }],
    liked: Math.log2(3),
    isClick: true,
  },
  { name: 'half a star', sent: stars(0.5), disliked: 1 },
  { name: 'four stars and a half', sent: stars(4.5), liked: 1, isClick: true },
  { name: 'three stars and a half', sent: stars(3.5) },
  { name: 'a click without a time', sent: [undated('click')], liked: 1, isClick: true },
  { name: 'a dated like, then an undated unlike', sent: [...said('like'), undated('unlike')], isClick: true },
  { name: 'watched and not rated', sent: stars(-1) },
  { name: 'a thumb up', sent: valued('thumbs', 1), liked: 1, isClick: true },
  { name: 'a thumb down', sent: valued('thumbs', -1), disliked: 1 },
  { name: 'three minutes, then four', sent: valued('minutes', 3, 4), liked: 3, isClick: true },
  { name: 'three cheers', sent: said('cheers', 'cheers', 'cheers'), liked: 6, isClick: true },
  { name: 'a bid of 5, then of 2', sent: valued('bids', 5, 2), liked: 5, isClick: true },
  { name: 'a liking that hides nothing', sent: said('glance'), liked: 1, isShown: true, isClick: true },
  { name: 'applause, then boo', sent: said('applause', 'boo'), disliked: 1, isClick: true },
  { name: 'boo, then silence', sent: said('boo', 'silence') },
  { name: 'an impression', sent: said('impression'), isShown: true },
  { name: 'a skip', sent: said('skip'), isShown: true },
  { name: 'an unknown type', sent: said('frobnicate'), isShown: true },
];
