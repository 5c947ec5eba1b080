import type * as tfjs from '@tensorflow/tfjs';

export type Tfjs = typeof tfjs;
export type Tensor = tfjs.Tensor;
export type Scalar = tfjs.Scalar;
