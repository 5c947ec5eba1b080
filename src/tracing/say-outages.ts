import type { SpanExporter } from '@opentelemetry/sdk-trace-node';
import type { Logger } from '../core/logger.ts';

/** Says once that the receiver of traces is away, and once how many spans were lost when it is back. */
export function sayOutages(exporter: SpanExporter, logger: Logger): SpanExporter {
  let lost = 0;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        if (result.code !== 0) {
          if (lost === 0) {
            const reason = result.error?.message ?? 'no answer';
            logger.warn({ reason }, 'the receiver of traces does not take them; they are lost until it does');
          }
          lost += spans.length;
        } else if (lost > 0) {
          logger.info({ lost }, 'the receiver of traces takes them again');
          lost = 0;
        }
        done(result);
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
