import { describe, expect, it } from 'vitest';
import { suggestionIn } from '../../../../src/console/pages/data/suggestion.ts';

const OPTIONS = ['columns', 'delimiter', 'timestampFormat', 'preset', 'encoding', 'type'];

describe('suggestionIn', () => {
  it.each([
    [
      'The columns look like columns=userId:visitor,itemId:sku,rating:rating',
      'columns',
      'userId:visitor,itemId:sku,rating:rating',
    ],
    ['cells must be separated by commas, or delimiter=; says by what', 'delimiter', ';'],
    ['Numbers such as 12; say timestampFormat=s where they count seconds', 'timestampFormat', 's'],
    ['Try encoding=windows-1252.', 'encoding', 'windows-1252'],
  ])('finds the value in "%s"', (detail, option, value) => {
    expect(suggestionIn(detail, OPTIONS)).toEqual({ option, value });
  });

  it('takes no example for a proposal, and no option that it does not know', () => {
    expect(
      suggestionIn('columns= names the column for it, as in columns=userId:visitor', OPTIONS),
    ).toBeNull();
    expect(suggestionIn('say maxRejects=5', OPTIONS)).toBeNull();
    expect(suggestionIn('itemId is missing', OPTIONS)).toBeNull();
  });
});
