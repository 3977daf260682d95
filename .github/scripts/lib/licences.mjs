/** The licences of what is bundled. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGE = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//;
const FILE = /^(licen[cs]e|copying|notice)(\.\w+)?$/i;

/**
 * The licences of the packages that `inputs` are files of, as one text. A package that comes as one
 * joined file holds its dependencies, so those that it declares are in it as well.
 */
export function licencesOf(inputs, root) {
  const named = inputs.flatMap((input) => PACKAGE.exec(input)?.[1] ?? []);
  const all = new Set(named);
  for (const name of all) {
    for (const dependency of Object.keys(manifestOf(name, root).dependencies ?? {}))
      all.add(dependency);
  }
  const names = [...all].filter((name) => existsSync(join(root, 'node_modules', name))).sort();
  // Many share a text to the letter.
  const byText = new Map();
  for (const name of names) {
    const text = textOf(name, root);
    byText.set(text, [...(byText.get(text) ?? []), name]);
  }
  return [...byText].map(([text, sharing]) => section(text, sharing, root)).join('\n\n');
}

function section(text, names, root) {
  const titles = names.map((name) => {
    const { version, license } = manifestOf(name, root);
    return `=== ${name} ${version}${license ? ` (${license})` : ''}`;
  });
  return `${titles.join('\n')}\n\n${text}`;
}

function manifestOf(name, root) {
  const file = join(root, 'node_modules', name, 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

function textOf(name, root) {
  const folder = join(root, 'node_modules', name);
  const files = readdirSync(folder).filter((file) => FILE.test(file));
  return files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
}
