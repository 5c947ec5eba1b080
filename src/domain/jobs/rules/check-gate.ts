import { gateMetrics } from '../../releases/gate-metrics.ts';
import { type GateRule, readGateRule } from '../../releases/gate-rule.ts';
import { learnsSets } from '../../tasks/labels-spec.ts';
import { completeDistillation } from '../complete-distillation.ts';
import type { DistillationSpec } from '../distillation-spec.ts';

/** First rule of the gate that cannot be read, or whose metric no report of such a job has, or null. */
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
