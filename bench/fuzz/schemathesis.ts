import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { findPython } from '../../test/helpers/provide-python.ts';

interface Order {
  url: string;
  key: string | undefined;
  /** Cases of each operation and phase. */
  examples: number;
  seed: number;
  /** For its settings. */
  folder: string;
  patienceMs: number;
}

const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
];
/** 503 is what a queue that is away and a process with too much work answer, and is documented. */
const SETTINGS = `[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", 503]
`;

/**
 * Lets schemathesis send what it makes of the document.
 * @returns whether nothing was found, or why it did not run: no Python, or no PyPI
 */
export async function runSchemathesis(order: Order): Promise<{ isSound: boolean } | { why: string }> {
  const requirements = path.resolve('bench/fuzz/requirements.txt');
  const { python, why } = await findPython('schemathesis', requirements, 'The API under schemathesis');
  if (python === undefined) return { why };
  const settings = path.join(order.folder, 'schemathesis.toml');
  writeFileSync(settings, SETTINGS);
  const args = [
    ...['-m', 'schemathesis.cli', '--config-file', settings, 'run', path.resolve('openapi/openapi.json')],
    ...['--url', order.url, '--checks', CHECKS.join(), '--max-examples', String(order.examples)],
    ...['--phases', 'examples,coverage,fuzzing', '--seed', String(order.seed), '--no-shrink'],
    ...['--request-timeout', String(order.patienceMs / 1000), '--warnings', 'off', '--continue-on-failure'],
    ...['--suppress-health-check', 'all', '--output-truncate', 'true'],
    ...(order.key === undefined ? [] : ['-H', `x-api-key: ${order.key}`]),
  ];
  const env = { ...process.env, SCHEMATHESIS_HOOKS: path.resolve('bench/fuzz/hooks.py') };
  const child = spawn(python, args, { stdio: ['ignore', 'inherit', 'inherit'], cwd: order.folder, env });
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { isSound: code === 0 };
}
