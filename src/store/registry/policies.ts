import type { Kysely } from 'kysely';
import type { NewServingPolicy, StoredPolicy } from '../../domain/answers/serving-policy.ts';
import type { Schema, SqlEngine } from '../engine/schema.ts';
import type { PolicyStore } from './contract.ts';

export function createPolicies({ reads, write, now }: SqlEngine): PolicyStore {
  return {
    list: () => readPolicies(reads),
    put: (model, policy) =>
      write(async (db) => {
        const stored = { ...policy, model, updatedAt: now() };
        const row = policyRow(stored);
        await db
          .insertInto('serving_policies')
          .values(row)
          .onConflict((conflict) => conflict.column('model').doUpdateSet(row))
          .execute();
        return stored;
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

/** All policies, by model. */
export async function readPolicies(db: Kysely<Schema>): Promise<StoredPolicy[]> {
  const rows = await db.selectFrom('serving_policies').selectAll().orderBy('model').execute();
  return rows.map(({ model, policy, updated_at }) => ({
    ...(JSON.parse(policy) as NewServingPolicy),
    model,
    updatedAt: updated_at,
  }));
}

export function policyRow({ model, updatedAt, ...policy }: StoredPolicy): Schema['serving_policies'] {
  return { model, policy: JSON.stringify(policy), updated_at: updatedAt };
}
