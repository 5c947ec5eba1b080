import { PROBLEM_CODES, problem } from '../../core/errors.ts';
import { pascal } from './json-schema.ts';
import type { Operation, Response } from './operation.ts';

type Shared = { $ref: string };
type Sharing = Omit<Operation, 'responses'> & { responses: Record<string, Response | Shared> };

/** The operations with one definition of each failure that several answer in the same words. */
export function shareResponses(operations: readonly Operation[]): {
  operations: Sharing[];
  definitions: Record<string, Response>;
} {
  const counts = new Map<string, number>();
  for (const response of operations.flatMap(({ responses }) => Object.values(responses))) {
    const text = JSON.stringify(response);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const names = new Map<string, string>();
  const definitions: Record<string, Response> = {};
  function share(response: Response): Response | Shared {
    const text = JSON.stringify(response);
    const name = names.get(text) ?? nameOf(response);
    const isTaken = Object.hasOwn(definitions, name) && !names.has(text);
    if (name === '' || isTaken || counts.get(text) === 1) return response;
    names.set(text, name);
    definitions[name] = response;
    return { $ref: `#/components/responses/${name}` };
  }
  const sharing = operations.map((operation) => ({
    ...operation,
    responses: Object.fromEntries(
      Object.entries(operation.responses).map(([status, response]) => [status, share(response)]),
    ),
  }));
  return { operations: sharing, definitions };
}

/** `UnauthorizedOrForbidden`, from the codes of the failures; empty for what is none. */
function nameOf({ description, content = {} }: Response): string {
  if (!content['application/problem+json']) return '';
  return description
    .split(', or: ')
    .map((title) => pascal(PROBLEM_CODES.find((code) => problem(code, '').title === title) ?? title))
    .join('Or');
}
