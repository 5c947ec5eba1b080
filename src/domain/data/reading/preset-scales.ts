import type { EventMeaning } from '../event-meaning.ts';
import { completeEvent, type EventDeclaration } from '../event-type.ts';
import type { Installed } from '../weighting.ts';
import type { PresetName } from './presets.ts';

type Declarations = Readonly<Record<string, EventDeclaration>>;

/** Half stars from 0.5 to 5. */
const HALF_STARS: Declarations = { rating: { scale: { min: 0.5, max: 5, step: 0.5, likedFrom: 4 } } };

/** Declarations of types whose values have another scale in the files of a preset than they usually have. */
const SCALES: Partial<Record<PresetName, Declarations>> = {
  'movielens-10m': HALF_STARS,
  'movielens-20m': HALF_STARS,
  'movielens-25m': HALF_STARS,
  'movielens-32m': HALF_STARS,
  'movielens-latest': HALF_STARS,
  'movielens-ratings': HALF_STARS,
};

/** Complete declarations, by type, that the files of a preset need; none for most presets. */
export function scalesOf(preset: string | undefined): [type: string, meaning: EventMeaning][] {
  const scales = SCALES[preset as PresetName] ?? {};
  return Object.entries(scales).map(([type, declared]) => [type, completeEvent(type, declared)!]);
}

/**
 * Meanings of types while a file is read: what is declared, then the scale of the file's preset, then what is usual.
 * @param isDeclared true for types that somebody has declared
 * @param preset asked for each row, as preset=auto is known when the first has been read
 */
export function withScalesOf(
  installed: Installed,
  isDeclared: (type: string) => boolean,
  preset: () => string | undefined,
): Installed {
  let known: { preset: string | undefined; meanings: Map<string, EventMeaning> } | undefined;
  return (type) => {
    const name = preset();
    if (known === undefined || known.preset !== name) {
      const scales = scalesOf(name).filter(([each]) => !isDeclared(each));
      known = { preset: name, meanings: new Map(scales) };
    }
    return known.meanings.get(type) ?? installed(type);
  };
}
