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
  return [...all]
    .sort()
    .map((name) => licenceOf(name, root))
    .join('\n');
}

function manifestOf(name, root) {
  const file = join(root, 'node_modules', name, 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

function licenceOf(name, root) {
  const folder = join(root, 'node_modules', name);
  if (!existsSync(folder)) return '';
  const { version, license } = manifestOf(name, root);
  const texts = readdirSync(folder)
    .filter((file) => FILE.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return [`=== ${name} ${version} (${license})`, ...texts, ''].join('\n\n');
}
