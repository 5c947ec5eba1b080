import { Counter, type Registry } from 'prom-client';
import type { Answered, Counts } from '../counts.ts';

/** @returns the counts, and `answered`, which reads what was counted since the start */
export function createCounts(registry: Registry): { counts: Counts; answered(): Promise<Answered[]> } {
  const answers = new Counter({
    name: 'stillhouse_answers_total',
    help: 'Lists of recommendations by model, version, source, and why they are not k items of the student.',
    labelNames: ['model', 'version', 'source', 'reason'],
    registers: [registry],
  });
  const rows = new Counter({
    name: 'stillhouse_posted_rows_total',
    help: 'Rows of interactions that were posted, by what became of them.',
    labelNames: ['outcome'],
    registers: [registry],
  });
  /** A series looked up by its labels costs as much as a tenth of a plain answer. */
  const quick = new WeakMap<object, { inc(): void }>();
  const counts: Counts = {
    answer({ model, source, reasonCode }) {
      const labels = { model: model?.name ?? '', version: model === null ? '' : String(model.version) };
      answers.inc({ ...labels, source, reason: reasonCode ?? '' });
    },
    quick(model) {
      let series = quick.get(model);
      if (!series) {
        const labels = { model: model.name, version: String(model.version) };
        series = answers.labels({ ...labels, source: 'student', reason: '' });
        quick.set(model, series);
      }
      series.inc();
    },
    rows(outcome, count) {
      if (count > 0) rows.inc({ outcome }, count);
    },
  };
  return {
    counts,
    async answered() {
      const { values } = await answers.get();
      return values.map(({ labels, value }) => {
        const { model, version, source, reason } = labels as Record<keyof typeof labels, string>;
        return { model, version, source, reason, count: value };
      });
    },
  };
}
