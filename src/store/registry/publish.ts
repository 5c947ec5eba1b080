import type { Kysely } from 'kysely';
import type { NewVersion, RegisteredVersion } from '../../domain/answers/model.ts';
import type { NewNotice } from '../../domain/notices/notice.ts';
import { type Contestant, chooseStudent } from '../../domain/releases/choose-student.ts';
import { CANDIDATE_ALIAS } from '../../domain/releases/gate-spec.ts';
import type { Promotion, RuleOutcome } from '../../domain/releases/promotion.ts';
import type { Schema } from '../engine/schema.ts';
import { addNotice } from '../notices/add-notice.ts';
import { aliasMoved, versionRefused } from './alias-notices.ts';
import { findAlias, moveAlias } from './aliases.ts';
import type { Release } from './contract.ts';
import { withAliases } from './rows.ts';

/** The column `release`: what came of a gate, with what the choice among several students needs. */
interface StoredRelease {
  promotion: Promotion;
  passed: boolean;
  merit: number | null;
}

/** Registers a version and moves the aliases that it may move, within the caller's transaction. */
export async function publish(
  db: Kysely<Schema>,
  version: NewVersion,
  to: string | Release,
  at: number,
): Promise<RegisteredVersion> {
  const registered = db.selectFrom('model_versions').selectAll().where('job_id', '=', version.jobId);
  const first = await registered.executeTakeFirst();
  // The alias may have been moved since, by a person: a repeated publish must not move it back.
  if (first) return (await withAliases(db, [first]))[0]!;
  const release: Release = typeof to === 'string' ? { alias: to, isOff: true } : to;
  const { newest } = await db
    .selectFrom('model_versions')
    .select((eb) => eb.fn.max('version').as('newest'))
    .where('model', '=', version.model)
    .executeTakeFirstOrThrow();
  const { model, jobId } = version;
  const number = Number(newest ?? 0) + 1;
  await db
    .insertInto('model_versions')
    .values({
      model,
      version: number,
      job_id: jobId,
      created_at: at,
      artifact: version.artifact,
      bytes: version.bytes,
      items: version.items,
      dimensions: version.dimensions,
      summary: JSON.stringify(version.summary),
      contest: release.contest?.of ?? null,
      taught_by: JSON.stringify(version.taughtBy ?? []),
    })
    .execute();
  const point = (alias: string, target = number, reason?: string) =>
    moveAlias(db, {
      model,
      alias,
      version: target,
      action: 'published',
      now: at,
      jobId,
      keyId: release.keyId,
      reason,
    });
  if (release.contest) await point(`${release.alias}-${release.contest.place}`);
  const tell = (notice: NewNotice) => addNotice(db, notice, at);
  if (typeof to !== 'string') await decide(db, { version, number, release, point, tell });
  else {
    const from = await findAlias(db, model, to);
    await point(to);
    await tell(aliasMoved({ model, alias: to, version: number, from, action: 'published', by: { jobId } }));
  }
  return (await withAliases(db, [await registered.executeTakeFirstOrThrow()]))[0]!;
}

interface Deciding {
  version: NewVersion;
  number: number;
  release: Release;
  point(alias: string, version?: number, reason?: string): Promise<void>;
  tell(notice: NewNotice): Promise<void>;
}

