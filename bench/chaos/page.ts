import { TARGETS } from './plan.ts';
import type { ChaosResult } from './run.ts';

export function chaosTable(result: ChaosResult): string {
  const { kills, succeeded, givenUp, attempts, events, artifacts, written, seconds, faults } = result;
  const killed = TARGETS.map((target) => `${count(kills, target)} ${target}`).join(', ');
  const rows = [
    ['killed with -9', killed],
    ['jobs that succeeded, once each, imports among them', succeeded],
    ['jobs that were given up after three hits without progress, once each', givenUp],
    ['attempts in all', attempts],
    ['events, each stream from 1 without a gap', events],
    ['events and items acknowledged meanwhile, each looked up', written],
    ['artifacts, each read and verified', artifacts],
    ['seconds', seconds.toFixed(0)],
    ['faults', faults.length],
  ];
  const table = rows.map(([name, value]) => `| ${name} | ${value} |`).join('\n');
  return `| what | |\n|---|---|\n${table}${faults.map((fault) => `\n* ${fault}`).join('')}`;
}

const count = (kills: ChaosResult['kills'], target: string) =>
  kills.filter((kill) => kill.target === target && kill.what.startsWith('kill')).length;

/** Rows of the list of kills: a page of a thousand is not read. */
const MOST_KILLS = 60;

export function chaosPage(result: ChaosResult, args: readonly string[]): string {
  const kills = result.kills
    .slice(0, MOST_KILLS)
    .map(({ atSeconds, what }) => `| ${atSeconds.toFixed(1)} | ${what} |`)
    .join('\n');
  return `# Killing processes while jobs run

\`npm run bench:chaos${args.length > 0 ? ` -- ${args.map((arg) => arg.replace(/\/\/.*@/, '//...@')).join(' ')}` : ''}\`

${chaosTable(result)}

A job whose trainer was killed twice is spared a third time: three crashes are a failure, by contract.

${result.kills.length > MOST_KILLS ? `The first ${MOST_KILLS} of ${result.kills.length}:\n\n` : ''}| second | what |
|---|---|
${kills}
`;
}
