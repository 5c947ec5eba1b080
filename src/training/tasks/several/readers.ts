import type { Csr } from '../../../dataset/matrix.ts';
import type { Teacher } from '../../../teacher/contract.ts';
import { createEnsemble } from '../../../teacher/several/ensemble.ts';
import type { Engine } from '../../../tensor/engine.ts';
import type { RankingTeacher } from '../../teachers/teacher-setup.ts';
import { readingsOf, readingTeacher } from './reading.ts';

/** A teacher that was trained on one way of reading the histories, and its share in what the task's teacher says. */
export interface Reader extends Pick<RankingTeacher, 'rest' | 'wake'> {
  reading: 'own' | 'all';
  teacher: Teacher;
  share: number;
}

const REMARKS = { own: '', all: ' of all behaviours' };

/** All readers as one teacher. @param known [users, items] all that is known of the task's users when the teacher is asked */
export function joinReaders(engine: Engine, readers: readonly Reader[], known: Csr): Teacher {
  const readings = readingsOf(known);
  const members = readers.map(({ reading, teacher, share }) => ({
    teacher: readingTeacher(teacher, readings[reading], REMARKS[reading]),
    weight: share,
  }));
  return members.length === 1 ? members[0]!.teacher : createEnsemble(engine, members);
}

/** Puts readers aside, and makes them again. */
export function restOf(readers: readonly Reader[]): Required<Pick<RankingTeacher, 'rest' | 'wake'>> {
  return {
    async rest() {
      for (const reader of readers) await reader.rest?.();
    },
    async wake() {
      for (const reader of readers) await reader.wake?.();
    },
  };
}