async function decide(db: Kysely<Schema>, deciding: Deciding): Promise<void> {
  const { version, number, release, point, tell } = deciding;
  const { alias, isOff, contest } = release;
  const { model, jobId, gate, bytes } = version;
  if (!isOff) await point(CANDIDATE_ALIAS);
  const rules = isOff ? [] : [...(gate?.rules ?? [])];
  const rivals = contest ? await rivalsOf(db, contest.of, number) : [];
  const from = await findAlias(db, model, alias);
  const current = from?.version ?? null;
  const measured = gate?.foundUnder === alias ? gate.comparedWith : null;
  // Where the gate measured against the version under stable, an alias of another name may be anything.
  if (!isOff && gate && current !== measured && !rivals.some((one) => one.version === current)) {
    rules.push(movedMeanwhile(alias, current, measured));
  }
  const passed = rules.every((rule) => rule.passed);
  const own: Contestant = { version: number, passed, merit: gate?.merit ?? null, bytes };
  const winner = contest
    ? chooseStudent([...rivals, own], contest.choose, contest.margin)
    : passed
      ? own
      : null;
  const promotion: Promotion = {
    promoted: winner === own,
    alias,
    gate: isOff ? 'off' : 'on',
    comparedWith: gate?.comparedWith ?? null,
    rules: contest && passed ? [...rules, chosen(contest.choose, winner!.version, number)] : rules,
    ...(contest && { place: contest.place }),
  };
  await keep(db, model, number, { promotion, passed, merit: own.merit });
  if (!promotion.promoted) await tell(versionRefused({ model, version: number, jobId }, promotion));
  if (!winner || winner.version === current) return;
  const others = rivals.some((one) => one.version === current) || winner !== own;
  const reason = contest && `the ${contest.choose} of ${rivals.length + 1} students`;
  await point(alias, winner.version, reason);
  const by = { jobId, keyId: release.keyId, reason };
  await tell(aliasMoved({ model, alias, version: winner.version, from, action: 'published', by }));
  if (others) await renewRivals(db, model, rivals, winner.version);
}

async function rivalsOf(db: Kysely<Schema>, contest: string, but: number): Promise<Contestant[]> {
  const rows = await db
    .selectFrom('model_versions')
    .selectAll()
    .where('contest', '=', contest)
    .where('version', '!=', but)
    .where('deleted_at', 'is', null)
    .execute();
  return rows.flatMap(({ version, bytes, release }) => {
    if (release === null) return [];
    const { passed, merit } = JSON.parse(release) as StoredRelease;
    return [{ version, bytes, passed, merit }];
  });
}

/** One student has taken the alias from another of the same request: what is told of each follows. */
async function renewRivals(
  db: Kysely<Schema>,
  model: string,
  rivals: readonly Contestant[],
  winner: number,
): Promise<void> {
  for (const { version } of rivals) {
    const row = await db
      .selectFrom('model_versions')
      .select('release')
      .where('model', '=', model)
      .where('version', '=', version)
      .executeTakeFirst();
    if (!row?.release) continue;
    const stored = JSON.parse(row.release) as StoredRelease;
    const rules = stored.promotion.rules.map((rule) =>
      rule.rule === 'chosen'
        ? { ...rule, passed: version === winner, text: chosenText(winner, version) }
        : rule,
    );
    await keep(db, model, version, {
      ...stored,
      promotion: { ...stored.promotion, promoted: version === winner, rules },
    });
  }
}

async function keep(
  db: Kysely<Schema>,
  model: string,
  version: number,
  release: StoredRelease,
): Promise<void> {
  await db
    .updateTable('model_versions')
    .set({ release: JSON.stringify(release) })
    .where('model', '=', model)
    .where('version', '=', version)
    .execute();
}

function movedMeanwhile(alias: string, current: number | null, measured: number | null): RuleOutcome {
  const now = current === null ? 'is gone' : `points at version ${current}`;
  const then = measured === null ? 'there was none' : `it was measured against version ${measured}`;
  return {
    rule: 'unmoved',
    value: current,
    limit: measured,
    passed: false,
    decided: 'figure',
    text: `The alias ${alias} ${now} now, and ${then}: somebody has moved it since.`,
  };
}

function chosen(choose: 'best' | 'smallest', winner: number, own: number): RuleOutcome {
  return {
    rule: 'chosen',
    value: null,
    limit: null,
    passed: winner === own,
    decided: 'figure',
    text: `${chosenText(winner, own)} (publish.choose is ${choose})`,
  };
}

function chosenText(winner: number, own: number): string {
  return winner === own
    ? 'Of the students of this request so far it is the one to take the alias.'
    : `Of the students of this request version ${winner} takes the alias.`;
}
