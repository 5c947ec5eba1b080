import type { Csr } from '../../dataset/matrix.ts';
import type { Tensor } from '../../tensor/engine.ts';
import type { TeacherState } from '../contract.ts';

/** The answers of a model of one form; `ease` gives it its name and size. */
export interface EaseForm {
  scores(histories: Csr): Tensor;
  project(directions: Float32Array, width: number): Float32Array;
  tensors(): TeacherState['tensors'];
  dispose(): void;
}
