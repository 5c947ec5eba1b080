import { problem } from '../../core/errors.ts';
import type { StoredRule } from '../../domain/answers/rule.ts';
import type { SqlEngine } from '../engine/schema.ts';
import type { RuleStore } from './contract.ts';

export function createRules({ reads, write }: SqlEngine): RuleStore {
  return {
    async list() {
      const rows = await reads
        .selectFrom('rules')
        .select('rule')
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map(({ rule }) => JSON.parse(rule) as StoredRule);
    },
    async get(id) {
      const row = await reads.selectFrom('rules').select('rule').where('id', '=', id).executeTakeFirst();
      return row ? (JSON.parse(row.rule) as StoredRule) : null;
    },
    add: (rule, limit) =>
      write(async (db) => {
        const there = await db.selectFrom('rules').select('id').limit(limit).execute();
        if (there.length >= limit) {
          throw problem('conflict', `There are ${limit} rules already; delete those that no longer hold.`);
        }
        await db
          .insertInto('rules')
          .values({ id: rule.id, created_at: rule.createdAt, rule: JSON.stringify(rule) })
          .execute();
      }),
    remove: (id) =>
      write(async (db) => {
        const removed = await db.deleteFrom('rules').where('id', '=', id).returning('id').execute();
        return removed.length > 0;
      }),
  };
}
