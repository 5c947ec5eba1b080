import type { StoredItem } from '../../domain/data/catalogue.ts';
import type { Comparison, Condition, Literal } from './parse.ts';

export type ItemPredicate = (item: StoredItem) => boolean;

/** A property that is a list holds what any of its values holds. */
type Property = (item: StoredItem) => unknown;

const OWN_PROPERTIES: Record<string, Property> = {
  itemId: (item) => item.itemId,
  title: (item) => item.title,
  category: (item) => item.categories,
  categories: (item) => item.categories,
  label: (item) => item.labels,
  labels: (item) => item.labels,
};

/** Closures, built once per filter: evaluating one allocates nothing. */
export function compileFilter(condition: Condition): ItemPredicate {
  switch (condition.kind) {
    case 'and': {
      const parts = condition.parts.map(compileFilter);
      return (item) => parts.every((part) => part(item));
    }
    case 'or': {
      const parts = condition.parts.map(compileFilter);
      return (item) => parts.some((part) => part(item));
    }
    case 'not': {
      const part = compileFilter(condition.part);
      return (item) => !part(item);
    }
    case 'in': {
      const values = new Set<unknown>(condition.values);
      return some(propertyAt(condition.path), (value) => values.has(value));
    }
    case 'range': {
      const { low, high } = condition;
      return some(propertyAt(condition.path), (value) => isLike(value, low) && value >= low && value <= high);
    }
    case 'compare':
      return comparison(propertyAt(condition.path), condition.operator, condition.value);
  }
}

function comparison(property: Property, operator: Comparison, expected: Literal): ItemPredicate {
  switch (operator) {
    case '=':
      return some(property, (value) => value === expected);
    case '!=': {
      const equal = some(property, (value) => value === expected);
      return (item) => !equal(item);
    }
    case '<':
      return some(property, (value) => isLike(value, expected) && value < expected);
    case '<=':
      return some(property, (value) => isLike(value, expected) && value <= expected);
    case '>':
      return some(property, (value) => isLike(value, expected) && value > expected);
    case '>=':
      return some(property, (value) => isLike(value, expected) && value >= expected);
  }
}

function some(property: Property, holds: (value: unknown) => boolean): ItemPredicate {
  return (item) => {
    const value = property(item);
    return Array.isArray(value) ? value.some(holds) : holds(value);
  };
}

/** A text is never smaller or greater than a number. */
function isLike<T extends Literal>(value: unknown, expected: T): value is T {
  return typeof value === typeof expected;
}

function propertyAt([first, ...rest]: readonly string[]): Property {
  const own = rest.length === 0 && Object.hasOwn(OWN_PROPERTIES, first!) ? OWN_PROPERTIES[first!] : undefined;
  if (own) return own;
  const steps = first === 'features' && rest.length > 0 ? rest : [first!, ...rest];
  return ({ features }) => {
    let value: unknown = features;
    for (const step of steps) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
      value = (value as Record<string, unknown>)[step];
    }
    return value;
  };
}
