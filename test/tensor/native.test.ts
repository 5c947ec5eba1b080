import { describe } from 'vitest';
import { engineContract } from './contract.ts';
import { nativeMissing } from './native-available.ts';
import { trainingContract } from './training-contract.ts';

const missing = await nativeMissing();
describe.skipIf(missing)(`ops on native${missing ? ` (skipped: ${missing})` : ''}`, () =>
  engineContract('native'),
);
describe.skipIf(missing)(`training on native${missing ? ` (skipped: ${missing})` : ''}`, () =>
  trainingContract('native'),
);
