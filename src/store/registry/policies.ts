import type { NewServingPolicy } from '../../domain/answers/serving-policy.ts';
import type { SqlEngine } from '../engine/schema.ts';
import type { PolicyStore } from './contract.ts';

export function createPolicies({ reads, write, now }: SqlEngine): PolicyStore {
  return {
    async list() {
      const rows = await reads.selectFrom('serving_policies').selectAll().orderBy('model').execute();
      return rows.map(({ model, policy, updated_at }) => ({
        ...(JSON.parse(policy) as NewServingPolicy),
        model,
        updatedAt: updated_at,
      }));
    },
    put: (model, policy) =>
      write(async (db) => {
        const row = { policy: JSON.stringify(policy), updated_at: now() };
        await db
          .insertInto('serving_policies')
          .values({ model, ...row })
          .onConflict((conflict) => conflict.column('model').doUpdateSet(row))
          .execute();
        return { ...policy, model, updatedAt: row.updated_at };
      }),
    remove: (model) =>
      write(async (db) => {
        const { numDeletedRows } = await db
          .deleteFrom('serving_policies')
          .where('model', '=', model)
          .executeTakeFirstOrThrow();
        return numDeletedRows > 0n;
      }),
  };
}
