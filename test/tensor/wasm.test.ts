import { describe } from 'vitest';
import { engineContract } from './contract.ts';
import { trainingContract } from './training-contract.ts';

describe('ops on wasm', () => engineContract('wasm'));
describe('training on wasm', () => trainingContract('wasm'));
