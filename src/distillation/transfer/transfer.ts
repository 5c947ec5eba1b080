import type { StudentKind } from '../../domain/students/student-spec.ts';
import { type FoldInStart, randomStart, throughHidden } from '../../student/start.ts';
import { type PartsTransfer, partsTransfer } from './transfer-parts.ts';
import { sequenceTransfer } from './transfer-sequence.ts';
import type { TransferSetup } from './transfer-setup.ts';
import { ialsTransfer, solvedSvdTransfer } from './transfer-solved.ts';
import { svdTransfer } from './transfer-svd.ts';
import { copyTransfer, neuronTransfer } from './transfer-units.ts';

/** The ways in which a student's weights can start; see the file of each. */
export type Transfer = 'svd' | 'ials' | 'neurons' | 'copy' | PartsTransfer | 'none';

const SVD: Record<StudentKind, (setup: TransferSetup) => FoldInStart> = {
  'fold-in': (setup) =>
    setup.student.user === 'solved'
      ? solvedSvdTransfer(setup)
      : throughHidden(svdTransfer(setup), setup.student, setup.rng),
  sequential: sequenceTransfer,
};

/** @throws problem('invalid-job') where the teacher has not what the transfer needs, saying what would fit */
export function startStudent(transfer: Transfer, setup: TransferSetup): FoldInStart {
  const { student, sample, rng } = setup;
  switch (transfer) {
    case 'none':
      return randomStart(sample.columns, student, rng);
    case 'svd':
      return SVD[student.kind](setup);
    case 'ials':
      return ialsTransfer(setup);
    case 'neurons':
      return neuronTransfer(setup);
    case 'copy':
      return copyTransfer(setup);
    case 'all':
    case 'items':
    case 'layers':
      return partsTransfer(transfer, setup);
  }
}
