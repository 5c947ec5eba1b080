import { randomBytes } from 'node:crypto';

const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';

/** `job_` and a ULID in lower case: sorts by time, fits file names and BullMQ (no colon, not all digits). */
export function newJobId(now: number): string {
  let time = '';
  for (let rest = now, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) time = DIGITS[rest % 32] + time;
  let noise = '';
  for (const byte of randomBytes(16)) noise += DIGITS[byte % 32];
  return `job_${time}${noise}`;
}
