import { Type } from 'typebox';

/** Name of an alias of a model. It begins with a letter, so that no alias can be taken for a version. */
export const AliasName = Type.String({
  'x-must-be':
    'a name of 1-64 letters, digits, dots, hyphens and underscores that begins with a letter, such as stable',
  pattern: '^[A-Za-z][A-Za-z0-9_.-]{0,63}$',
  description: 'A letter, then letters, digits, dot, underscore and hyphen; 1-64 characters.',
  examples: ['stable'],
});
