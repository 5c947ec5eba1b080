import { valueAt } from '../../domain/base/scheduled.ts';
import type { SettingsOf } from '../../domain/losses/loss-spec.ts';
import type { Engine, Scalar, Tensor } from '../../tensor/engine.ts';
import type { OwnItems } from '../lists/teacher-outputs.ts';
import { type BatchLists, listsOf, toSparse } from './batch-lists.ts';
import { bernoulliKl } from './bernoulli.ts';
import { pairWeights } from './pair-weights.ts';
import { listedOrSampled, sampledCrossEntropy } from './sampled.ts';
import type { LossTerm, PreparedTerm, Term, TermSetup } from './term.ts';

/**
 * The divergence of the student's softmax from the teacher's at a temperature, times its square (Hinton, Vinyals & Dean 2015,
 * section 2), with a weight per user and item. With own items hidden it is over the other items only, and all weights are 1. With
 * the link sigmoid it is the divergences of one Bernoulli distribution per item, summed.
 *
 * Where weights differ the sum of w p log(p / q) is no divergence: it can be below 0, and its least value is at q in proportion
 * to w * p, not at the teacher's p. A weight of 2 doubles the share that the student is to give the item, before all shares are
 * divided by their sum.
 */
export const softLabels: LossTerm<'softLabels'> = {
  term(settings, setup) {
    if (settings.link === 'sigmoid') return bernoulliLabels(settings, setup);
    const onLists = settings.samples > 0 || setup.teacher!.teacher.listed !== undefined;
    return onLists ? listedSoftLabels(settings, setup) : fullSoftLabels(settings, setup);
  },
};

function bernoulliLabels(settings: SettingsOf<'softLabels'>, { engine, teacher }: TermSetup): Term {
  return {
    prepare(step) {
      const temperature = valueAt(settings.temperature, step.progress);
      const asked = teacher!.scores(step);
      const soft = engine.tf.tidy(() => engine.tf.sigmoid(engine.tf.div(asked, temperature)));
      asked.dispose();
      return {
        value: (student) => bernoulliKl(engine, student.logits(), soft, temperature),
        dispose: () => soft.dispose(),
      };
    },
  };
}

function fullSoftLabels(settings: SettingsOf<'softLabels'>, { engine, teacher }: TermSetup): Term {
  const hidden = settings.ownItems === 'hidden';
  return {
    prepare(step) {
      const asked = teacher!.scores(step);
      const target = engine.tf.tidy(() => {
        const scores = settings.scores === 'standardized' ? standardized(engine, asked) : asked;
        return hidden ? engine.hideEntries(scores, step.hiddenEntries) : scores;
      });
      if (target !== asked) asked.dispose();
      const weights = hidden ? undefined : pairWeights(engine, step.own);
      const options = { temperature: valueAt(settings.temperature, step.progress), pairWeights: weights };
      return {
        value: (student) =>
          engine.softKl(hidden ? student.unseenLogits() : student.logits(), target, options),
        dispose() {
          target.dispose();
          weights?.dispose();
        },
      };
    },
  };
}

/** Scores [B, N] with mean 0 and deviation 1 in each row: no user's teacher is surer than another's. */
function standardized({ tf }: Engine, scores: Tensor): Tensor {
  const { mean, variance } = tf.moments(scores, 1, true);
  return tf.div(tf.sub(scores, mean), tf.sqrt(tf.add(variance, 1e-12)));
}

/**
 * Soft labels from lists, for catalogues whose scores do not fit and for teachers that are lists: cross-entropy of the teacher's
 * softmax over its list against the student's over list and sampled items, or over the whole catalogue without samples. The rest
 * of the teacher's softmax is left out.
 */
function listedSoftLabels(settings: SettingsOf<'softLabels'>, setup: TermSetup): Term {
  const { engine, items, teacher, rng } = setup;
  const outputs = teacher!.lists(settings.ownItems);
  return {
    prepare({ users, hidden, progress }) {
      const lists = listsOf(outputs, users, settings.top);
      const temperature = valueAt(settings.temperature, progress);
      const scale = (row: number) =>
        settings.scores === 'standardized' ? 1 / Math.max(outputs.deviation[users[row]!]!, 1e-6) : 1;
      const target = softmaxOfLists(lists, (row) => scale(row) / temperature);
      if (settings.samples === 0) return againstAll(setup, settings.ownItems, lists, target, temperature);
      const excluded = settings.ownItems === 'hidden' ? hidden : undefined;
      const sample = listedOrSampled(lists, excluded, items, settings.samples, rng);
      return sampledCrossEntropy(engine, lists, target, sample, temperature);
    },
  };
}

function againstAll(
  { engine, items }: TermSetup,
  ownItems: OwnItems,
  lists: BatchLists,
  target: Float32Array,
  temperature: number,
): PreparedTerm {
  const labels = engine.sparseRows(toSparse(lists, target, items));
  return {
    value(student) {
      const logits = ownItems === 'hidden' ? student.unseenLogits() : student.logits();
      const cooled = engine.tf.mul(logits, 1 / temperature);
      return engine.tf.mul(engine.softmaxCrossEntropy(cooled, labels), temperature ** 2) as Scalar;
    },
    dispose: () => labels.dispose(),
  };
}

/** Softmax of each list's scores times a factor, [B * width]; 0 in places that are not in use. */
function softmaxOfLists(
  { width, scores, lengths }: BatchLists,
  factor: (row: number) => number,
): Float32Array {
  const shares = new Float32Array(scores.length);
  lengths.forEach((length, row) => {
    const from = row * width;
    let sum = 0;
    // The first score is the greatest.
    for (let at = from; at < from + length; at++) {
      shares[at] = Math.exp((scores[at]! - scores[from]!) * factor(row));
      sum += shares[at]!;
    }
    for (let at = from; at < from + length; at++) shares[at]! /= sum;
  });
  return shares;
}
