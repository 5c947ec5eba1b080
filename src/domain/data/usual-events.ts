import type { EventMeaning } from './event-meaning.ts';

const POSITIVE = { meaning: 'positive', weight: 1, seen: true, repeats: 'newest' } as const;
const UNREAD = { value: { as: 'none' } } as const;

function liking(kind: string): EventMeaning {
  return { ...POSITIVE, ...UNREAD, kind };
}
function takingBack(kind: string): EventMeaning {
  return { ...liking(kind), meaning: 'neutral' };
}
function disliking(kind: string): EventMeaning {
  return { ...liking(kind), meaning: 'negative' };
}
const ignored: EventMeaning = { ...liking('impression'), meaning: 'ignored', seen: false };

/** Quantities add up; one below 0 takes as many back. */
const purchase: EventMeaning = { ...POSITIVE, kind: 'purchase', value: { as: 'log1p' }, repeats: 'sum' };
const giveBack: EventMeaning = { ...purchase, meaning: 'neutral' };

/** Ratings, likes and dislikes answer one question, so that the newest of them wins. */
const OPINION = 'opinion';
const rating: EventMeaning = {
  ...POSITIVE,
  kind: OPINION,
  value: { as: 'threshold' },
  scale: { min: 1, max: 5, likedFrom: 4 },
};

/** Each meaning with its usual names, in lower case and without - _ and dots. */
const NAMES: readonly (readonly [EventMeaning, string])[] = [
  [rating, 'rating rate'],
  [liking(OPINION), 'like thumbsup upvote'],
  [disliking(OPINION), 'dislike thumbsdown downvote'],
  [takingBack(OPINION), 'unlike undislike'],
  [disliking('hide'), 'hide block notinterested'],
  [takingBack('hide'), 'unhide unblock'],
  [purchase, 'purchase buy order transaction'],
  [giveBack, 'return refund'],
  [liking('favorite'), 'favorite favourite bookmark save wishlist addtowishlist'],
  [takingBack('favorite'), 'unfavorite unfavourite unbookmark unsave removefromwishlist'],
  [liking('cart'), 'cart addtocart basket'],
  [takingBack('cart'), 'uncart removefromcart'],
  [liking('subscribe'), 'subscribe follow'],
  [takingBack('subscribe'), 'unsubscribe unfollow'],
  [ignored, 'impression display shown'],
  // A skip says little: it neither counts nor hides until somebody declares it.
  [{ ...takingBack('skip'), seen: false }, 'skip'],
];

/** Behaviours that are liking, each a kind of its own. */
const BEHAVIOURS =
  'click view play watch listen read open download share rent borrow book stream visit review comment interaction checkin tap select complete finish consume use install attend'.split(
    ' ',
  );

const USUAL: ReadonlyMap<string, EventMeaning> = new Map([
  ...BEHAVIOURS.map((name) => [name, liking(name)] as const),
  ...NAMES.flatMap(([meaning, names]) => names.split(' ').map((name) => [name, meaning] as const)),
]);

/** Meaning of a type of this name where nobody declared it; undefined for a name that is not usual. */
export function usualEvent(type: string): EventMeaning | undefined {
  return USUAL.get(type.toLowerCase().replace(/[-_. ]/g, ''));
}
