import type { Rng } from '../../core/rng.ts';
import { valueAt } from '../../domain/base/scheduled.ts';
import * as kinds from '../../domain/losses/kinds.ts';
import type { LossKind, LossKinds, LossSettings } from '../../domain/losses/loss-spec.ts';
import type { NamedInitial } from '../../student/network.ts';
import type { Scalar } from '../../tensor/engine.ts';
import type { Loss } from '../../tensor/train/parameters.ts';
import type { Step } from '../lists/step.ts';
import type { StudentView } from './student-view.ts';
import type { LossTerm, TeacherWidths, TermSetup } from './term.ts';
import * as terms from './terms.ts';

// A kind without arithmetic does not compile.
const byName: { [N in keyof LossKinds]: LossTerm<LossKinds[N]['kind']> } = terms;
const byKind = new Map(
  Object.entries(kinds).map(([name, { kind }]) => [kind as LossKind, byName[name as keyof LossKinds]]),
);

function termOf(settings: LossSettings): LossTerm<LossKind> {
  return byKind.get(settings.kind) as LossTerm<LossKind>;
}

/** Trainable arrays of the losses themselves. @param widths of the teacher's vectors, where a loss compares them */
export function auxiliaryParameters(
  losses: readonly LossSettings[],
  dimensions: number,
  widths: TeacherWidths | undefined,
  rng: Rng,
): NamedInitial {
  const made = losses.map((loss) => termOf(loss).parameters?.(loss, dimensions, widths!, rng));
  return Object.assign({}, ...made);
}

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
    term: termOf(settings).term(settings, setup),
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
