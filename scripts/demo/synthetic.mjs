// @ts-check
// A stand-in of MovieLens's size for places where no data can be had: users with a taste for some of twelve genres,
// Zipf popularity.

/** @param {number} seed */
export function synthetic(seed, { users = 900, items = 1500, perUser = 80 } = {}) {
  const random = generator(seed);
  const genres = Array.from({ length: 12 }, (_, i) => `Genre ${i + 1}`);
  const films = Array.from({ length: items }, (_, i) => ({
    itemId: String(i + 1),
    title: `Film ${i + 1}`,
    categories: [genres[Math.floor(random() * genres.length)]],
    features: {},
  }));
  const byGenre = genres.map((genre) => films.filter((film) => film.categories[0] === genre));
  const rows = [];
  for (let user = 1; user <= users; user++) {
    const tastes = Array.from({ length: 2 }, () => Math.floor(random() * genres.length));
    const seen = new Set();
    for (let n = 0; n < perUser; n++) {
      const liked = random() < 0.8;
      const shelf = liked ? byGenre[tastes[n % 2]] : films;
      const film = shelf[Math.floor(shelf.length * random() ** 2.5)];
      if (seen.has(film.itemId)) continue;
      seen.add(film.itemId);
      rows.push(`${user},${film.itemId},${liked ? 5 : 2},${880_000_000 + user * 1000 + n}`);
    }
  }
  return {
    items: films,
    users: Array.from({ length: users }, (_, i) => ({ userId: String(i + 1), features: {} })),
    ratings: `userId,itemId,rating,timestamp\n${rows.join('\n')}\n`,
    ratingCount: rows.length,
  };
}

/** Park & Miller's minimal standard generator. @param {number} seed */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
