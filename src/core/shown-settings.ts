import type { TObject, TSchema } from 'typebox';

/** A setting of the installation as people may see it. */
export interface ShownSetting {
  name: string;
  /** As text; null where it is unset, and where it is a secret. */
  value: string | null;
  isSet: boolean;
  isSecret: boolean;
  /** Markdown, as in docs/settings.md. */
  description: string;
}

/** Values of settings with such names, or what they are hashes of, let people in. `x-secret` of a schema says it for another name. */
const SECRET = /(PASSWORD|HEADERS|KEYS?|SECRETS?|TOKENS?)$/;
/** User and password, and a query, which may hold a token. */
const IN_ADDRESSES = [/(?<=:\/\/)[^/\s]*@/g, /\?.*?(?=,[a-z]+:\/\/|$)/g];

/**
 * Settings in the order of their schema. Secrets are left out, and so are passwords and queries of addresses.
 * @param values as `readEnvironment` gives them, with defaults filled in
 */
export function showSettings(schema: TObject, values: Record<string, unknown>): ShownSetting[] {
  return Object.entries<TSchema>(schema.properties).map(([name, one]) => {
    const value = values[name];
    const fallback = 'default' in one ? one.default : undefined;
    const isSecret = SECRET.test(name) || ('x-secret' in one && one['x-secret'] === true);
    const isEmpty = value === undefined || value === '';
    return {
      name,
      value: isSecret || isEmpty ? null : withoutSecrets(String(value)),
      isSet: !isEmpty && value !== fallback,
      isSecret,
      description: 'description' in one ? String(one.description) : '',
    };
  });
}

function withoutSecrets(text: string): string {
  return text.includes('://') ? IN_ADDRESSES.reduce((shown, part) => shown.replace(part, ''), text) : text;
}
