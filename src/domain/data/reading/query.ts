import { Type } from 'typebox';

const text = (maxLength: number, description: string, example: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength, description, examples: [example] }));

/** The options of how a file is read, as a query has them: text. parse.ts turns them into a `Reading`. */
export const ReadingQuery = {
  columns: text(
    4000,
    'field:column pairs; other columns are passed over. a|b takes the first that is not empty, and * among them says that there may be none. Of JSON a column is a path such as properties.product_id, and items[].id makes a row of each entry. Without a header columns are numbers from 1, and 2+ makes a row of each cell from there on; tags[] makes one of each entry of a list cell. Comedy?|Drama? are columns of 0 and 1, whose names become categories or labels.',
    'userId:user,itemId:movieId,rating:stars',
  ),
  delimiter: text(
    3,
    'Of CSV: one to three signs between two cells; "tab" for a tabulator, "space" for a blank.',
    'tab',
  ),
  header: Type.Optional(
    Type.Boolean({
      description: 'False: the first line is data already; columns or names says which is which.',
      examples: [true],
    }),
  ),
  names: text(4000, 'Of CSV without a header: the names of its columns.', 'userId,itemId,rating'),
  quote: text(
    4,
    'Of CSV: the sign around cells, by default ". "none": quotes are signs like others.',
    'none',
  ),
  escape: text(1, 'Of CSV: the sign before a quote within a cell; by default the quote itself.', '\\'),
  comment: text(3, 'Of CSV: lines that begin so are passed over.', '#'),
  section: Type.Optional(
    Type.Boolean({
      description:
        "Of CSV: lines such as 12: name what the rows below them belong to, as in Netflix's files. That is one more column at the end.",
      examples: [true],
    }),
  ),
  encoding: text(
    40,
    'Of text: utf-8, utf-16le, utf-16be, windows-1252, latin1, gb18030, shift_jis or any other of the WHATWG Encoding Standard. auto, the default, looks at the first bytes; the result says what it took.',
    'windows-1252',
  ),
  decimal: Type.Optional(
    Type.Enum(['.', ','], {
      description: 'Sign before the decimals of numbers in text. With , a . groups three digits each.',
      examples: [','],
    }),
  ),
  timestampFormat: text(
    80,
    'How times are written: s, ms, us, ns (since 1970), excel (days since 1900), iso, or a pattern of Luxon tokens. auto, the default, looks at the column; the result says what it took.',
    'dd/MM/yyyy HH:mm',
  ),
  timezone: text(
    64,
    'Zone of times that name none: Europe/Berlin or +02:00. By default UTC.',
    'Europe/Berlin',
  ),
  listSeparator: text(
    5,
    'Sign between the entries of a list cell, by default |. A cell that begins with [ is a list of JSON or Python. "space" for a blank.',
    ';',
  ),
  valueSeparator: text(
    3,
    'Of CSV: sign between the id and the value in an entry of a list, as - in N1-0.',
    '-',
  ),
  values: text(2000, 'Numbers for texts of the column of values.', 'true:1,false:-1'),
  types: text(2000, 'Types for texts of the column of types.', '1:click,2:purchase,Add to Cart:cart'),
  nulls: Type.Optional(
    Type.String({
      maxLength: 400,
      description:
        'Texts that stand for nothing, by default NULL, null, Null, NaN, nan, \\N, None, undefined. Empty: none does. They are never ids.',
      examples: ['NULL,-'],
    }),
  ),
  trim: Type.Optional(
    Type.Boolean({
      description: 'False: blanks around ids belong to them. By default they are taken off and counted.',
      examples: [false],
    }),
  ),
  files: text(
    200,
    'Of a zip or tar, or of path with a folder: which files are read, with * and ?.',
    'ml-25m/ratings*.csv',
  ),
};

export type ReadingOption = keyof typeof ReadingQuery;

/** Options that say how the cells of a CSV are told apart. */
export const CSV_OPTIONS: readonly ReadingOption[] = [
  'delimiter',
  'header',
  'names',
  'quote',
  'escape',
  'comment',
  'section',
  'valueSeparator',
];
