import { problem } from '../../core/errors.ts';

interface Request {
  body: unknown;
  params: unknown;
}

/**
 * Lets a route take what its GET gives: members that are null or that only the service writes are passed over before the body is checked.
 * @param written the members that the service writes
 * @param named the member that the path says too
 * @throws problem('invalid-request') where body and path name two things
 */
export function takeBack(written: readonly string[], named?: string): (request: Request) => Promise<void> {
  return async ({ body, params }) => {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return;
    const members = body as Record<string, unknown>;
    if (named !== undefined && members[named] !== undefined) {
      if (members[named] !== (params as Record<string, string>)[named])
        throw problem('invalid-request', `${named} in the body is not the one in the path; leave it out.`);
      delete members[named];
    }
    for (const [name, value] of Object.entries(members))
      if (value === null || written.includes(name)) delete members[name];
  };
}
