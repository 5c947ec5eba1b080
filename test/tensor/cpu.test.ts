import { describe } from 'vitest';
import { engineContract } from './contract.ts';
import { trainingContract } from './training-contract.ts';

describe('ops on cpu', () => engineContract('cpu'));
describe('training on cpu', () => trainingContract('cpu'));
