import type { RecommendOptions } from '../../domain/answers/recommend-options.ts';
import type { Variant } from '../../domain/answers/recommendation.ts';
import { isCounted } from '../../domain/traffic/assign.ts';
import { CONTROL } from '../../domain/traffic/traffic.ts';
import { type Subject, type Timing, whoOf } from '../answers/request.ts';
import type { LiveTraffic } from '../models/follow-traffic.ts';
import type { Shadow } from './shadow.ts';

/** An answer of a model, as far as traffic goes. */
export interface Answered {
  model: string;
  version: number;
  variant: Variant | undefined;
  subject: Subject;
  options: RecommendOptions;
  /** Read only where somebody wants to know. */
  shown(): readonly string[];
  /** Without it no shadow is asked: a batch is nobody's request. */
  timing?: Timing | undefined;
}

/** Does what follows an answer where its model has traffic. */
export interface TrafficWatch {
  /** @returns what the answer counts for; undefined for nothing */
  answered(answer: Answered): { epoch: number; windowMs: number } | undefined;
  /** Answers so far by model, variant and version; those that stable gave in place of a variant are apart. */
  tally(): readonly (Tally & { count: number })[];
}

export interface Tally {
  model: string;
  variant: string;
  version: number;
  /** Empty, or the variant that could not be loaded. */
  standsInFor: string;
}

interface WatchDeps {
  models: { traffic(model: string): LiveTraffic | undefined };
  shadow: Pick<Shadow, 'offer'>;
  /** Uniform in [0, 1). */
  random?: () => number;
}

const MINUTE_MS = 60_000;

export function createTrafficWatch({ models, shadow, random = Math.random }: WatchDeps): TrafficWatch {
  const tallies = new Map<string, Tally & { count: number }>();

  function count(model: string, version: number, { name, standsInFor = '' }: Variant): void {
    const key = `${model} ${name} ${version} ${standsInFor}`;
    const known = tallies.get(key) ?? { model, variant: name, version, standsInFor, count: 0 };
    tallies.set(key, known);
    known.count++;
  }

  return {
    answered({ model, version, variant, subject, options, shown, timing }) {
      if (!variant) return undefined;
      count(model, version, variant);
      const live = models.traffic(model);
      // It may have been set anew since the answer was begun.
      if (live?.traffic.experiment !== variant.experiment) return undefined;
      const { traffic, arms } = live;
      if (traffic.shadow && timing && variant.name === CONTROL && random() < traffic.shadow.sample) {
        const of = { model, version: traffic.shadow.version, liveVersion: version };
        shadow.offer({ ...of, subject, options, shown: shown(), timing: { ...timing } });
      }
      const who = whoOf(subject);
      if (!traffic.test || who === null || variant.standsInFor !== undefined) return undefined;
      const arm = arms.get(variant.name);
      if (arm ? arm.version !== version : variant.name !== CONTROL) return undefined;
      const { sample, windowMinutes } = traffic.test;
      if (!isCounted(traffic.experiment, who, sample)) return undefined;
      return { epoch: traffic.epoch, windowMs: windowMinutes * MINUTE_MS };
    },

    tally: () => [...tallies.values()],
  };
}
