import { Type } from 'typebox';

/** Safe in paths and folder names on every system. */
export const ModelName = Type.String({
  pattern: '^[a-z0-9][a-z0-9._-]{0,63}$',
  description: 'Lower-case letters, digits, dot, underscore and hyphen; 1-64 of them.',
  examples: ['movies'],
});
