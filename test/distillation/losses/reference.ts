/** Formulas of the losses in double precision and plain loops, to compare the tensors with. */

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
const mean = (values: number[]) => sum(values) / values.length;

/** Minus the mean log likelihood that the listed come out in this order, above all others. */
export function relaxedRanking(listed: number[], others: number[]): number {
  const below = sum(others.map(Math.exp));
  return mean(listed.map((z, k) => Math.log(sum(listed.slice(k).map(Math.exp)) + below) - z));
}

function cosine(a: number[], b: number[]): number {
  const dot = (x: number[], y: number[]) => sum(x.map((value, i) => value * y[i]!));
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

/** Mean square of the differences between the cosines of all pairs. */
export function fullTopology(teacher: number[][], student: number[][]): number {
  return mean(
    teacher.flatMap((_, i) =>
      teacher.map((_, j) => (cosine(teacher[i]!, teacher[j]!) - cosine(student[i]!, student[j]!)) ** 2),
    ),
  );
}

export function meansOf(vectors: number[][], groups: number[]): Map<number, number[]> {
  return new Map(
    [...new Set(groups)].map((group) => {
      const members = vectors.filter((_, i) => groups[i] === group);
      return [group, members[0]!.map((_, column) => mean(members.map((row) => row[column]!)))];
    }),
  );
}

/** Groups' means with entities, and entities of one group with each other. @param means of the student's groups */
export function groupedTopology(
  teacher: number[][],
  student: number[][],
  groups: number[],
  means: Map<number, number[]> = meansOf(student, groups),
): number {
  const ofTeacher = meansOf(teacher, groups);
  const withGroups = [...means].flatMap(([group, center]) =>
    teacher.map((row, i) => (cosine(ofTeacher.get(group)!, row) - cosine(center, student[i]!)) ** 2),
  );
  const withEachOther = teacher.flatMap((row, i) =>
    teacher.flatMap((other, j) =>
      groups[i] === groups[j] ? [(cosine(row, other) - cosine(student[i]!, student[j]!)) ** 2] : [],
    ),
  );
  return mean(withGroups) + mean(withEachOther);
}

/** Cross-entropy of two softmaxes over the same items. */
export function listCrossEntropy(student: number[], teacher: number[]): number {
  const logShares = (scores: number[]) => {
    const z = Math.log(sum(scores.map(Math.exp)));
    return scores.map((score) => score - z);
  };
  const wanted = logShares(teacher).map(Math.exp);
  return -sum(logShares(student).map((share, i) => share * wanted[i]!));
}
