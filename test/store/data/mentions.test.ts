import { expect, it } from 'vitest';
import { mentions, withoutId } from '../../../src/store/data/mentions.ts';

it.each([
  ['ada,3,5', 'ada', true],
  ['"ada",3', 'ada', true],
  ['adam,3,5', 'ada', false],
  ['{"userId":"J\\u00f6rg"}', 'Jörg', true],
  ['{"userId":"J\\u00F6rg"', 'Jörg', true],
  ['{"userId":"a\\"b"}', 'a"b', true],
  ['{"userId":"\\ud83d\\ude00 x"}', '😀 x', true],
  ['"a""b",3', 'a"b', true],
  ['a.b,3', 'a.b', true],
  ['axb,3', 'a.b', false],
  ['a\\,3', 'a\\', true],
  ['cut in an escape \\u00', 'x', false],
  ['17,3', '7', false],
])('%s has %s as a word: %s', (line, id, wanted) => {
  expect(mentions(line, id)).toBe(wanted);
});

it.each([
  ['epoch 7 of 20', '7', 'epoch 7 of 20'],
  ['user "7" and \'7\' and 7', '7', 'user "[erased]" and \'[erased]\' and 7'],
  ['users customer-12 and customer-123', 'customer-12', 'users [erased] and customer-123'],
  ['user "a\\"b" is odd', 'a"b', 'user "[erased]" is odd'],
])('%s without %s is %s', (sentence, id, wanted) => {
  expect(withoutId(sentence, id)).toBe(wanted);
});
