import type { ReasonCode } from '../../domain/answers/recommendation.ts';
import { IMPRESSION_TYPE } from '../../domain/data/interaction.ts';
import type { Request, Sourced, Subject } from './request.ts';

/** Why an answer is not k items of the student, for people and for programs. */
export interface Reason {
  code: ReasonCode;
  text: string;
}

/** Why no model was asked. @param name the model that the request names */
export function whyNoModel(name: string | undefined, absence: string) {
  return { code: name === undefined ? ('no-model' as const) : ('no-usable-version' as const), text: absence };
}

/** The reason as answers show it. */
export function saidAs<Code extends string>({ code, text }: { code: Code; text: string }) {
  return { reason: text, reasonCode: code };
}

/** Why the student could not be asked. */
export function whyNotPersonal({ model, absence, options, history }: Request, { userId }: Subject): Reason {
  if (!model) return whyNoModel(options.model, absence);
  if (history.every(({ type }) => type === IMPRESSION_TYPE)) {
    return userId === null
      ? { code: 'empty-session', text: 'the session has no interaction' }
      : { code: 'unknown-user', text: 'no interaction of this user is known' };
  }
  return {
    code: 'nothing-counts',
    text: `none of the user's interactions counts for model ${model.name}: their items are unknown to it or their weight is 0`,
  };
}

/**
 * The reason of an answer as a whole; undefined for k items of the student.
 * @param resting number of items that fit, and were shown too often
 */
export function reasonFor(
  { options, filter, before }: Request,
  items: readonly Sourced[],
  notPersonal: Reason | undefined,
  resting: number,
): Reason | undefined {
  const { k, strict, scores } = options;
  const count = (...sources: Sourced['source'][]) =>
    items.filter(({ source }) => sources.includes(source)).length;
  const [padding, others] = [count('padding'), count('popularity', 'latest')];
  const fitting = items.length - padding;
  const rest =
    resting > 0
      ? `; ${resting} ${fitting > 0 ? 'more ' : ''}would fit, but ${resting === 1 ? 'was' : 'were'} shown as often as maxImpressions allows`
      : '';
  if (before > 0 && items.length === 0) {
    const text = `the pages before have shown all ${before} items that ${filter ? 'fit category and filter' : 'can be recommended'}${rest}`;
    return { code: 'exhausted', text };
  }
  const few = `${howMany(fitting)} ${filter ? fits(fitting) : 'can be recommended'}${before > 0 ? ', beside those of the pages before' : ''}${rest}`;
  if (padding > 0) {
    const text = `${few}; the last ${padding} are padding that does not`;
    return { code: 'padded', text: notPersonal ? `${notPersonal.text}; ${text}` : text };
  }
  if (resting > 0 && items.length === 0) return { code: 'shown-often', text: few };
  if (notPersonal) return fitting < k ? { ...notPersonal, text: `${notPersonal.text}; ${few}` } : notPersonal;
  if (fitting < k) {
    const isPure = strict || scores === 'probability';
    return {
      code: resting > 0 ? 'shown-often' : 'few-fit',
      text: isPure ? `the student has ${few.replace(/ (fits? |can )/, ' that $1')}` : few,
    };
  }
  if (others === 0) return undefined;
  const own = fitting - others;
  return {
    code: 'few-personal',
    text: `${howMany(own)} of the student ${filter ? fits(own) : 'can be recommended'}; the last ${others} are popular or new ones that do too`,
  };
}

const howMany = (items: number) =>
  items === 0 ? 'no item' : `only ${items} ${items === 1 ? 'item' : 'items'}`;
const fits = (items: number) => `${items > 1 ? 'fit' : 'fits'} category and filter`;
