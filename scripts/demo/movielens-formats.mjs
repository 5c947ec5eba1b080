// @ts-check
// The two forms in which MovieLens-100K is handed on, both turned into what the service imports.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** @typedef {Omit<import('./movielens.mjs').DemoData, 'source'>} Parsed */

const GENRES = [
  'unknown',
  'Action',
  'Adventure',
  'Animation',
  "Children's",
  'Comedy',
  'Crime',
  'Documentary',
  'Drama',
  'Fantasy',
  'Film-Noir',
  'Horror',
  'Musical',
  'Mystery',
  'Romance',
  'Sci-Fi',
  'Thriller',
  'War',
  'Western',
];

/** u.data, u.item and u.user of the archive. @param {string} folder @returns {Promise<Parsed>} */
export async function fromGroupLens(folder) {
  const file = (/** @type {string} */ name) => join(folder, 'ml-100k', name);
  // Titles such as "Misérables" are in Latin-1.
  const items = (await linesOf(file('u.item'), 'latin1')).map((line) => {
    const [itemId, title, , , , ...flags] = line.split('|');
    const categories = GENRES.filter((genre, i) => flags[i] === '1' && genre !== 'unknown');
    const year = /\((\d{4})\)\s*$/.exec(title)?.[1];
    return { itemId, title, categories, features: year ? { year: Number(year) } : {} };
  });
  const users = (await linesOf(file('u.user'))).map((line) => {
    const [userId, age, gender, occupation] = line.split('|');
    return { userId, features: { age: Number(age), gender, occupation } };
  });
  return { items, users, ...ratings(await linesOf(file('u.data'))) };
}

/** RecBole's .inter, .item and .user: the same data, tab-separated with a header. @param {string} folder @returns {Promise<Parsed>} */
export async function fromRecBole(folder) {
  const rows = async (/** @type {string} */ name) => (await linesOf(join(folder, name))).slice(1);
  const items = (await rows('ml-100k.item')).map((line) => {
    const [itemId, title, year, genres] = line.split('\t');
    const categories = genres.split(' ').filter((genre) => genre && genre !== 'unknown');
    return {
      itemId,
      title: year ? `${title} (${year})` : title,
      categories,
      features: /^\d{4}$/.test(year) ? { year: Number(year) } : {},
    };
  });
  const users = (await rows('ml-100k.user')).map((line) => {
    const [userId, age, gender, occupation] = line.split('\t');
    return { userId, features: { age: Number(age), gender, occupation } };
  });
  return { items, users, ...ratings(await rows('ml-100k.inter')) };
}

/** Lines of user, item, rating and Unix seconds between tabs, as CSV. @param {string[]} lines */
function ratings(lines) {
  const rows = lines.map((line) => line.split('\t').join(','));
  return { ratings: `userId,itemId,rating,timestamp\n${rows.join('\n')}\n`, ratingCount: rows.length };
}

/** @param {string} file @param {BufferEncoding} [encoding] */
async function linesOf(file, encoding = 'utf8') {
  return (await readFile(file, encoding)).split(/\r?\n/).filter((line) => line !== '');
}
