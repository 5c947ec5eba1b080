import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { RecommendOptions } from '../../domain/answers/recommend-options.ts';
import { addLatency, noShadowCounts, overlapOf, type ShadowCounts } from '../../domain/traffic/shadow.ts';
import type { TrafficStore } from '../../store/registry/traffic-contract.ts';
import type { Recommend } from '../answers/recommend.ts';
import type { Subject, Timing } from '../answers/request.ts';

/** A request that was answered, as the shadow is asked about it. */
export interface Shadowed {
  model: string;
  /** Versions of the shadow and of the answer. */
  version: number;
  liveVersion: number;
  subject: Subject;
  options: RecommendOptions;
  shown: readonly string[];
  /** Times of the live answer. */
  timing: Timing;
}

/** Asks the shadow, one request after the other, never in the way of one that is answered. */
export interface Shadow {
  /** Takes it, or counts it as dropped where too many wait. */
  offer(request: Shadowed): void;
  /** Waits for those that wait, and writes what was counted. Never rejects. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

interface ShadowDeps {
  store: Pick<TrafficStore, 'addShadow'>;
  recommendTo: Recommend;
  logger: Logger;
  /** More requests do not wait. */
  most?: number;
  flushMs?: number;
}

const MOST_WAITING = 64;
/** The shadow may take so large a share of the time of the event loop. */
const SHARE = 0.2;

export function createShadow(deps: ShadowDeps): Shadow {
  const { store, recommendTo, logger, most = MOST_WAITING, flushMs = 1000 } = deps;
  const waiting: Shadowed[] = [];
  /** By model and both versions. */
  const counted = new Map<string, { of: Shadowed; counts: ShadowCounts }>();
  let running: Promise<void> | null = null;
  let isClosed = false;
  const timer = setInterval(() => void write(), flushMs);
  timer.unref();

  function countsOf(of: Shadowed): ShadowCounts {
    const key = `${of.model} ${of.version} ${of.liveVersion}`;
    const known = counted.get(key) ?? { of, counts: noShadowCounts() };
    counted.set(key, known);
    return known.counts;
  }

  async function ask(request: Shadowed): Promise<void> {
    const { model, version, subject, options, shown, timing } = request;
    const own: Timing = { history: 0, vector: 0, scan: 0 };
    try {
      const asked = { ...options, model, version: String(version) };
      const { items } = await recommendTo(subject, asked, own);
      const counts = countsOf(request);
      counts.asked++;
      counts.overlap += overlapOf(
        shown,
        items.map(({ itemId }) => itemId),
      );
      addLatency(counts.own, computing(own));
      addLatency(counts.live, computing(timing));
    } catch (error) {
      countsOf(request).failed++;
      logger.debug({ model, version, reason: messageOf(error) }, 'the shadow has no answer');
    }
  }

  async function work(): Promise<void> {
    for (let request = waiting.shift(); request; request = waiting.shift()) {
      const started = performance.now();
      await ask(request);
      const took = performance.now() - started;
      if (!isClosed) await sleep((took * (1 - SHARE)) / SHARE, undefined, { ref: false });
    }
    running = null;
  }

  async function write(): Promise<void> {
    const due = [...counted.values()];
    counted.clear();
    for (const { of, counts } of due) {
      try {
        await store.addShadow(of.model, of.version, of.liveVersion, counts);
      } catch (error) {
        logger.warn({ reason: messageOf(error) }, 'what was counted of a shadow is not recorded');
      }
    }
  }

  return {
    offer(request) {
      if (isClosed) return;
      if (waiting.length >= most) countsOf(request).dropped++;
      else waiting.push(request);
      running ??= sleep(0, undefined, { ref: false }).then(work);
    },
    async flush() {
      await running;
      await write();
    },
    async close() {
      isClosed = true;
      clearInterval(timer);
      waiting.length = 0;
      await running;
      await write();
    },
  };
}

/** Microseconds that an answer took but for reading the history, which is the same for both. */
function computing({ vector, scan }: Timing): number {
  return 1000 * (vector + scan);
}
