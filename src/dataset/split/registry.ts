import type { CompleteSplit, SplitKinds } from '../../domain/tasks/split-spec.ts';
import * as kinds from '../../domain/tasks/splits.ts';
import type { SplitMethod } from './method.ts';
import * as methods from './methods.ts';

// A strategy without a method does not compile.
const byName: { [N in keyof SplitKinds]: SplitMethod<N> } = methods;
const byStrategy = new Map<string, unknown>(
  Object.entries(kinds).map(([name, { strategy }]) => [strategy, byName[name as keyof SplitKinds]]),
);

export function methodOf({ strategy }: CompleteSplit): SplitMethod<keyof SplitKinds> {
  return byStrategy.get(strategy) as SplitMethod<keyof SplitKinds>;
}
