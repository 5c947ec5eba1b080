import { loadLabelStudent } from '../../../../src/artifact/student/label-student.ts';
import { buildLabels } from '../../../../src/dataset/labels.ts';
import { rowItems } from '../../../../src/dataset/matrix.ts';
import { usuallyMeant } from '../../../../src/domain/data/weighting.ts';
import { completeDistillation } from '../../../../src/domain/jobs/complete-distillation.ts';
import { createEncoder } from '../../../../src/features/encoding.ts';
import { createLabelScorer } from '../../../../src/scoring/label-scorer.ts';
import { MAX_HISTORY } from '../../../../src/scoring/user-vector.ts';
import { planLabelMeanings } from '../../../../src/training/tasks/labels/plan.ts';
import { splitEntities } from '../../../../src/training/tasks/labels/split.ts';
import { describeTask } from '../../../contract/task-suite.ts';
import { sourceOf } from '../../../helpers/data.ts';
import { labelledFilms, labelledPeople, takenRows } from '../../../helpers/labelled.ts';
import { storeOf } from '../../run-job.ts';

const films = labelledFilms();
const labels = { of: 'items', from: 'categories', minimum: 5 } as const;
const split = { strategy: 'random', testFraction: 0.2, validationFraction: 0.1 } as const;

const source = (items = films) => sourceOf(takenRows(), 50, { items, users: labelledPeople() });
const store = (items = films) => ({ ...storeOf(takenRows()), interactions: source(items) });

describeTask({
  name: 'labels',
  spec: {
    model: 'kinds',
    task: 'multi-label',
    labels,
    dataset: { split },
    teacher: { kind: 'multilabel', hidden: [32], epochs: 7, batchSize: 16, learningRate: 0.01 },
    student: { kind: 'fold-in', dimensions: 4 },
    distillation: { epochs: 7, batchSize: 16, learningRate: 0.02, seed: 7 },
  },
  store,
  control: 'student-alone',
  resumed: ['teacher', 'distillation', 'student-alone', 'refit-teacher', 'refit'],
  otherStudent: { kind: 'fold-in', dimensions: 8 },
  warned: {
    spec: {},
    store: () =>
      store(
        labelledFilms((film, i) => (i === 4 ? { ...film, categories: [...film.categories, 'Lost'] } : film)),
      ),
    message: /Left out of categories, as fewer than labels.minimum 5 have them: "Lost"/,
    before: 'teacher',
  },
  async measure({ artifacts, artifact, spec, report }) {
    const { student } = await loadLabelStudent(artifacts, artifact);
    const weighting = planLabelMeanings(completeDistillation(spec), ['click'], usuallyMeant).weighting;
    const data = await buildLabels(source(), weighting, { labels, filter: {}, most: MAX_HISTORY });
    const { test } = splitEntities(data, split, 7);
    const { probabilities } = createLabelScorer(student);
    const encode = createEncoder(student.encoding!);
    let [right, wrong] = [0, 0];
    for (const row of test) {
      const known = new Set(rowItems(data.known, row));
      const said = probabilities({ row, features: encode(data.described[row]!) });
      for (const [label, p] of said.entries()) {
        const isPredicted = p >= student.thresholds[label]!;
        if (isPredicted && known.has(label)) right++;
        else if (isPredicted !== known.has(label)) wrong++;
      }
    }
    const { models } = report;
    return {
      reported: models.find(({ name }) => name === 'student')!.metrics.microF1!.value,
      measured: (2 * right) / (2 * right + wrong),
    };
  },
});
