// Every kind of student, a line each.
export { foldIn } from './kinds/fold-in.ts';
export { sequential } from './kinds/sequential.ts';
