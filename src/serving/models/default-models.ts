import type { DefaultModel, DefaultModels } from '../../domain/answers/default-model.ts';
import type { StoredDefaults } from '../../store/registry/contract.ts';
import type { Kind } from './kinds.ts';
import { defaultOf, type Slots } from './slots.ts';

export type { DefaultModels };

const memo = new WeakMap<StoredDefaults, Map<string, readonly string[]>>();

/**
 * Models in the order in which they are to answer where none is named: the chosen one, that of the setting, then the one
 * that went live first. So a further model changes nothing for callers.
 */
export function preferredOf(
  kind: Kind,
  stored: StoredDefaults,
  setting: string | undefined,
): readonly string[] {
  // Asked by every request, and the same from one reading of the registry to the next.
  const ofStored = memo.get(stored) ?? new Map<string, readonly string[]>();
  memo.set(stored, ofStored);
  const key = `${kind} ${setting}`;
  const known = ofStored.get(key);
  if (known) return known;
  const chosen = stored.chosen[kind];
  const made = [chosen, setting, ...stored.inOrder].filter((name) => name !== undefined);
  ofStored.set(key, made);
  return made;
}

/** The defaults as they are now, with where each is from, and what contradicts itself. */
export function defaultModels(
  slots: Slots,
  stored: StoredDefaults,
  setting: string | undefined,
): DefaultModels {
  const { chosen } = stored;
  const find = (kind: Kind): DefaultModel => {
    const model = defaultOf(slots, kind, preferredOf(kind, stored, setting));
    if (model === null) return { model, from: null };
    if (model === chosen[kind]) return { model, from: 'chosen' };
    return { model, from: model === setting ? 'setting' : 'first' };
  };
  const recommend = find('items');
  const labels = find('labels');
  const warnings: string[] = [];
  if (setting !== undefined) {
    const isLabels = slots.get(setting)?.kind === 'labels';
    const answering = isLabels ? labels : recommend;
    if (!slots.has(setting)) {
      warnings.push(`DEFAULT_MODEL is ${setting}, of which no version is live; ${saysWho(recommend)}.`);
    } else if (answering.model !== setting) {
      warnings.push(
        `DEFAULT_MODEL is ${setting}, but PUT /default-model has chosen ${answering.model}, which answers. Unset DEFAULT_MODEL, or DELETE /default-model.`,
      );
    }
  }
  for (const [kind, model] of Object.entries(chosen)) {
    if (slots.has(model)) continue;
    const answering = kind === 'labels' ? labels : recommend;
    warnings.push(`${model} was chosen, but no version of it is live; ${saysWho(answering)}.`);
  }
  return { recommend, labels, warnings };
}

const saysWho = ({ model }: DefaultModel) => (model === null ? 'no model answers' : `${model} answers`);
