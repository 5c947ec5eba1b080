/** All segments that a report may have; which of them it has follows from the data. */
export const SEGMENT_NAMES: readonly string[] = [
  ...['head', 'torso', 'tail', 'old', 'new', 'cold', 'cold-only'].map((name) => `items:${name}`),
  'users:cold',
  ...['0', '1-5', '6-20', '21-50', '51-200', '201+'].map((name) => `history:${name}`),
  ...['none', '1-10', '11-50', '51+'].map((name) => `behaviour:${name}`),
];
