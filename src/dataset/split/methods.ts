// How every strategy divides the pairs, by the names of src/domain/tasks/splits.ts.
export { globalTime } from './split-by-moment.ts';
export { types } from './split-by-type.ts';
export { lastFraction, leaveLastOut, random } from './split-each-user.ts';
export { heldOutUsers } from './split-users.ts';
