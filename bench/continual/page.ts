import type { Figures } from './judge.ts';

/** A version that a job made, as it was judged on the slice after it. */
export interface Row {
  stream: string;
  way: string;
  seed: number;
  slice: number;
  wall: number;
  /** Processor time of the job; null where it was not measured. */
  cpu: number | null;
  figures: Figures;
}

/** One section for each stream, with a table over slices and the means. */
export function continualPage(rows: readonly Row[], about: (stream: string) => string): string {
  const streams = [...new Set(rows.map(({ stream }) => stream))].sort();
  return `# Renewed every night, and made anew

\`npm run bench:continual -- STREAM\`, one section for each stream. Four tenths of the interactions, in the order of time, make version 1; each of five
nights brings another tenth. \`anew\` is a schedule's job with default settings on all that there is so far. \`renewed\` is
\`"teacher": {"part": "renewed"}\` on the version of the night before. Refit included; each version is asked as it is served, for the users
of the tenth after what it learned from. Users who are new there have the older half of their pairs in that tenth as history. \`new items\`
is the recall@20 over the pairs of items that came with the last tenth that the version learned from. Seconds are those of the whole job,
in-process: by the wall clock on a shared machine, whose load changes, and of its processors. Rows named \`renewed, never searched
again\` are of the code before it searched again where the data has grown by half, as a stream does once within these nights.

${streams
  .map((stream) =>
    section(
      stream,
      rows.filter((row) => row.stream === stream),
      about(stream),
    ),
  )
  .join('\n')}`;
}

function section(stream: string, rows: readonly Row[], about: string): string {
  const after = rows.filter(({ slice }) => slice > 0);
  const ways = [...new Set(after.map(({ way }) => way))];
  const both = (slice: number, seed: number) =>
    ways.every((way) => after.some((row) => row.way === way && row.slice === slice && row.seed === seed));
  const compared = after.filter(({ slice, seed }) => both(slice, seed));
  return `## ${stream}

${about}. Seeds ${[...new Set(rows.map(({ seed }) => seed))].join(', ')}.

| night | job | users | NDCG@10 | users with a history | users who are new | recall@20 | new items (pairs) | s | CPU s |
|---|---|---|---|---|---|---|---|---|---|
${after.map((row) => line(String(row.slice), row)).join('\n')}
${ways.map((way) => line('mean', meanOf(compared.filter((row) => row.way === way)))).join('\n')}
`;
}

function line(night: string, { way, wall, cpu, figures }: Row): string {
  const { users, ndcg, known, fresh, recall, newItems, newPairs } = figures;
  const four = [ndcg, known, fresh, recall].map((value) => value.toFixed(4));
  const cells = [
    night,
    way,
    users,
    ...four,
    `${newItems.toFixed(3)} (${newPairs})`,
    wall.toFixed(1),
    cpu?.toFixed(1) ?? '-',
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Users and pairs are added up, and new items are weighed by their pairs. */
function meanOf(rows: readonly Row[]): Row {
  const sum = (of: (row: Row) => number) => rows.reduce((total, row) => total + of(row), 0);
  const mean = (of: (row: Row) => number) => sum(of) / rows.length;
  const newPairs = sum(({ figures }) => figures.newPairs);
  return {
    ...rows[0]!,
    wall: mean(({ wall }) => wall),
    cpu: rows.some(({ cpu }) => cpu === null) ? null : mean(({ cpu }) => cpu!),
    figures: {
      users: sum(({ figures }) => figures.users),
      ndcg: mean(({ figures }) => figures.ndcg),
      known: mean(({ figures }) => figures.known),
      fresh: mean(({ figures }) => figures.fresh),
      recall: mean(({ figures }) => figures.recall),
      newItems:
        sum(({ figures }) => (figures.newPairs > 0 ? figures.newItems * figures.newPairs : 0)) / newPairs,
      newPairs,
    },
  };
}
