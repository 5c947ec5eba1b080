export interface Paged<T> {
  rows: T[];
  nextCursor: string | null;
}
