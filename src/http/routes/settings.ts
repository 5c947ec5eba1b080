import { Type } from 'typebox';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json } from '../docs/documentation.ts';

const SettingView = Type.Object({
  name: Type.String({ description: 'Name of the variable of the environment.', examples: ['PORT'] }),
  value: Type.Union([Type.String(), Type.Null()], {
    description: 'As text; null where it is unset, and always of a secret.',
  }),
  isSet: Type.Boolean({ description: 'Another value than its default.' }),
  isSecret: Type.Boolean(),
  description: Type.String({ description: 'What it is for, in Markdown.' }),
});

const EXAMPLE = {
  data: [
    {
      name: 'PORT',
      value: '3000',
      isSet: false,
      isSecret: false,
      description: 'Port to listen on.',
    },
    {
      name: 'API_KEYS',
      value: null,
      isSet: true,
      isSecret: true,
      description: '`sha256hex:scope+scope,...`: the first keys.',
    },
  ],
};

/** The settings that this api was started with, to look at; the environment is where they are changed. */
export function settingRoutes({ settings = [] }: Pick<AppDeps, 'settings'>) {
  return async (app: App): Promise<void> => {
    app.get('/settings', {
      config: { scope: 'admin' },
      schema: {
        operationId: 'listSettings',
        tags: ['operations'],
        summary: 'List the settings of the installation',
        description:
          'Those that this api process was started with, in the order of docs/settings.md; workers have their own environment. Secrets are left out, and so are users, passwords and queries in addresses.',
        response: {
          200: json('The settings.', Type.Object({ data: Type.Array(SettingView) }), { two: EXAMPLE }),
        },
        problems: {},
      },
      handler: async () => ({ data: [...settings] }),
    });
  };
}
