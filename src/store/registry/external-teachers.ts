import type { StoredExternalTeacher } from '../../domain/teachers/external-teacher.ts';
import type { SqlEngine } from '../engine/schema.ts';
import type { ExternalTeacherStore } from './contract.ts';

export function createExternalTeachers({ reads, write }: SqlEngine): ExternalTeacherStore {
  const parse = (row: { teacher: string }) => JSON.parse(row.teacher) as StoredExternalTeacher;
  return {
    async list() {
      const rows = await reads.selectFrom('external_teachers').select('teacher').orderBy('name').execute();
      return rows.map(parse);
    },
    async get(name) {
      const row = await reads
        .selectFrom('external_teachers')
        .select('teacher')
        .where('name', '=', name)
        .executeTakeFirst();
      return row ? parse(row) : null;
    },
    put: (teacher) =>
      write(async (db) => {
        const before = await db
          .selectFrom('external_teachers')
          .select('teacher')
          .where('name', '=', teacher.name)
          .executeTakeFirst();
        const text = JSON.stringify(teacher);
        await db
          .insertInto('external_teachers')
          .values({ name: teacher.name, teacher: text })
          .onConflict((conflict) => conflict.column('name').doUpdateSet({ teacher: text }))
          .execute();
        return before ? parse(before) : null;
      }),
    replace: (name, artifact, teacher) =>
      write(async (db) => {
        const row = await db
          .selectFrom('external_teachers')
          .select('teacher')
          .where('name', '=', name)
          .executeTakeFirst();
        if (!row || parse(row).artifact !== artifact) return false;
        if (teacher === null) await db.deleteFrom('external_teachers').where('name', '=', name).execute();
        else
          await db
            .updateTable('external_teachers')
            .set({ teacher: JSON.stringify(teacher) })
            .where('name', '=', name)
            .execute();
        return true;
      }),
    remove: (name) =>
      write(async (db) => {
        const removed = await db
          .deleteFrom('external_teachers')
          .where('name', '=', name)
          .returning('teacher')
          .executeTakeFirst();
        return removed ? parse(removed) : null;
      }),
  };
}
