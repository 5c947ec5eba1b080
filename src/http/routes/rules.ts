import { randomUUID } from 'node:crypto';
import { Type } from 'typebox';
import { problem } from '../../core/errors.ts';
import { NewRule, Rule, type StoredRule } from '../../domain/answers/rule.ts';
import { idProblem } from '../../domain/base/id.ts';
import { parseTimestamp } from '../../domain/base/timestamp.ts';
import type { Store } from '../../store/store.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json, noContent } from '../docs/documentation.ts';
import { takeBack } from '../plugins/take-back.ts';

const MAX_RULES = 1000;
const RULE = {
  id: 'rule_3b241101-e2bb-4255-8caf-4136c566a962',
  action: 'boost',
  items: [],
  categories: ['Documentary'],
  model: null,
  position: null,
  factor: 2,
  amount: null,
  from: null,
  until: '2026-04-01T00:00:00.000Z',
  createdAt: '2026-03-01T12:00:00.000Z',
};
const RuleParams = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64, description: 'The id of the rule.', examples: [RULE.id] }),
});
const missing = { 'not-found': 'There is no rule "rule_1".' };

const listRules = {
  operationId: 'listRules',
  tags: ['rules'],
  summary: 'List business rules',
  description: 'All of them, the oldest first, whether they hold now or not.',
  response: {
    200: json('The rules.', Type.Object({ data: Type.Array(Rule) }), { 'one rule': { data: [RULE] } }),
  },
  problems: {},
};

const addRule = {
  operationId: 'addRule',
  tags: ['rules'],
  summary: 'Add a business rule',
  description:
    'Pins, hides or boosts items or whole categories in recommendations, from and until a time. Rules are not changed in place: delete one and add another. What GET gives is taken, as a new rule.',
  body: NewRule,
  examples: {
    'boost a category': {
      action: 'boost',
      categories: ['Documentary'],
      factor: 2,
      until: '2026-04-01T00:00:00Z',
    },
    'hide an item': { action: 'hide', items: ['film-7'] },
    'pin an item': { action: 'pin', items: ['film-9'], position: 1 },
  },
  response: {
    201: json('The rule; it holds from the next request on.', Rule, { 'a boost': RULE }, ['Location']),
  },
  problems: {
    'invalid-request': 'factor is missing; a boost needs one, such as 2 for twice as probable.',
    'invalid-id': 'items[0] contains a NUL character; remove it.',
    conflict: 'There are 1000 rules already; delete those that no longer hold.',
  },
};

const getRule = {
  operationId: 'getRule',
  tags: ['rules'],
  summary: 'Read a business rule',
  description: 'As it is stored.',
  params: RuleParams,
  response: { 200: json('The rule.', Rule, { 'a boost': RULE }) },
  problems: missing,
};

const deleteRule = {
  operationId: 'deleteRule',
  tags: ['rules'],
  summary: 'Delete a business rule',
  description: 'It holds no longer from the next request on.',
  params: RuleParams,
  response: { 204: noContent('Gone.') },
  problems: missing,
};

export function ruleRoutes({ store, now }: Pick<AppDeps, 'store' | 'now'>) {
  const { rules } = store;
  return async (app: App): Promise<void> => {
    app.get('/rules', {
      config: { scope: 'read' },
      schema: listRules,
      handler: async () => ({ data: (await rules.list()).map((rule) => viewRule(rule)) }),
    });

    app.post('/rules', {
      config: { scope: 'admin' },
      schema: addRule,
      preValidation: takeBack(['id', 'createdAt', 'warnings']),
      handler: async (request, reply) => {
        const rule = parseRule(request.body, now());
        const warnings = await lookAtTargets(store, rule);
        await rules.add(rule, MAX_RULES);
        return reply.code(201).header('location', `/rules/${rule.id}`).send(viewRule(rule, warnings));
      },
    });

    app.get('/rules/:id', {
      config: { scope: 'read' },
      schema: getRule,
      handler: async (request) => {
        const rule = await rules.get(request.params.id);
        if (!rule) throw noSuchRule(request.params.id);
        return viewRule(rule);
      },
    });

    app.delete('/rules/:id', {
      config: { scope: 'admin' },
      schema: deleteRule,
      handler: async (request, reply) => {
        if (!(await rules.remove(request.params.id))) throw noSuchRule(request.params.id);
        return reply.code(204).send(null);
      },
    });
  };
}

