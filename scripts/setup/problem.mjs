// @ts-check

/** Something the reader can mend: its message is one sentence, shown without a stack. */
export class SetupProblem extends Error {}
