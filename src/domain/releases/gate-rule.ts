import { HISTORY_NAMES, MEASURES_IN_BYTES, MEASURES_OF_TIME } from './gate-metrics.ts';
import type { GateRuleSpec } from './gate-spec.ts';

/** A rule as it is judged. */
export interface GateRule {
  /** As the job wrote it, for the answer. */
  text: string;
  metric: string;
  measure: 'value' | 'retained';
  among?: string;
  op: '>=' | '<=';
  /** In the unit of the figure; times are in microseconds. */
  limit: number;
}

const UNITS: Record<string, number> = { us: 1, µs: 1, ms: 1000, s: 1_000_000 };
const BYTES: Record<string, number> = {
  B: 1,
  kB: 1000,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};
const TEXT =
  /^(\S+)((?:\s+[A-Za-z][\w:+-]*)*)\s*(>=|<=)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(%|[A-Za-zµ]+)?$/;
const FORM =
  'must be METRIC [retained] [KIND OR SEGMENT] >= or <= NUMBER [UNIT], such as "ndcg@10 retained >= .97", "overlap@10 unseen >= .6" or "p99 <= .2 ms"';

/** Reads a rule. @returns the reason, without the name of the field, where it cannot be read */
export function readGateRule(rule: string | GateRuleSpec): GateRule | string {
  return typeof rule === 'string' ? readText(rule) : readObject(rule);
}

function readText(text: string): GateRule | string {
  const match = TEXT.exec(text.trim());
  if (!match) return `${FORM}; got ${JSON.stringify(text)}`;
  const [, metric = '', words = '', op, number, unit] = match;
  const named = words
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  const measure = named.includes('retained') ? 'retained' : 'value';
  const [among, ...more] = named.filter((word) => word !== 'retained');
  if (more.length > 0 || named.length > 2) return `names more than one kind of users: ${named.join(', ')}`;
  const scale = scaleOf(metric, measure, unit);
  if (typeof scale === 'string') return `${scale}; got ${JSON.stringify(text)}`;
  const limit = Number(number) * scale;
  return checked({ text: text.trim(), metric, measure, ...(among && { among }), op: op as '>=', limit });
}

function readObject({ metric, measure = 'value', among, atLeast, atMost }: GateRuleSpec): GateRule | string {
  if ((atLeast === undefined) === (atMost === undefined)) return 'must have one of atLeast and atMost';
  const op = atLeast === undefined ? '<=' : '>=';
  const said = (atLeast ?? atMost)!;
  const isTime = measure === 'value' && MEASURES_OF_TIME.includes(metric);
  const words = [metric, measure === 'retained' && measure, among, op, said, isTime && 'ms'];
  const text = words.filter((word) => word !== false && word !== undefined).join(' ');
  return checked({
    text,
    metric,
    measure,
    ...(among !== undefined && { among }),
    op,
    limit: isTime ? said * 1000 : said,
  });
}

/** Returns what a number is multiplied with, or what is wrong with its unit. */
function scaleOf(metric: string, measure: string, unit: string | undefined): number | string {
  const isPlain = measure === 'value';
  if (isPlain && MEASURES_OF_TIME.includes(metric)) {
    return UNITS[unit ?? ''] ?? `must name the unit of ${metric}: us, ms or s`;
  }
  if (unit === undefined) return 1;
  if (isPlain && MEASURES_IN_BYTES.includes(metric)) {
    return BYTES[unit] ?? `has a unit that is none of bytes: ${Object.keys(BYTES).join(', ')}`;
  }
  return unit === '%' ? 0.01 : `has a unit that ${metric} does not have: ${unit}`;
}

function checked(rule: GateRule): GateRule | string {
  const { among, metric } = rule;
  if (!Number.isFinite(rule.limit)) return `has a limit that is no finite number: ${rule.text}`;
  if (among !== undefined && !among.includes(':') && !HISTORY_NAMES.includes(among)) {
    return `names ${JSON.stringify(among)}, which is no kind of users; there are ${HISTORY_NAMES.join(', ')}, and segments such as items:tail`;
  }
  const isOfAll = [...MEASURES_OF_TIME, ...MEASURES_IN_BYTES].includes(metric);
  if (isOfAll && (among !== undefined || rule.measure === 'retained')) {
    return `asks for ${metric} of some users or as a share; it is one figure of the whole student`;
  }
  return rule;
}
