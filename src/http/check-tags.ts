import { problem } from '../core/errors.ts';

/** @param what begins the sentence @param tag of what is there @throws problem('precondition-failed') where it is not as the headers say */
export function checkTags(
  what: string,
  tag: string | null,
  ifMatch: string | undefined,
  ifNoneMatch: string | undefined,
): void {
  const matches = (list: string) =>
    tag !== null && (list.trim() === '*' || list.split(',').some((one) => one.trim() === tag));
  if (ifMatch !== undefined && !matches(ifMatch)) {
    throw problem('precondition-failed', `${what} is not what If-Match says; read it again.`);
  }
  if (ifNoneMatch !== undefined && matches(ifNoneMatch)) {
    throw problem('precondition-failed', `${what} is there already, and If-None-Match says it must not be.`);
  }
}
