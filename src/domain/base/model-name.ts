import { Type } from 'typebox';

/** Safe in paths and folder names on every system. */
export const ModelName = Type.String({
  'x-must-be':
    'a name of 1-64 small letters, digits, dots, hyphens and underscores that begins with a letter or a digit, such as movies',
  pattern: '^[a-z0-9][a-z0-9._-]{0,63}$',
  description: 'Lower-case letters, digits, dot, underscore and hyphen; 1-64 of them.',
  examples: ['movies'],
});
