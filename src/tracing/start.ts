import type { Config } from '../core/config.ts';
import type { Logger } from '../core/logger.ts';
import type { Tracer } from './contract.ts';

/**
 * Makes the tracer of a process where the settings name a receiver of traces.
 * @param name the process: api, worker or trainer
 * @returns undefined where nothing is traced; then nothing of OpenTelemetry is loaded
 */
export async function startTracing(
  config: Config,
  name: 'api' | 'worker' | 'trainer',
  logger: Logger,
): Promise<Tracer | undefined> {
  const url = receiverOf(config);
  if (url === undefined) return undefined;
  const { createTracer } = await import('./otel.ts');
  const tracer = createTracer({
    url,
    service: config.otelServiceName ?? `stillhouse-${name}`,
    resource: resourceOf(config.otelResourceAttributes, name),
    sampler: config.otelTracesSampler,
    share: config.otelTracesSamplerArg,
    servingShare: config.traceServingSample,
    delayMs: config.otelBspScheduleDelay,
    logger,
  });
  // Another user and password may stand in the address.
  logger.info({ receiver: new URL(url).host, sampler: config.otelTracesSampler }, 'traces are sent');
  return tracer;
}

/** The whole address is OTEL_EXPORTER_OTLP_TRACES_ENDPOINT; the other one gets the usual path, by OTLP's specification. */
function receiverOf(config: Config): string | undefined {
  const { otelExporterOtlpEndpoint: base, otelExporterOtlpTracesEndpoint: whole } = config;
  if (config.otelSdkDisabled === 'true') return undefined;
  return whole ?? (base === undefined ? undefined : `${base.replace(/\/+$/, '')}/v1/traces`);
}

/** `name=value,name=value`, percent-encoded, as the specification of resources has it. */
function resourceOf(text: string, name: string): Record<string, string> {
  const given = text
    .split(',')
    .filter((pair) => pair.includes('='))
    .map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())] as const;
    });
  return {
    'service.namespace': 'stillhouse',
    'stillhouse.process': name,
    'process.pid': String(process.pid),
    ...Object.fromEntries(given),
  };
}
