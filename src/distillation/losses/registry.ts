import { valueAt } from '../../domain/base/scheduled.ts';
import type { LossKind } from '../../domain/losses/loss-spec.ts';
import type { Scalar } from '../../tensor/engine.ts';
import type { Loss } from '../../tensor/train/parameters.ts';
import type { Step } from '../lists/step.ts';
import { correction } from './correction.ts';
import { experts } from './experts.ts';
import { hardLabels } from './hard-labels.ts';
import { hint } from './hint.ts';
import { rankLabels } from './rank-labels.ts';
import { ranking } from './ranking.ts';
import { rce } from './rce.ts';
import { softLabels } from './soft-labels.ts';
import type { StudentView } from './student-view.ts';
import type { LossSettings, SettingsOf, Term, TermSetup } from './term.ts';
import { topology } from './topology.ts';

type Factories = { [K in LossKind]: (settings: SettingsOf<K>, setup: TermSetup) => Term };

const factories: Factories = {
  softLabels,
  rankLabels,
  hardLabels,
  ranking,
  rce,
  correction,
  hint: (_, setup) => hint(setup),
  experts,
  topology,
};

/** The weighted sum of several losses. */
export interface LossMix {
  prepare(step: Step): PreparedMix;
}

export interface PreparedMix {
  /** Each part is reported by its name, without its weight. */
  loss(student: StudentView): Loss;
  dispose(): void;
}

export function mixLosses(losses: readonly LossSettings[], setup: TermSetup): LossMix {
  const terms = losses.map((settings) => ({
    settings,
    term: factories[settings.kind](settings as never, setup),
  }));
  return {
    prepare(step) {
      const prepared = terms.map(({ settings, term }) => ({
        kind: settings.kind,
        weight: valueAt(settings.weight, step.progress),
        ...term.prepare(step),
      }));
      return {
        loss: (student) => weighted(setup, prepared, student),
        dispose() {
          for (const term of prepared) term.dispose();
        },
      };
    },
  };
}

function weighted(
  { engine: { tf } }: TermSetup,
  terms: readonly { kind: LossKind; weight: number; value(student: StudentView): Scalar }[],
  student: StudentView,
): Loss {
  const parts: Record<string, Scalar> = {};
  const shares = terms.map(({ kind, weight, value }) => {
    const part = value(student);
    parts[kind] = part;
    return tf.mul(part, weight);
  });
  return { total: tf.addN(shares) as Scalar, parts };
}
