import { type Context, trace } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node';
import type { Config } from '../core/config.ts';

/** Attribute of spans of which there are very many. */
export const FREQUENT = 'stillhouse.frequent';

/** The sampler of that name by OpenTelemetry's specification of the environment. */
function namedSampler(name: Config['otelTracesSampler'], share: number): Sampler {
  if (name.startsWith('parentbased_')) {
    return new ParentBasedSampler({ root: rootSampler(name.slice('parentbased_'.length), share) });
  }
  return rootSampler(name, share);
}

function rootSampler(name: string, share: number): Sampler {
  if (name === 'always_on') return new AlwaysOnSampler();
  return name === 'always_off' ? new AlwaysOffSampler() : new TraceIdRatioBasedSampler(share);
}

/** The sampler of the settings, which of frequent spans that begin a trace keeps a share alone. */
export function createSampler(
  name: Config['otelTracesSampler'],
  share: number,
  servingShare: number,
): Sampler {
  const named = namedSampler(name, share);
  const few = namedSampler(name, share);
  const ratio = new TraceIdRatioBasedSampler(servingShare);
  const begins = (context: Context) => trace.getSpanContext(context) === undefined;
  return {
    shouldSample(context, traceId, spanName, kind, attributes, links) {
      const isFrequent = attributes[FREQUENT] === true && begins(context);
      if (isFrequent && ratio.shouldSample(context, traceId).decision === 0) return { decision: 0 };
      return (isFrequent ? few : named).shouldSample(context, traceId, spanName, kind, attributes, links);
    },
    toString: () => `${named.toString()}, frequent ${servingShare}`,
  };
}
