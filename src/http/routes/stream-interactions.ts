import { Type } from 'typebox';
import type { Answer } from '../docs/documentation.ts';
import { RESULTS } from '../rows/interaction-results.ts';
import { NDJSON } from '../rows/interaction-stream.ts';

export const StreamQuery = Type.Object(
  {
    results: Type.Optional(
      Type.Enum([...RESULTS], {
        description:
          'Which lines the answer has. refused (the default): refused lines, and {"settled": n} after each transaction. all: one per row; read them while you send. summary: the last line alone, for clients that read nothing before they have sent everything.',
        examples: ['all'],
      }),
    ),
  },
  { additionalProperties: false },
);

export const streamedBody = (example: object) => ({
  [NDJSON]: {
    schema: Type.String({ description: 'One interaction as JSON per line; as many lines as you like.' }),
    examples: { 'one row': `${JSON.stringify(example)}\n` },
  },
});

const ANSWER_LINES = `{"line":2,"status":"refused","error":{"code":"invalid-rows","detail":"itemId is missing; it must be text of 1-256 bytes"}}
{"settled":2}
{"summary":{"lastLine":2,"stored":1,"duplicates":0,"refused":1,"isComplete":true}}
`;

const answered: Answer = {
  description: 'Lines come while you send; what they say is stored is on disk.',
  headers: ['Cache-Control', 'X-Accel-Buffering'],
  content: {
    [NDJSON]: {
      schema: Type.String({
        description:
          'One JSON object per line: results of lines, {"settled": n} and at the end the summary, with an error where it ended early.',
      }),
      examples: { 'one good line, one bad': ANSWER_LINES },
    },
  },
};

export const streamInteractions = {
  operationId: 'streamInteractions',
  tags: ['data'],
  summary: 'Add interactions as a stream',
  description:
    'Takes lines of any number, for as long as they come, stores them in transactions of up to 1,000 lines and answers line by line meanwhile. With Content-Encoding gzip or zstd the lines come packed. Rows are judged as in POST /interactions, which takes such a body too.',
  querystring: StreamQuery,
  response: { 200: answered },
  problems: {
    'invalid-request': 'The body is empty; send one interaction as JSON per line.',
    'invalid-rows':
      'None of the 2 lines could be stored. Line 1: itemId is missing; it must be text of 1-256 bytes',
    'not-ready': 'The service is closing. The lines up to 2000 are settled; send those after it again.',
    'unsupported-media-type': `Content-Type must be ${NDJSON}; got application/json. POST /interactions takes that.`,
  },
};
