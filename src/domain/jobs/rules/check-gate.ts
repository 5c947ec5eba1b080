import { neverPasses } from '../../releases/gate-bounds.ts';
import { gateMetrics } from '../../releases/gate-metrics.ts';
import { type GateRule, readGateRule } from '../../releases/gate-rule.ts';
import { learnsSets } from '../../tasks/labels-spec.ts';
import { completeDistillation } from '../complete-distillation.ts';
import type { DistillationSpec } from '../distillation-spec.ts';

/** First rule of the gate that cannot be read, or that no report of such a job can ever pass, or null. */
export function gateProblem(spec: DistillationSpec): string | null {
  const { gate } = spec.publish ?? {};
  if (gate === undefined || gate === 'off') return null;
  const known = metricsOf(spec);
  for (const [i, one] of gate.entries()) {
    const rule = readGateRule(one);
    const field = `publish.gate[${i}]`;
    if (typeof rule === 'string') return `${field} ${rule}`;
    if (!known.includes(rule.metric)) {
      return `${field} names the metric ${rule.metric}, which the report of this job does not have; it has ${known.join(', ')}`;
    }
    const never = neverPasses(rule) ?? withoutUnseen(spec, rule);
    if (never) return `${field} ${never}`;
  }
  return null;
}

/** Says that a rule is about unseen users of a job that has none, or null. */
function withoutUnseen(spec: DistillationSpec, { among }: GateRule): string | null {
  if (among !== 'unseen') return null;
  if (spec.evaluation?.unseenUsers === 0) {
    return 'asks for unseen users, and evaluation.unseenUsers is 0: none are kept apart; leave one of them out';
  }
  return null;
}

function metricsOf(spec: DistillationSpec): string[] {
  const { k } = completeDistillation(spec).evaluation;
  if (spec.task === 'rating') return gateMetrics({ of: 'ratings', ks: k });
  const predictsLabels = spec.task === 'multi-label' && !learnsSets(spec);
  return gateMetrics({ of: predictsLabels ? 'labels' : 'items', ks: k });
}

/** The rules that a job names, readable since it was accepted; of jobs of earlier releases none. */
export function gateRules({ publish }: Pick<DistillationSpec, 'publish'>): GateRule[] {
  const { gate } = publish ?? {};
  if (gate === undefined || gate === 'off') return [];
  return gate.map(readGateRule).filter((rule) => typeof rule !== 'string');
}
