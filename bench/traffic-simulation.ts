import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { SCENARIOS } from './traffic/scenarios.ts';
import { type Outcome, playExperiment, type Scenario } from './traffic/simulate.ts';

/**
 * Experiments on simulated users, through the code that assigns, counts and decides.
 *   node bench/run.mjs traffic-simulation --seeds 100
 */
const { values: options } = parseArgs({ options: { seeds: { type: 'string', default: '100' } } });
const seeds = Number(options.seeds);
const lines = SCENARIOS.map((scenario) => {
  const line = row(
    scenario,
    Array.from({ length: seeds }, (_, seed) => playExperiment(scenario, seed + 1)),
  );
  console.error(line);
  return line;
});
writeFileSync(
  'bench/results/traffic-simulation.md',
  `# Experiments on simulated users

\`node bench/run.mjs traffic-simulation --seeds ${seeds}\`

Each of ${seeds} seeds is an experiment of its own. Users differ (the share of recommendations that they react to has a coefficient of variation of a half) and come back (2.5 recommendations on average); amounts are log-normal. The counts are looked at after every hundred users, with the defaults of \`test\` (alpha .05, at least 200 users each). Candidates that are better are promoted, those that are worse are stopped.

| what is true | of 100 users the candidate has | ends at most at users | better | worse | undecided | users, median |
|---|---|---|---|---|---|---|
${lines.join('\n')}
`,
);

function row({ name, candidate, users }: Scenario, outcomes: readonly Outcome[]): string {
  const count = (kind: Outcome['kind']) => outcomes.filter((one) => one.kind === kind).length;
  const sorted = outcomes.map((one) => one.users).sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  return `| ${name} | ${candidate} | ${users} | ${count('better')} | ${count('worse')} | ${count('undecided')} | ${median} |`;
}
