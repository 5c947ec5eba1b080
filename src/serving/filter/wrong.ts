import { problem } from '../../core/errors.ts';

/** @param at position in the filter, from 0; people count from 1 */
export function wrong(at: number, what: string) {
  return problem('invalid-request', `filter, at character ${at + 1}: ${what}.`, { position: at + 1 });
}
