/** A request that somebody may want to make from elsewhere. */
export interface Call {
  method: string;
  /** The whole address. */
  url: string;
  json?: unknown;
  headers?: Record<string, string> | undefined;
  /** True: a key is sent, from the variable STILLHOUSE_KEY of the environment. */
  hasKey: boolean;
}

export type Language = 'curl' | 'JavaScript' | 'Python' | 'Go';
export const LANGUAGES: readonly Language[] = ['curl', 'JavaScript', 'Python', 'Go'];

const WRITERS: Record<Language, (call: Call) => string> = {
  curl: curlOf,
  JavaScript: javaScriptOf,
  Python: pythonOf,
  Go: goOf,
};

/** Code that makes the request and prints the answer, with the language's standard library alone. */
export const snippet = (language: Language, call: Call): string => WRITERS[language](call);

function headersOf({ json, headers = {} }: Call): [string, string][] {
  return Object.entries({ ...(json !== undefined && { 'content-type': 'application/json' }), ...headers });
}

/** Within single quotes of a shell. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

function curlOf(call: Call): string {
  const { method, url, json, hasKey } = call;
  const parts = [
    `curl ${method === 'GET' ? '' : `-X ${method} `}${quoted(url)}`,
    ...(hasKey ? ['-H "Authorization: Bearer $STILLHOUSE_KEY"'] : []),
    ...headersOf(call).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(json === undefined ? [] : [`-d ${quoted(JSON.stringify(json))}`]),
  ];
  return parts.join(' \\\n  ');
}

function javaScriptOf(call: Call): string {
  const { method, url, json, hasKey } = call;
  const headers = [
    ...(hasKey ? ['    authorization: "Bearer " + process.env.STILLHOUSE_KEY,'] : []),
    ...headersOf(call).map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)},`),
  ];
  const options = [
    ...(method === 'GET' ? [] : [`  method: ${JSON.stringify(method)},`]),
    ...(headers.length === 0 ? [] : ['  headers: {', ...headers, '  },']),
    ...(json === undefined ? [] : [`  body: JSON.stringify(${JSON.stringify(json)}),`]),
  ];
  const address = JSON.stringify(url);
  return [
    options.length === 0
      ? `const answer = await fetch(${address});`
      : `const answer = await fetch(${address}, {\n${options.join('\n')}\n});`,
    'if (!answer.ok) throw new Error(await answer.text());',
    'console.log(await answer.json());',
  ].join('\n');
}

function pythonOf(call: Call): string {
  const { method, url, json, hasKey } = call;
  const headers = [
    ...(hasKey ? ['    "authorization": "Bearer " + os.environ["STILLHOUSE_KEY"],'] : []),
    ...headersOf(call).map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)},`),
  ];
  // A string of JSON within a string of Python, as both escape alike.
  const data = json === undefined ? [] : [`body = ${JSON.stringify(JSON.stringify(json))}.encode()`];
  return [
    `import json${hasKey ? ', os' : ''}, urllib.request`,
    '',
    headers.length === 0 ? 'headers = {}' : `headers = {\n${headers.join('\n')}\n}`,
    ...data,
    `request = urllib.request.Request(${JSON.stringify(url)}, ${json === undefined ? '' : 'body, '}headers=headers, method=${JSON.stringify(method)})`,
    'with urllib.request.urlopen(request) as answer:',
    '    print(json.load(answer))',
  ].join('\n');
}

function goOf(call: Call): string {
  const { method, url, json, hasKey } = call;
  const body = json === undefined ? 'nil' : `strings.NewReader(${JSON.stringify(JSON.stringify(json))})`;
  const imports = [
    'fmt',
    'io',
    'net/http',
    ...(hasKey ? ['os'] : []),
    ...(json === undefined ? [] : ['strings']),
  ];
  return [
    'package main',
    '',
    `import (\n${imports.map((name) => `\t"${name}"`).join('\n')}\n)`,
    '',
    'func main() {',
    `\trequest, err := http.NewRequest(${JSON.stringify(method)}, ${JSON.stringify(url)}, ${body})`,
    '\tif err != nil {\n\t\tpanic(err)\n\t}',
    ...(hasKey ? ['\trequest.Header.Set("authorization", "Bearer "+os.Getenv("STILLHOUSE_KEY"))'] : []),
    ...headersOf(call).map(
      ([name, value]) => `\trequest.Header.Set(${JSON.stringify(name)}, ${JSON.stringify(value)})`,
    ),
    '\tanswer, err := http.DefaultClient.Do(request)',
    '\tif err != nil {\n\t\tpanic(err)\n\t}',
    '\tdefer answer.Body.Close()',
    '\ttext, err := io.ReadAll(answer.Body)',
    '\tif err != nil {\n\t\tpanic(err)\n\t}',
    '\tfmt.Println(string(text))',
    '}',
  ].join('\n');
}
