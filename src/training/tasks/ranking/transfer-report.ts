import type { TransferPoint, TransferReport } from '../../../domain/reports/transfer-report.ts';
import type { EpochRecord } from '../../../tensor/train/fit.ts';
import type { RemappedTeacher, StoredTeacher } from '../../teachers/stored-teacher.ts';

/** The successor beside the same student from scratch, over epochs and over the time that training took. */
export function transferReport(
  { settings: { kind: _, ...from } }: StoredTeacher,
  { counts }: RemappedTeacher,
  histories: { student: readonly EpochRecord[]; control: readonly EpochRecord[] },
): TransferReport {
  const curves = { student: curveOf(histories.student), 'student-alone': curveOf(histories.control) };
  return {
    from,
    items: counts,
    curves,
    atEqualEpochs: atEqualEpochs(curves),
    reachedAlone: reachedControl(curves),
  };
}

function curveOf(history: readonly EpochRecord[]): TransferPoint[] {
  let seconds = 0;
  return history.flatMap((record) => {
    seconds += record.seconds;
    const rounded = Math.round(seconds * 1000) / 1000;
    return record.metric === undefined
      ? []
      : [{ epoch: record.epoch, seconds: rounded, 'ndcg@10': record.metric }];
  });
}

type Curves = TransferReport['curves'];

function atEqualEpochs({ student, 'student-alone': control }: Curves): TransferReport['atEqualEpochs'] {
  const epochs = Math.min(student.at(-1)?.epoch ?? 0, control.at(-1)?.epoch ?? 0);
  const at = (curve: TransferPoint[]) => curve.find(({ epoch }) => epoch === epochs);
  const [own, other] = [at(student), at(control)];
  if (!own || !other) return null;
  return { epochs, student: own['ndcg@10'], 'student-alone': other['ndcg@10'] };
}

function reachedControl({ student, 'student-alone': control }: Curves): TransferReport['reachedAlone'] {
  const best = control.reduce<TransferPoint | undefined>(
    (greatest, point) => (greatest && greatest['ndcg@10'] >= point['ndcg@10'] ? greatest : point),
    undefined,
  );
  const reached = best && student.find((point) => point['ndcg@10'] >= best['ndcg@10']);
  if (!best || !reached) return null;
  return {
    epochs: reached.epoch,
    seconds: reached.seconds,
    shareOfEpochs: reached.epoch / best.epoch,
    shareOfSeconds: reached.seconds / best.seconds,
  };
}
