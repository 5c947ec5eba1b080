/** The columns (or JSON members) of each field, of which the first that is there counts. */
export type ColumnMapping = Record<string, string[]>;

export interface FileShape {
  columns?: ColumnMapping;
  /** Delimiter of CSV; one or more characters. */
  delimiter?: string;
  /** False: the first line is data already, and columns go by their numbers from 1. */
  header?: boolean;
  /** The type of rows that have none. */
  type?: string;
}

export const MAPPING_NAMES = [
  'movielens-ratings',
  'movielens-100k',
  'recbole-inter',
  'amazon-reviews',
] as const;
export type MappingName = (typeof MAPPING_NAMES)[number];

/** The files of well-known data sets, as they are published. */
export const MAPPINGS: Record<MappingName, FileShape> = {
  'movielens-ratings': {
    columns: { userId: ['userId'], itemId: ['movieId'], rating: ['rating'], timestamp: ['timestamp'] },
  },
  'movielens-100k': {
    header: false,
    delimiter: '\t',
    columns: { userId: ['1'], itemId: ['2'], rating: ['3'], timestamp: ['4'] },
  },
  // The header names types: user_id:token, rating:float. A star says that the file may lack the column.
  'recbole-inter': {
    delimiter: '\t',
    columns: {
      userId: ['user_id'],
      itemId: ['item_id'],
      rating: ['rating', '*'],
      timestamp: ['timestamp', '*'],
    },
    type: 'click',
  },
  'amazon-reviews': {
    columns: {
      userId: ['user_id', 'reviewerID'],
      itemId: ['parent_asin', 'asin'],
      rating: ['rating', 'overall'],
      timestamp: ['timestamp', 'unixReviewTime', '*'],
    },
  },
};

/**
 * Reads `userId:user,itemId:movieId|film,value:rating`.
 * @returns what is wrong with it, as a text, when it cannot be read
 */
export function parseColumns(text: string): ColumnMapping | string {
  const columns: ColumnMapping = {};
  for (const part of text.split(',')) {
    const colon = part.indexOf(':');
    const field = part.slice(0, Math.max(0, colon)).trim();
    const sources = part
      .slice(colon + 1)
      .split('|')
      .map((name) => name.trim());
    if (colon < 0 || field === '' || sources.includes('')) {
      return `columns must be pairs such as userId:user,itemId:movieId; got ${JSON.stringify(part.slice(0, 100))}`;
    }
    if (Object.hasOwn(columns, field)) return `columns names the field ${field} twice`;
    columns[field] = sources;
  }
  return columns;
}