const noSuchRule = (id: string) => problem('not-found', `There is no rule ${JSON.stringify(id)}.`);

/** Checks what the schema cannot say: which members go with which action. @throws problem */
function parseRule(raw: NewRule, now: number): StoredRule {
  const { action, items = [], categories = [], model = null, position, factor, amount } = raw;
  if (items.length + categories.length === 0) throw wrong('items or categories must name something.');
  items.forEach((id, i) => {
    const bad = idProblem(`items[${i}]`, id);
    if (bad) throw problem('invalid-id', `${bad}.`);
  });
  if (action === 'pin' && categories.length > 0) throw wrong('categories cannot be pinned; name items.');
  if (action !== 'pin' && position !== undefined) throw wrong(`position belongs to pin, not to ${action}.`);
  if (action === 'boost' && factor === undefined && amount === undefined) {
    throw wrong('factor is missing; a boost needs one, such as 2 for twice as probable.');
  }
  if (factor !== undefined && amount !== undefined) {
    throw wrong('factor and amount are two ways to say how much; leave amount out.');
  }
  for (const [name, value] of Object.entries({ factor, amount })) {
    if (action !== 'boost' && value !== undefined) throw wrong(`${name} belongs to boost, not to ${action}.`);
  }
  const from = time('from', raw.from);
  const until = time('until', raw.until);
  if (from !== null && until !== null && until <= from) throw wrong('until must be later than from.');
  return {
    id: `rule_${randomUUID()}`,
    action,
    items,
    categories,
    model,
    position: action === 'pin' ? (position ?? 1) : null,
    factor: factor ?? null,
    amount: amount ?? null,
    from,
    until,
    createdAt: now,
  };
}

/**
 * A pin of an item that is not there would show nothing, or an id that nobody knows; to hide or boost one that is to come is
 * sound, and said.
 */
async function lookAtTargets(
  { catalogue, models }: Pick<Store, 'catalogue' | 'models'>,
  rule: StoredRule,
): Promise<string[]> {
  const unknown = await catalogue.unknownItems(rule.items);
  const names = unknown.slice(0, 5).map((id) => JSON.stringify(id));
  const more = unknown.length > 5 ? ` and ${unknown.length - 5} more` : '';
  if (unknown.length > 0 && rule.action === 'pin') {
    throw wrong(
      `items[${rule.items.indexOf(unknown[0]!)}] is not known: neither the catalogue nor any interaction has ${names.join(', ')}${more}. Send it to POST /items first.`,
    );
  }
  const empty: string[] = [];
  for (const category of rule.categories) {
    if ((await catalogue.listItems({ category }, 1)).rows.length === 0) empty.push(category);
  }
  const isThere = rule.model === null || (await models.names()).includes(rule.model);
  return [
    ...empty.map((name) => `No item of the catalogue has the category ${JSON.stringify(name)}.`),
    ...(isThere
      ? []
      : [`There is no model ${JSON.stringify(rule.model)} yet; the rule changes nothing until there is.`]),
    ...(unknown.length > 0 ? [`Nothing is known yet of ${names.join(', ')}${more}.`] : []),
    ...(rule.amount === null
      ? []
      : ['amount is in units of scores that change with each training; factor keeps its meaning.']),
  ];
}

function time(field: string, value: string | number | undefined): number | null {
  if (value === undefined) return null;
  const parsed = parseTimestamp(value);
  if (Number.isNaN(parsed)) throw wrong(`${field} must be a time such as 2026-03-01T12:00:00Z.`);
  return parsed;
}

const wrong = (detail: string) => problem('invalid-request', detail);

function viewRule({ from, until, createdAt, ...rule }: StoredRule, warnings: readonly string[] = []) {
  const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  return {
    ...rule,
    factor: rule.factor ?? null,
    from: iso(from),
    until: iso(until),
    createdAt: new Date(createdAt).toISOString(),
    ...(warnings.length > 0 && { warnings }),
  } as never;
}
