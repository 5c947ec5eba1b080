import { Type } from 'typebox';
import { problem } from '../../../core/errors.ts';
import type { RegisteredVersion } from '../../../domain/answers/model.ts';
import { AliasName } from '../../../domain/base/alias-name.ts';
import type { Scope } from '../../../domain/keys/scope.ts';
import type { Alias } from '../../../store/registry/contract.ts';
import { checkTags } from '../../check-tags.ts';
import { ModelParams } from '../../path-id.ts';

export const AliasParams = Type.Object({
  ...ModelParams.properties,
  alias: Type.Unsafe<string>({
    ...AliasName,
    description: 'Requests without a version are answered by the version behind `stable`.',
  }),
});
/** Headers of a change of an alias. */
export const Conditions = Type.Object({
  'if-match': Type.Optional(
    Type.String({
      description: 'Only if the alias is as it was when this ETag was read; * for any.',
      examples: ['"3-1772366400000"'],
    }),
  ),
  'if-none-match': Type.Optional(
    Type.String({
      description: 'Only if the alias is not as this ETag says; * if there is none.',
      examples: ['*'],
    }),
  ),
});
/** Why somebody moves an alias; it is in the history of the alias for good. */
export const Reason = Type.String({
  // Blanks around it do not count.
  pattern: '^\\s*\\S[\\s\\S]+\\S\\s*$',
  maxLength: 500,
  'x-must-be': 'text of 3-500 characters, blanks around it not counted',
  description: 'Why; it is kept in the history of the alias.',
  examples: ['version 4 shows sold-out films'],
});

/** @throws problem('precondition-failed') where the alias is not as the headers say */
export function checkPreconditions(before: Alias | null, ifMatch?: string, ifNoneMatch?: string): void {
  checkTags('The alias', before && etagOf(before), ifMatch, ifNoneMatch);
}

/**
 * Nothing goes live against its gate by accident. A student that passed and was only not the one chosen of its request needs neither.
 * @param what it is to do
 * @param scopes of the key, undefined where there are no keys
 * @throws problem('invalid-request') without a reason, problem('forbidden') without the scope admin
 */
export function requireReason(
  { promotion, version }: RegisteredVersion,
  alias: string,
  what: string,
  reason: string | undefined,
  scopes: ReadonlySet<Scope> | undefined,
): void {
  if (!promotion || promotion.promoted || promotion.alias !== alias) return;
  const failed = promotion.rules.flatMap(({ passed, rule }) => (passed || rule === 'chosen' ? [] : [rule]));
  if (failed.length === 0) return;
  if (scopes && !scopes.has('admin'))
    throw problem(
      'forbidden',
      `Version ${version} was refused by its gate (${failed.join(', ')}): to ${what} it needs a key with the scope admin.`,
    );
  if (reason !== undefined) return;
  throw problem(
    'invalid-request',
    `reason must say why version ${version} is to ${what} although its gate has refused it (${failed.join(', ')}).`,
    { promotion },
  );
}

export function etagOf({ version, updatedAt }: Alias): string {
  return `"${version}-${updatedAt}"`;
}

export function viewAlias(model: string, alias: string, { version, updatedAt }: Alias) {
  return { model, alias, version, updatedAt: new Date(updatedAt).toISOString() };
}
