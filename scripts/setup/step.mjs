// @ts-check

/**
 * @typedef {object} Context
 * @property {import('./state.mjs').SetupState} state steps write what they find out here
 * @property {NodeJS.ProcessEnv} env
 * @property {boolean | undefined} gpu whether TensorFlow with CUDA is wanted; undefined keeps what there is
 * @property {boolean} retry try again what failed before and can be done without
 */

/**
 * @typedef {object} Step
 * @property {string} name also its key in `--only` and in the state
 * @property {(context: Context) => boolean} isDone has to be cheap: it is all that an unchanged set-up costs
 * @property {(context: Context) => Promise<string>} run answers with what it did, in a few words
 */

export {};
