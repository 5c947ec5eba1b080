import { Type } from 'typebox';

const says = {
  'x-must-be': 'a version number such as 4, or an alias such as stable',
  description: 'A version number or an alias such as stable; without it, the version that is live.',
  examples: ['stable'],
};

/** A version of a model in a query, where everything is text. */
export const VersionRef = Type.String({
  ...says,
  pattern: '^(?:[1-9][0-9]{0,8}|[A-Za-z][A-Za-z0-9_.-]{0,63})$',
});

/** A version of a model in a body: a number may be a number or a text. */
export const VersionInBody = Type.Union(
  [VersionRef, Type.Integer({ minimum: 1, maximum: 999_999_999, 'x-must-be': says['x-must-be'] })],
  says,
);

/** A body with its version as text. */
export function withVersionText<T extends { version?: string | number | undefined }>(
  body: T,
): Omit<T, 'version'> & { version?: string } {
  const { version, ...rest } = body;
  return version === undefined ? rest : { ...rest, version: String(version) };
}
