import { type Described, rawValue, saidIn } from './values.ts';
import { type VectorColumn, vectorColumnOf } from './vector-field.ts';

/** Type of a field over all entities, as `encoding.ts` reads it, and a sentence about what is read in another way than it was sent. */
export interface FieldType {
  kind: 'number' | 'tokens' | 'vector';
  /** [entities that say a number] in the order of the entities; empty for a field of texts. */
  numbers: number[];
  /** Numbers of each list of a field of vectors. */
  length?: number;
  warning?: string;
}

interface Odd {
  entity: Described;
  count: number;
}

/** Numbers with at most so great a share of other things among them stay numbers. */
const MOST_ODD = 0.5;

/**
 * Decides over all entities what a field is. Texts alone are texts. Among numbers a text that begins with a zero, such as the
 * zip code 05146, makes texts of all; any other text that is no number is missing, unless more than half of what is said is such.
 * Lists of numbers of one length are vectors (see vectorColumnOf).
 *
 * @param noun for an entity in the warning
 * @returns null where no entity says anything
 */
export function typeOfField(
  entities: readonly Described[],
  name: string,
  noun: 'item' | 'user',
): FieldType | null {
  const lists = vectorColumnOf(entities, name);
  const vectors = lists && typeOfLists(lists, name, noun);
  if (vectors?.kind === 'vector') return vectors;
  const numbers: number[] = [];
  let said = 0;
  let number: Odd | undefined;
  let code: Odd | undefined;
  let text: Odd | undefined;
  for (const entity of entities) {
    const value = saidIn(entity, name);
    if (!value) continue;
    said++;
    if (value.number !== null) numbers.push(value.number);
    if (value.kind === 'number') number = counted(number, entity);
    else if (isCode(rawValue(entity, name))) code = counted(code, entity);
    else if (value.number === null) text = counted(text, entity);
  }
  if (said === 0) return null;
  if (!number) return vectors ?? { kind: 'tokens', numbers: [] };
  const example = ({ entity }: Odd) => `${shown(rawValue(entity, name))} of ${noun} ${idOf(entity)}`;
  const of = `${said} ${noun}s`;
  const mixed = code ?? (text && text.count > MOST_ODD * said ? text : undefined);
  if (mixed) {
    const warning = `${name} is a number for ${number.count} of ${of} (such as ${example(number)}) and a text for others (such as ${example(mixed)}): all of it is read as text`;
    return { kind: 'tokens', numbers: [], warning };
  }
  if (!text) return { kind: 'number', numbers };
  const warning = `${name} is a number, but for ${text.count} of ${of} something else (such as ${example(text)}), which counts as missing; send a number or nothing`;
  return { kind: 'number', numbers, warning };
}

function typeOfLists({ length, count, isVector, odd }: VectorColumn, name: string, noun: string): FieldType {
  if (!odd) return { kind: 'vector', numbers: [], length };
  const example = `${shown(rawValue(odd.entity, name))} of ${noun} ${idOf(odd.entity)}`;
  const of = `${name} is a list of ${length} numbers for ${count} ${noun}s, but for ${odd.count} something else (such as ${example})`;
  if (isVector)
    return {
      kind: 'vector',
      numbers: [],
      length,
      warning: `${of}, which counts as missing; send lists of one length, or nothing`,
    };
  const warning = `${of}: all of it is read as names; send lists of one length to have them read as vectors`;
  return { kind: 'tokens', numbers: [], warning };
}

/** The first entity is the example. */
function counted(odd: Odd | undefined, entity: Described): Odd {
  return { entity: odd?.entity ?? entity, count: (odd?.count ?? 0) + 1 };
}

/** Digits that begin with a zero, as codes do. */
function isCode(raw: unknown): boolean {
  return typeof raw === 'string' && /^\s*0\d+\s*$/.test(raw);
}

const MOST_SHOWN = 40;

function shown(raw: unknown): string {
  const text = JSON.stringify(raw);
  return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}...`;
}

function idOf(entity: Described): string {
  const { itemId, userId } = entity as { itemId?: string; userId?: string };
  return JSON.stringify(itemId ?? userId ?? null);
}
