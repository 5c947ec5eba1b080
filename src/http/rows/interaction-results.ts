import { AppError, problem } from '../../core/errors.ts';
import { type Line, lineBatches, type Refusal } from './interaction-lines.ts';

/** The lines that an answer has: the refused ones and how far it has got, each of the rows, or the summary alone. */
export const RESULTS = ['refused', 'all', 'summary'] as const;

export type LineResult =
  | { line: number; status: 'stored' | 'duplicate' }
  | { line: number; status: 'refused'; error: Refusal };

/** How far a stream has got, and what became of its lines. */
export interface StreamSummary {
  /** All lines up to here are settled: stored, found to be duplicates, or refused. */
  lastLine: number;
  stored: number;
  duplicates: number;
  refused: number;
}

export interface StreamOptions {
  results: (typeof RESULTS)[number];
  /** Stores rows in one transaction; per row in order what became of it, or why it is refused. */
  add(rows: readonly unknown[]): Promise<{ outcomes: Outcome[]; warnings: string[] }>;
  /** A batch is stored when nothing more has come for so long. */
  pauseMs: number;
  /** The service closes. */
  stop: AbortSignal;
  /** Hears of a failure that comes too late to be the answer's status. */
  onFailure(failure: AppError): void;
}

export type Outcome = 'accepted' | 'duplicate' | { reason: string };

/** Refused lines that the problem lists where none can be stored. */
const LISTED = 100;

/**
 * Stores a stream of lines, batch by batch, and says of each batch what became of it once it is on disk; the next
 * batch is stored when that has been taken. The last line is the summary, with the error where there was one.
 * @throws AppError where nothing has been answered yet
 */
export async function* storeLines(
  source: AsyncIterable<Uint8Array>,
  { results, add, pauseMs, stop, onFailure }: StreamOptions,
): AsyncGenerator<string> {
  const summary: StreamSummary = { lastLine: 0, stored: 0, duplicates: 0, refused: 0 };
  const warnings = new Set<string>();
  const listed: LineResult[] = [];
  let hasAnswered = false;
  try {
    for await (const lines of lineBatches(source, pauseMs, stop)) {
      const settled = await settle(lines, add, warnings);
      count(settled, summary);
      if (results === 'summary') listed.push(...settled.filter(isRefused).slice(0, LISTED - listed.length));
      else yield answerOf(settled, results, summary);
      hasAnswered = results !== 'summary';
    }
    if (!hasAnswered) refuseWhereNothingIsStored(summary, listed);
  } catch (error) {
    const failure = asProblem(error, summary);
    if (!hasAnswered) throw failure;
    onFailure(failure);
    const { code, status, detail, retryAfter } = failure;
    const said = { code, status, detail, ...(retryAfter !== undefined && { retryAfter }) };
    yield lineOf({ summary: { ...summary, isComplete: false }, error: said });
    return;
  }
  const said = warnings.size > 0 && { warnings: [...warnings] };
  yield lineOf({ summary: { ...summary, isComplete: true }, ...said });
}

async function settle(
  lines: readonly Line[],
  add: StreamOptions['add'],
  warnings: Set<string>,
): Promise<LineResult[]> {
  const rows = lines.flatMap((line) => ('row' in line ? [line.row] : []));
  const added = rows.length > 0 ? await add(rows) : { outcomes: [], warnings: [] };
  for (const warning of added.warnings) warnings.add(warning);
  const outcomes = added.outcomes.values();
  return lines.map((each) => {
    const { line } = each;
    if ('refused' in each) return { line, status: 'refused', error: each.refused };
    const outcome = outcomes.next().value!;
    if (typeof outcome === 'object')
      return { line, status: 'refused', error: { code: 'invalid-rows', detail: outcome.reason } };
    return { line, status: outcome === 'accepted' ? 'stored' : 'duplicate' };
  });
}

function count(settled: readonly LineResult[], summary: StreamSummary): void {
  for (const { line, status } of settled) {
    summary.lastLine = line;
    summary[status === 'duplicate' ? 'duplicates' : status]++;
  }
}

/** `{"settled": 1000}` tells a sender where to go on, should the connection break. */
function answerOf(
  settled: readonly LineResult[],
  results: StreamOptions['results'],
  { lastLine }: StreamSummary,
): string {
  if (results === 'all') return settled.map(lineOf).join('');
  return [...settled.filter(isRefused), { settled: lastLine }].map(lineOf).join('');
}

const isRefused = ({ status }: LineResult) => status === 'refused';
const lineOf = (value: object) => `${JSON.stringify(value)}\n`;

function refuseWhereNothingIsStored(summary: StreamSummary, listed: readonly LineResult[]): void {
  const { lastLine, refused, stored, duplicates } = summary;
  if (lastLine === 0)
    throw problem('invalid-request', 'The body is empty; send one interaction as JSON per line.');
  if (stored + duplicates > 0) return;
  const [first] = listed as Extract<LineResult, { status: 'refused' }>[];
  const detail = `None of the ${refused} lines could be stored. Line ${first!.line}: ${first!.error.detail}`;
  throw problem('invalid-rows', detail, { summary, refused: listed });
}

/** Where lines were settled before the failure, it says from which line on to send them again. */
function asProblem(error: unknown, summary: StreamSummary): AppError {
  const failure =
    error instanceof AppError ? error : problem('internal', 'Something went wrong here', {}, error);
  if (summary.lastLine === 0 || failure.code === 'invalid-rows') return failure;
  const detail = `${failure.detail.replace(/\.$/, '')}. The lines up to ${summary.lastLine} are settled; send those after it again.`;
  return problem(failure.code, detail, { ...failure.extra, summary }, error);
}
