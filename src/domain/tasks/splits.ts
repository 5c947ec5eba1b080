// Every strategy of the split, a line each.
export { globalTime } from './splits/global-time.ts';
export { heldOutUsers } from './splits/held-out-users.ts';
export { lastFraction } from './splits/last-fraction.ts';
export { leaveLastOut } from './splits/leave-last-out.ts';
export { random } from './splits/random.ts';
export { types } from './splits/types.ts';
